"""What applies to one subject, merged once for each set of conditions that are met, and kept with the snapshot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pointsman_server.policy.bought import Bought
from pointsman_server.policy.limits import ServerLimits, verdict_of
from pointsman_server.policy.merge import Demand, MergedLimit, merged
from pointsman_server.policy.model import PolicyMeter, Verdict
from pointsman_server.policy.rule import Rule
from pointsman_server.policy.rules.metered import MeteredKind
from pointsman_server.policy.rules.table import KINDS, AnyKind
from pointsman_server.policy.situation import Situation, is_met
from pointsman_server.policy.snapshot import Subject

MOST_KEPT = 16
"""For how many sets of met conditions the outcome is kept; the oldest goes first."""

Met = tuple[bool | None, ...]
"""Which conditions are met, in the order of the conditional rules; of those that are ``None`` nobody knows."""


@dataclass(frozen=True, slots=True)
class Check:
    """A limit that may refuse a call, and the rules that set it."""

    kind: AnyKind
    limit: Any
    rule_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """What one set of rules comes to.

    Attributes:
        verdict: without what depends on the call itself.
        checks: what is asked of each call.
        of_run: the rules that count each run by itself.
    """

    verdict: Verdict
    checks: tuple[Check, ...]
    of_run: tuple[tuple[MeteredKind, Rule], ...]


class Applicable:
    """The rules, the plan and the settings that one subject is under."""

    def __init__(
        self, subject: Subject, rules: Sequence[Rule], bought: Bought, server: ServerLimits, generation: int
    ) -> None:
        self._subject = subject
        self._bought = bought
        self._server = server
        self._generation = generation
        self._always = tuple(rule for rule in rules if not rule.condition.is_set)
        self._sometimes = tuple(rule for rule in rules if rule.condition.is_set)
        self._merged: dict[Met, Merged] = {}

    def met(self, at: Situation) -> Met:
        """Which conditions are met."""
        return tuple(is_met(rule, at) for rule in self._sometimes) if self._sometimes else ()

    def merged(self, met: Met) -> Merged:
        """What the rules come to, where these conditions are met."""
        known = self._merged.get(met)
        if known is None:
            if len(self._merged) >= MOST_KEPT:
                del self._merged[next(iter(self._merged))]
            known = self._merged[met] = self._merge(met)
        return known

    def limits(self, met: Met, asked: Mapping[str, Demand]) -> dict[str, MergedLimit]:
        """The limits by key, in the order of the table, with what a request itself asks for."""
        taking, not_now = _by_key(self._taking(met)), _by_key(self._not_now(met))
        fixed = self._fixed(asked)
        return {
            key: merged(kind, fixed[key], taking[key], not_now[key])
            for key, kind in KINDS.items()
            if fixed[key] or taking[key] or not_now[key]
        }

    def _taking(self, met: Met) -> list[Rule]:
        """Those that hold, and those of which that is not known: these may make a limit tighter, and take no place."""
        return [
            *self._always,
            *(
                rule if holds else replace(rule, overrides=False)
                for rule, holds in zip(self._sometimes, met, strict=True)
                if holds is not False
            ),
        ]

    def _not_now(self, met: Met) -> list[Rule]:
        return [rule for rule, holds in zip(self._sometimes, met, strict=True) if holds is False]

    def _fixed(self, asked: Mapping[str, Demand]) -> defaultdict[str, list[Demand]]:
        fixed: defaultdict[str, list[Demand]] = defaultdict(list)
        for key, demand in (*self._server.demands(), *self._bought.demands, *asked.items()):
            fixed[key].append(demand)
        return fixed

    def _merge(self, met: Met) -> Merged:
        limits = self.limits(met, {})
        rules = {rule.rule_id: rule for rule in self._taking(met)}
        meters, of_run = list(self._bought.meters), []
        for limit in limits.values():
            if isinstance(limit.kind, MeteredKind):
                stand = [rules[rule_id] for rule_id in _standing_ids(limit)]
                if limit.kind.of_run:
                    of_run += [(limit.kind, rule) for rule in stand]
                else:
                    meters += [limit.kind.meter(rule, self._subject.tenant_id) for rule in stand]
        verdict = verdict_of(self._server, limits, self._bought.refusals, self._generation, _unique(meters))
        checks = tuple(
            Check(each.kind, each.limit, each.rule_ids)
            for each in limits.values()
            if each.limit is not None and each.kind.refuses
        )
        return Merged(verdict, checks, tuple(of_run))


def _by_key(rules: Sequence[Rule]) -> defaultdict[str, list[Rule]]:
    found: defaultdict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        found[rule.key].append(rule)
    return found


def _standing_ids(limit: MergedLimit) -> list[str]:
    return [each.demand.source_id for each in limit.contributions if each.stands and each.demand.source == "rule"]


def _unique(meters: Sequence[PolicyMeter]) -> tuple[PolicyMeter, ...]:
    """One meter for each name: of two quotas that count the same the lesser holds."""
    found: dict[str, PolicyMeter] = {}
    for meter in meters:
        other = found.get(meter.meter_id)
        if other is None or meter.limit < other.limit:
            found[meter.meter_id] = meter
    return tuple(found.values())
