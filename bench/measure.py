"""Rounds of the same load on several programs, in turn, so that what else the machine does meets all alike."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import uvloop

from bench.calls import Calls
from bench.load import Load, Outcome
from bench.processes import Program

WARM_UP = 50


@dataclass(frozen=True, slots=True)
class Target:
    """A program under measurement: how it is called, and whose processor time and memory count.

    Attributes:
        program: ``None``: only its times are of interest.
    """

    name: str
    calls: Calls
    program: Program | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is asked of every target alike.

    Attributes:
        baseline: the target whose processor time the others' is compared with.
        upstream: the target whose times are what the upstream takes by itself; empty: nothing is behind the calls.
    """

    name: str
    load: Load
    count: int
    targets: Sequence[Target]
    baseline: str
    upstream: str = ""


@dataclass(frozen=True, slots=True)
class Round:
    """One round on one target."""

    outcome: Outcome
    cpu_ms: float
    memory_mb: float


@dataclass(frozen=True, slots=True)
class Result:
    """A target's rounds, beside those of the upstream and the baseline that ran next to them."""

    scenario: Scenario
    name: str
    rounds: Sequence[Round]
    upstream: Sequence[Round]
    baseline: Sequence[Round]

    def median(self, figure: Callable[[Round], float]) -> float:
        """The middle of a figure over the rounds."""
        return statistics.median(map(figure, self.rounds))

    def first_ms(self, percent: int) -> float:
        """The middle of a percentile of the time to the first content."""
        return self.median(lambda each: each.outcome.first_ms(percent))

    def added_ms(self, percent: int) -> float:
        """The middle of what the target adds to the upstream's own time, at a percentile."""
        pairs = zip(self.rounds, self.upstream, strict=True)
        return statistics.median(
            mine.outcome.total_ms(percent) - bare.outcome.total_ms(percent) for mine, bare in pairs
        )

    @property
    def ratio(self) -> float:
        """The middle of the ratios of processor time to the baseline's in the same round.

        The system counts processor time in ticks of some 10 ms: a round that is too short for one has no ratio, and
        where none has one it is not a number.
        """
        pairs = zip(self.rounds, self.baseline, strict=True)
        ratios = [mine.cpu_ms / base.cpu_ms for mine, base in pairs if base.cpu_ms]
        return statistics.median(ratios) if ratios else math.nan

    @property
    def spread(self) -> tuple[float, float]:
        """The least and the most processor time of a round: how much to trust the middle."""
        times = [each.cpu_ms for each in self.rounds]
        return min(times), max(times)


def measure(scenario: Scenario, rounds: int) -> list[Result]:
    """Runs a scenario: every target once a round, each second round in the opposite order."""
    for target in scenario.targets:
        uvloop.run(scenario.load.run(target.calls, min(WARM_UP, scenario.count)))
    found: Mapping[str, list[Round]] = {target.name: [] for target in scenario.targets}
    for number in range(rounds):
        for target in scenario.targets[:: -1 if number % 2 else 1]:
            found[target.name].append(_round(scenario, target))
    upstream = found.get(scenario.upstream, [])
    return [
        Result(scenario, target.name, found[target.name], upstream, found[scenario.baseline])
        for target in scenario.targets
        if target.program is not None
    ]


def _round(scenario: Scenario, target: Target) -> Round:
    before = target.program.cpu_seconds() if target.program else 0.0
    outcome = uvloop.run(scenario.load.run(target.calls, scenario.count))
    if target.program is None:
        return Round(outcome, 0.0, 0.0)
    cpu_ms = (target.program.cpu_seconds() - before) * 1000 / scenario.count
    return Round(outcome, cpu_ms, target.program.memory_bytes() / 1e6)
