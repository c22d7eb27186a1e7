"""The story of one completion. Read this first.

A call arrives authenticated. Its *facts* are read off the request; *policy* gives a verdict over them; the *router*
turns facts, verdict and catalog into a *plan of attempts*; the *ledger* holds the worst case of the first attempt
before any byte leaves; a *supervisor* makes the attempts, settles each and relays the answer. The caller may go away
at any moment: the supervisor stays.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, replace

from pointsman.v1.completion_pb2 import DELIVERY_WHOLE, CompletionSpecification, Delivery
from pointsman.v1.decision_pb2 import Decision, DecisionOutcome
from pointsman.v1.router_service_pb2 import CompleteResponse

from pointsman_server.catalog.catalog import Catalog
from pointsman_server.catalog.snapshot import Snapshot
from pointsman_server.clock import Clock
from pointsman_server.errors import ContentRefused, PointsmanError
from pointsman_server.execution.charges import charge_of, claim_of
from pointsman_server.execution.content import CheckedRequest, ContentChecker, findings
from pointsman_server.execution.model import Completion
from pointsman_server.execution.policy_meters import policy_meters
from pointsman_server.execution.relay import Relay
from pointsman_server.execution.shared_relay import SharedReader
from pointsman_server.execution.supervisor import Supervisor
from pointsman_server.identity.model import Principal, Role
from pointsman_server.ids import NewId
from pointsman_server.ledger.claims import ClaimKey, IdempotencyKey
from pointsman_server.ledger.generations import Generations, GenerationsChanged, GenerationWatch
from pointsman_server.ledger.model import DecisionEntry, OutcomeEntry
from pointsman_server.ledger.store import Ledger
from pointsman_server.policy.checks.merge import ordered
from pointsman_server.policy.engine import PolicyEngine
from pointsman_server.policy.kill_keeper import KillKeeper
from pointsman_server.policy.kill_switch import spared
from pointsman_server.policy.model import Verdict
from pointsman_server.policy.refusals import refused
from pointsman_server.router.facts import facts_of
from pointsman_server.router.model import Facts, Plan
from pointsman_server.router.record import decision_message
from pointsman_server.router.refusals import check_pins, not_eligible
from pointsman_server.router.router import Router
from pointsman_server.router.tokenizers import Tokenizers

# The settlement and the status need this much of the caller's time, but never more than this share of it.
_LAST_WORD_S = 0.05
_LAST_WORD_SHARE = 0.1

_PLANS = 3
"""How often a call is planned at the most, where what it is planned under keeps changing."""

_OVERTAKEN_S = 0.5
"""How old the store's word may be under which a call is let in that was planned so often. What changed since came after
the call, so that it need not hold for it; else changes in one tenant could keep out the calls of all.
"""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a caller of ``complete`` gave."""

    specification: CompletionSpecification
    delivery: Delivery.ValueType
    renew: Callable[[], Awaitable[Principal]]
    received_at: float
    deadline: float | None
    idempotency_key: IdempotencyKey | None


@dataclass(frozen=True, slots=True)
class _Word:
    """What the store said of an outdated plan, and when, on the monotonic clock."""

    found: Generations
    heard_at: float


@dataclass(frozen=True, slots=True)
class _Decided:
    """What became of a call before anything was held.

    Attributes:
        content: the request as it may be sent; ``None``: nothing may.
        refusal: of a kill switch or a content check.
    """

    verdict: Verdict
    plan: Plan
    decision: Decision
    content: CheckedRequest | None
    refusal: PointsmanError | None = None


@dataclass(frozen=True, slots=True)
class Gateway:
    """Routes and completes.

    Attributes:
        new_seed: makes the seed that breaks a decision's ties; recorded with it.
        watch: knows what calls are planned under.
        policy_at_least: waits until this version of policy is in force.
        kills: knows the kill switches in force.
        content: makes the content checks that verdicts order.
        total_timeout_ms: how long a completion may take, whatever its deadline.
    """

    catalog: Catalog
    policy: PolicyEngine
    router: Router
    tokenizers: Tokenizers
    ledger: Ledger
    supervisor: Supervisor
    clock: Clock
    new_id: NewId
    new_seed: Callable[[], int]
    watch: GenerationWatch
    kills: KillKeeper
    content: ContentChecker
    policy_at_least: Callable[[int], Awaitable[None]]
    total_timeout_ms: int

    async def route(
        self,
        specification: CompletionSpecification,
        *,
        principal: Principal,
    ) -> Decision:
        """Says which model would serve and records that; calls no provider.

        Raises:
            UnknownPin: a pinned name is not in the catalog.
            KillSwitchPulled: a kill switch stops the call.
            PolicyRefused, NotAMember: policy refuses the call.
            StoreUnavailable: the decision could not be recorded.
        """
        decided = await self._decide(specification, principal, ask=False)
        entry = DecisionEntry(principal.tenant_id, principal.user_id, decided.decision)
        if decided.verdict.refusals or decided.refusal is not None:
            raise await self._refuse(decided, entry)
        await self.ledger.record(entry)
        return decided.decision

    async def complete(
        self,
        specification: CompletionSpecification,
        *,
        delivery: Delivery.ValueType,
        principal: Principal,
        renew: Callable[[], Awaitable[Principal]],
        received_at: float,
        deadline: float | None,
        idempotency_key: IdempotencyKey | None = None,
    ) -> AsyncGenerator[CompleteResponse, None]:
        """Runs a completion; the responses carry its numbered events.

        Calls of one user with the same request id share one completion: the first runs it, the others join.

        Args:
            specification: what the caller needs, validated.
            delivery: whether deltas or the whole message travel.
            principal: who is asking.
            renew: says so as it is now; raises where nobody is any more.
            received_at: when the call came, on the monotonic clock, in seconds.
            deadline: when the caller stops waiting, on the same clock; ``None``: never.
            idempotency_key: the request id that the caller gave, if it gave one.

        Raises:
            PointsmanError: the call was refused, or failed; content that came before stays valid.
        """
        asked = _Asked(specification, delivery, renew, received_at, deadline, idempotency_key)
        word: _Word | None = None
        for tries_left in reversed(range(_PLANS)):
            relay = self._join(principal, idempotency_key) or await self._start(asked, None if tries_left else word)
            try:
                async for response in relay:
                    yield response
            except GenerationsChanged as outdated:
                # Nothing has been told or sent yet, unless an attempt failed before.
                if outdated.failure is not None or not tries_left:
                    raise
                self.watch.saw(outdated.found)
                word = _Word(outdated.found, self.clock.monotonic())
            else:
                return
            finally:
                relay.close()

    async def _start(self, asked: _Asked, word: _Word | None) -> Relay | SharedReader:
        """Plans a completion and starts it. The store's last word is given where there is no other time for it."""
        generations = self.watch.admitting()
        principal = await asked.renew()  # only now: what is revoked from here on, the ledger notices
        decided = await self._decide(asked.specification, principal)
        plan, decision = decided.plan, decided.decision
        entry = DecisionEntry(principal.tenant_id, principal.user_id, decision)
        if not plan.attempts or decided.content is None:
            raise await self._refuse(decided, entry)
        completion_id = self.new_id("cmp")
        charge = charge_of(completion_id, decision.decision_id, plan.facts, principal)
        return self.supervisor.start(
            Completion(
                completion_id=completion_id,
                content=decided.content,
                plan=plan,
                decision=entry,
                charge=charge,
                whole=asked.delivery == DELIVERY_WHOLE,
                received_at=asked.received_at,
                deadline=self._end(asked.received_at, asked.deadline),
                claim=claim_of(asked.idempotency_key, charge, self.clock.now()),
                generations=generations,
                policy_meters=policy_meters(decided.verdict.meters),
                overtaken=word is not None and self._holds(word, generations),
            )
        )

    def _join(self, principal: Principal, idempotency_key: IdempotencyKey | None) -> SharedReader | None:
        """The call that has the request id on this server."""
        if idempotency_key is None:
            return None
        key = ClaimKey(principal.tenant_id, principal.user_id, idempotency_key.request_id)
        return self.supervisor.join(key, idempotency_key.body_digest)

    def _holds(self, word: _Word, generations: Generations) -> bool:
        """Whether a call was planned under what the store said, and lately."""
        lately = self.clock.monotonic() - word.heard_at <= _OVERTAKEN_S
        return lately and not word.found.changed_since(generations)

    def _end(self, received_at: float, deadline: float | None) -> float:
        """When the completion must end: a moment before the caller stops waiting, so that its end still gets there."""
        latest = received_at + self.total_timeout_ms / 1000
        if deadline is None:
            return latest
        return min(latest, deadline - min(_LAST_WORD_S, _LAST_WORD_SHARE * (deadline - received_at)))

    async def _decide(
        self, specification: CompletionSpecification, principal: Principal, *, ask: bool = True
    ) -> _Decided:
        """Facts, verdict, checks of the content, plan: no I/O, unless ``ask`` lets a provider moderate what is sent.
        The seed and the versions in the record make it repeatable.
        """
        await self.policy_at_least(self.watch.current.policy)
        kills = await self.kills.at_least(self.watch.current.kill)
        facts = await self._facts(specification, principal)
        snapshot = self.catalog.snapshot
        check_pins(snapshot, facts.preferences)
        verdict = spared(self.policy.evaluate(principal, facts, self.clock.now()), kills, principal.tenant_id)
        if (killed := kills.stopping(principal.tenant_id)) is not None:
            error = killed.refusal(to_operator=principal.has(Role.PLATFORM_ADMIN))
            return self._refused(facts, verdict, f"Refused by the kill switch: {error.metadata['scope']}.", error)
        if verdict.refusals:
            keys = ", ".join(refusal.key for refusal in verdict.refusals)
            return self._refused(facts, verdict, f"Refused by policy: {keys}.")
        try:
            content = await self.content.check(specification, ordered(verdict.content_checks), ask=ask)
        except ContentRefused as refusal:
            return self._refused(facts, verdict, f"Refused by {refusal.metadata['check']}.", refusal)
        if content.specification is not specification:  # what is sent is what counts
            facts = await self._facts(content.specification, principal)
        return self._planned(facts, verdict, content, snapshot)

    async def _facts(self, specification: CompletionSpecification, principal: Principal) -> Facts:
        facts = facts_of(specification)
        agent_id = facts.agent_id or principal.agent_id
        facts = replace(facts, agent_id=agent_id, default_model=principal.default_model)
        if self.tokenizers:
            facts = replace(facts, counted=await self.tokenizers.count(specification))
        return facts

    def _planned(self, facts: Facts, verdict: Verdict, content: CheckedRequest, snapshot: Snapshot) -> _Decided:
        plan = self.router.plan(facts, verdict, snapshot, self.new_seed(), calibration=self.supervisor.calibration)
        decision = decision_message(plan, self.new_id("dec"), self.clock.now(), verdict.generation)
        decision.facts.content_findings.extend(findings(content.counts))
        return _Decided(verdict, plan, decision, content)

    def _refused(self, facts: Facts, verdict: Verdict, why: str, refusal: PointsmanError | None = None) -> _Decided:
        plan = self.router.refused(facts, self.catalog.snapshot, self.new_seed(), why)
        decision = decision_message(plan, self.new_id("dec"), self.clock.now(), verdict.generation)
        return _Decided(verdict, plan, decision, None, refusal)

    async def _refuse(self, decided: _Decided, entry: DecisionEntry) -> PointsmanError:
        """Records a decision that let no model serve, and returns the error that explains it."""
        decision_id, verdict = entry.decision.decision_id, decided.verdict
        if decided.refusal is not None:
            error = decided.refusal
            error.metadata = {**error.metadata, "decision_id": decision_id}
        else:
            error = refused(verdict, decision_id) if verdict.refusals else not_eligible(decided.plan, decision_id)
        outcome = DecisionOutcome(status=error.status.name)
        await self.ledger.record(entry, OutcomeEntry(entry.tenant_id, decision_id, outcome))
        return error
