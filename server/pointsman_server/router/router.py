"""The router: facts, verdict, catalog and seed in, a plan of attempts out. Pure: same inputs, same plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from pointsman_server.catalog.snapshot import Snapshot
from pointsman_server.policy.model import Verdict
from pointsman_server.router.attempts import Ranked, attempt_order
from pointsman_server.router.calibration import UNTAUGHT, Calibration
from pointsman_server.router.candidates import candidates
from pointsman_server.router.contest import Contest
from pointsman_server.router.eligibility import Eligibility, pinned_exclusions
from pointsman_server.router.explanation import explain_default, explain_leader, explain_none
from pointsman_server.router.field import Field
from pointsman_server.router.model import TOP_CANDIDATES, Candidate, Defaults, Facts, Plan, Profile, SkippedPreference
from pointsman_server.router.names import skipped_models, skipped_providers
from pointsman_server.router.problem import Problem
from pointsman_server.router.ranking import ranking
from pointsman_server.router.screening import Screenings
from pointsman_server.router.snapshot_index import SnapshotIndex, index_of, with_overheads
from pointsman_server.router.strategies.default_model import defaults_first
from pointsman_server.router.strategies.preference import outweigh, preferred
from pointsman_server.router.strategies.provider_priority import in_priority
from pointsman_server.router.strategies.table import STRATEGIES, profile_of
from pointsman_server.router.strategies.tenant_default import by_default, default_alone, default_first
from pointsman_server.router.tables import FALLBACK_CHAIN, PURPOSES
from pointsman_server.router.version import router_version
from pointsman_server.telemetry import frames

_log = structlog.get_logger(__name__)

_NO_WISHES = Defaults()

_BY_QUALITY = frozenset({Profile.BALANCED, Profile.BEST})
"""Where a caller weighs cost or time most, that measure decides alone: no default model, no order of providers, and the
next best by it takes over instead of the chain."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What was derived from a snapshot: its columns as the rows state them, and what holds with overheads added."""

    index: SnapshotIndex
    overheads: Mapping[str, int]
    screenings: Screenings


class Router:
    """Makes plans.

    Args:
        overhead_tokens: by dialect, what chat templates and tool prompts add to the input at most, where a model's
            row does not say. Every dialect that a provider in the catalog speaks must be there.
        defaults: what the operator wants where a request does not say.
    """

    def __init__(self, *, overhead_tokens: Mapping[str, int], defaults: Defaults = _NO_WISHES) -> None:
        self._overhead_tokens = dict(overhead_tokens)
        self._defaults = defaults
        self._version = router_version(defaults)
        self._prepared: tuple[_Prepared, ...] = ()

    def prepare(self, snapshot: Snapshot) -> None:
        """Derives what plans over this snapshot need, ahead of the first one; may run on another thread."""
        self._prepared_for(snapshot, UNTAUGHT.overheads)

    def plan(
        self,
        facts: Facts,
        verdict: Verdict,
        snapshot: Snapshot,
        seed: int,
        *,
        calibration: Calibration = UNTAUGHT,
    ) -> Plan:
        """Returns the models to try, in order, and everything that explains the order. Empty: none is eligible.

        What the calibration tells is an input like the others; the plan holds the figures.
        """
        prepared = self._prepared_for(snapshot, calibration.overheads)
        problem = Problem(facts, verdict, prepared.index, self._defaults, calibration)
        found, field = prepared.eligible(problem, _purpose_rows(problem))
        profile = profile_of(facts, self._defaults.profile)
        chain = _chain(problem, profile)
        ranks, attempts, explanation = _decide(problem, field, profile, chain, seed) if len(found.rows) else _NOBODY
        dropped = found.exclusions
        return Plan(
            facts=facts,
            attempts=attempts,
            candidates=ranks,
            eligible_count=len(found.rows),
            considered_count=len(snapshot.models),
            exclusions=dropped,
            skipped_preferences=_skipped(problem, found, chain),
            seed=seed,
            profile=profile,
            catalog_version=snapshot.version,
            router_version=self._version,
            explanation=explanation or explain_none(dropped, len(snapshot.models)),
            pinned_exclusions=pinned_exclusions(problem, dropped),
        )

    def refused(self, facts: Facts, snapshot: Snapshot, seed: int, explanation: str) -> Plan:
        """The plan of a call that policy refuses: no model was looked at."""
        return Plan(
            facts=facts,
            attempts=(),
            candidates=(),
            eligible_count=0,
            considered_count=0,
            exclusions=(),
            skipped_preferences=(),
            seed=seed,
            profile=profile_of(facts, self._defaults.profile),
            catalog_version=snapshot.version,
            router_version=self._version,
            explanation=explanation,
        )

    def left_by(self, verdict: Verdict, snapshot: Snapshot) -> Eligibility:
        """The models that policy leaves, before anything else is asked of them."""
        return self._prepared_for(snapshot, UNTAUGHT.overheads).left_by(verdict)

    def _prepared_for(self, snapshot: Snapshot, overheads: Mapping[str, int]) -> Screenings:
        known = next((each for each in self._prepared if each.index.snapshot is snapshot), None)
        if known is not None and known.overheads is overheads:
            return known.screenings
        stated = index_of(snapshot, self._overhead_tokens) if known is None else known.index
        screenings = Screenings(with_overheads(stated, overheads), self._defaults)
        others = [each for each in self._prepared if each is not known]
        # Two are kept: the next snapshot is prepared while calls still read the last.
        self._prepared = (_Prepared(stated, overheads, screenings), *others[:1])
        return screenings


_Ranking = tuple[tuple[Candidate, ...], tuple[Candidate, ...], str]
_NOBODY: _Ranking = ((), (), "")


def _decide(problem: Problem, field: Field, profile: Profile, chain: tuple[str, ...], seed: int) -> _Ranking:
    """Ranks the eligible; where that fails, takes the tenant's default model, which no filter dropped."""
    try:
        return _rank(problem, field, profile, chain, seed)
    except Exception as defect:
        alone = default_alone(problem, field)
        if alone is None:
            raise
        _log.error("scoring_failed", default_model=problem.facts.default_model, exception=frames(defect))
        contest = Contest(problem, alone)
        (leader,) = candidates(contest, by_default(contest), [0], {0})
        considered = len(problem.snapshot.models)
        explanation = explain_default(leader, eligible=len(field.rows), considered=considered)
        return (leader,), (leader,), explanation


def _rank(problem: Problem, field: Field, profile: Profile, chain: tuple[str, ...], seed: int) -> _Ranking:
    """Returns the candidates, the attempts and the explanation."""
    contest = Contest(problem, field)
    base = STRATEGIES[profile](contest)
    wishes = preferred(contest)
    if profile in _BY_QUALITY:
        base = defaults_first(contest, base)
        wishes = wishes or in_priority(contest)
    scores = default_first(contest, base if wishes is None else outweigh(base, wishes))
    ranks, tied = ranking(lambda: (-scores.total, *scores.ties()), field.id_hash, seed, TOP_CANDIDATES)
    tries = attempt_order(Ranked(contest, ranks, base.total, scores.total, wishes), chain, _attempt_limit(problem))
    # A chain's model, or another provider's, may be tried without being among the highest-ranked.
    positions = [*ranks, *(position for position in tries if position not in ranks)]
    known = dict(zip(positions, candidates(contest, scores, positions, tied), strict=True))
    leader = known[ranks[0]]
    considered = len(problem.snapshot.models)
    return (
        tuple(known[position] for position in ranks),
        tuple(known[position] for position in tries),
        explain_leader(leader, profile, eligible=len(field.rows), considered=considered, tied=len(tied)),
    )


def _attempt_limit(problem: Problem) -> int:
    asked = problem.preferences.allow_fallback
    allowed = problem.verdict.allow_fallback if asked is None else asked
    return problem.verdict.max_attempts if allowed else 1


def _purpose_rows(problem: Problem) -> tuple[int, ...]:
    purpose = PURPOSES.get(problem.facts.purpose)
    names = purpose.models if purpose else ()
    return tuple(row for name in names for row in problem.snapshot.resolve(name))


def _chain(problem: Problem, profile: Profile) -> tuple[str, ...]:
    """The fallback chain, where it applies: not where the caller pins models, weighs another measure or wants one."""
    applies = profile in _BY_QUALITY and not problem.preferences.pinned_models and _attempt_limit(problem) > 1
    return FALLBACK_CHAIN if applies else ()


def _skipped(problem: Problem, found: Eligibility, chain: tuple[str, ...]) -> tuple[SkippedPreference, ...]:
    hints, snapshot = problem.preferences, problem.snapshot
    purpose = PURPOSES.get(problem.facts.purpose)
    if not (hints.preferred_models or hints.preferred_providers or purpose or chain):
        return ()
    return (
        *skipped_models(snapshot, found, hints.preferred_models, "preferred_models"),
        *skipped_providers(snapshot, found, hints.preferred_providers, "preferred_providers"),
        *skipped_models(snapshot, found, purpose.models if purpose else (), "purpose"),
        *skipped_models(snapshot, found, chain, "fallback_chain"),
    )
