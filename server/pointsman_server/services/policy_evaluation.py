"""Answers Evaluate: for whom, under which rules, with which models left and on which meters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from pointsman.v1 import policy_service_pb2 as pb

from pointsman_server.catalog.catalog import Catalog
from pointsman_server.clock import Clock
from pointsman_server.errors import FieldViolation, InvalidRequest, NotFound, RoleRequired
from pointsman_server.identity.credentials import AGENT_USER_PREFIX, Standing
from pointsman_server.identity.model import PLATFORM_TENANT, Principal, Role
from pointsman_server.identity.tenant_messages import principal_message
from pointsman_server.ledger.budgets import BudgetQuery, BudgetStore
from pointsman_server.ledger.meters import Meter, Scope
from pointsman_server.policy.engine import PROJECT_KEY, PolicyEngine
from pointsman_server.policy.model import PolicyRefusal, Verdict
from pointsman_server.router.router import Router
from pointsman_server.services.call import Call
from pointsman_server.services.policy_facts import ProposedCall, read_facts
from pointsman_server.services.policy_messages import (
    budget_meter,
    limit_message,
    policy_meters,
    refusal_message,
)
from pointsman_server.services.user_methods import sees_all

MODEL_KEY = "model"
"""Stands for the pinned model where a refusal names its key."""

_MOST_BUDGETS = 100


class Standings(Protocol):
    """Knows how somebody stands; ``identity.credentials.CredentialReader`` does."""

    async def standing(self, tenant_id: str, user_id: str) -> Standing | None:
        """How a user of a tenant stands; ``None``: there is no such tenant."""
        ...


@dataclass(frozen=True, slots=True)
class PolicyEvaluation:
    """Evaluates.

    Attributes:
        newest: waits until what the store holds now is in force.
    """

    engine: PolicyEngine
    newest: Callable[[], Awaitable[None]]
    standings: Standings
    budgets: BudgetStore
    router: Router
    catalog: Catalog
    clock: Clock

    async def answer(self, request: pb.EvaluateRequest, call: Call) -> pb.EvaluateResponse:
        """Answers a sound request.

        Raises:
            RoleRequired: it names somebody else, which only administrators and auditors may.
            NotFound: there is no such user.
            InvalidRequest: the model is not in the catalog.
        """
        principal = await self._principal(request, call)
        await self.newest()
        facts, asked = read_facts(request.facts), request.facts
        now = asked.time.ToDatetime(UTC) if asked.HasField("time") else self.clock.now()
        hidden = () if sees_all(call) else self._not_its_project(principal, facts, now)
        if hidden:
            facts = replace(facts, project_id="")
        found = self.engine.explain(principal, facts, now)
        left, refusals = self._models(found.verdict, asked.model)
        refusals = (*found.verdict.refusals, *hidden, *refusals)
        budgets = await self._budgets(principal, facts, call)
        return pb.EvaluateResponse(
            allowed=not refusals,
            refusals=map(refusal_message, refusals),
            limits=map(limit_message, found.limits),
            meters=[*map(budget_meter, budgets), *policy_meters(found.verdict.meters)],
            allowed_model_count=left,
            model_count=len(self.catalog.snapshot.models),
            principal=principal_message(principal),
            policy_generation=found.verdict.generation,
        )

    async def _principal(self, request: pb.EvaluateRequest, call: Call) -> Principal:
        caller = call.principal
        own = call.tenant_id == caller.tenant_id
        if own and not request.agent_id and request.user_id in {"", caller.user_id}:
            return caller
        if not sees_all(call):
            message = "Only administrators and auditors may ask for others; leave user_id and agent_id unset."
            raise RoleRequired(message, metadata={"role": Role.AUDITOR})
        agent_id = request.agent_id
        user_id = f"{AGENT_USER_PREFIX}{agent_id}" if agent_id else request.user_id
        standing = await self.standings.standing(call.tenant_id, user_id)
        if standing is None or (request.user_id and not standing.known):
            raise NotFound(
                f"There is no user {request.user_id}; ListUsers lists what there is.", metadata={"resource": "user"}
            )
        return _as_principal(standing, agent_id)

    def _not_its_project(self, principal: Principal, facts: ProposedCall, now: datetime) -> tuple[PolicyRefusal, ...]:
        """Why the project is not the principal's to charge. To whom it is not, nothing of it is shown either."""
        refusals = self.engine.evaluate(principal, facts, now).refusals
        return tuple(refusal for refusal in refusals if refusal.key == PROJECT_KEY)

    def _models(self, verdict: Verdict, name: str) -> tuple[int, tuple[PolicyRefusal, ...]]:
        """How many models the limits leave, and whether the pinned one is among them."""
        snapshot = self.catalog.snapshot
        left = self.router.left_by(verdict, snapshot)
        if not name:
            return len(left.rows), ()
        rows = list(snapshot.resolve(name))
        if not rows:
            problem = FieldViolation("facts.model", "names no model of the catalog; ListModels lists them")
            raise InvalidRequest(f"{problem.field}: {problem.description}", fields=(problem,))
        if left.standing[rows].any():
            return len(left.rows), ()
        told = f"the limits leave out {name} ({', '.join(sorted({drop.filter.reason for drop in left.drops}))})"
        return len(left.rows), (PolicyRefusal(MODEL_KEY, f"{told}; pin another one."),)

    async def _budgets(self, principal: Principal, facts: ProposedCall, call: Call) -> list[Meter]:
        """The budgets that the call would be charged on; the platform's are told to nobody else, as by ListBudgets."""
        owners = (PLATFORM_TENANT,) if call.principal.has(Role.PLATFORM_ADMIN) else ()
        agent_id = principal.agent_id or facts.agent_id
        named = ((Scope.PROJECT, facts.project_id), (Scope.USER, principal.user_id), (Scope.AGENT, agent_id))
        queries = [
            *(BudgetQuery((owner,), Scope.GLOBAL, page_size=_MOST_BUDGETS) for owner in owners),
            BudgetQuery((principal.tenant_id,), Scope.TENANT, page_size=_MOST_BUDGETS),
            *(
                BudgetQuery((principal.tenant_id,), scope, scope_id, page_size=_MOST_BUDGETS)
                for scope, scope_id in named
                if scope_id
            ),
        ]
        return [budget.meter for query in queries for budget in (await self.budgets.page(query))[0]]


def _as_principal(standing: Standing, agent_id: str) -> Principal:
    return Principal(
        tenant_id=standing.tenant_id,
        user_id=standing.user_id,
        roles=standing.roles,
        agent_id=agent_id,
        plan_id=standing.plan_id,
        project_ids=standing.project_ids,
        default_model=standing.default_model,
        plan_required=standing.plan_required,
    )
