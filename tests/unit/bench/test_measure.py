"""The figures that a table is made of."""

import math
from collections.abc import Sequence

from bench.load import Closed, Outcome
from bench.measure import Result, Round, Scenario


def ratio(mine: Sequence[float], base: Sequence[float]) -> float:
    def rounds(times: Sequence[float]) -> list[Round]:
        return [Round(Outcome((), 1.0), cpu_ms, 0.0) for cpu_ms in times]

    scenario = Scenario("any", Closed(1), 1, (), "base")
    return Result(scenario, "mine", rounds(mine), (), rounds(base)).ratio


def test_the_ratio_is_the_middle_of_the_rounds_own() -> None:
    assert ratio([2.0, 9.0, 4.0], [1.0, 1.0, 1.0]) == 4.0


def test_rounds_too_short_for_a_tick_have_no_ratio() -> None:
    assert ratio([2.0, 9.0], [0.0, 3.0]) == 3.0
    assert math.isnan(ratio([2.0], [0.0]))
