"""A provider's account against the bookings: what differs, by how much, and when that is an alarm."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from pointsman_server.ledger.comparison import Billed, Booked, Comparison, Figure, compare

THOUSANDTH_PPM = 1_000


def booked(model_id: str, cost_nanos: int, output_tokens: int = 0) -> Booked:
    figures = dict.fromkeys(Figure, 0) | {Figure.COST_NANOS: cost_nanos, Figure.OUTPUT_TOKENS: output_tokens}
    return Booked(model_id, figures, estimated_attempts=0, unpriced_attempts=0)


def billed(model: str, *model_ids: str, **figures: int) -> Billed:
    return Billed(model, frozenset(model_ids), {Figure(name): amount for name, amount in figures.items()})


def told(comparisons: list[Comparison]) -> list[tuple[str, int, int, bool]]:
    return [(each.model, each.billed, each.booked, each.alert) for each in comparisons]


def test_what_agrees_to_a_thousandth_is_no_alarm() -> None:
    account = [billed("a", "p/a", cost_nanos=1_000_000), billed("b", "p/b", cost_nanos=1_000_000)]
    found = compare(account, [booked("p/a", 1_001_000), booked("p/b", 998_999)], THOUSANDTH_PPM)
    assert told(found) == [("b", 1_000_000, 998_999, True), ("a", 1_000_000, 1_001_000, False)]


def test_only_stated_figures_are_compared() -> None:
    (found,) = compare([billed("a", "p/a", output_tokens=5)], [booked("p/a", 77, 5)], 0)
    assert (found.figure, found.alert) == (Figure.OUTPUT_TOKENS, False)


def test_rows_of_one_model_are_added_up_whatever_they_call_it() -> None:
    account = [billed("a", "p/a", cost_nanos=3), billed("a-2026-01-01", "p/a", cost_nanos=4, output_tokens=1)]
    found = compare(account, [booked("p/a", 7, 1)], 0)
    assert {(each.model, each.figure, each.billed, each.alert) for each in found} == {
        ("a", Figure.COST_NANOS, 7, False),
        ("a", Figure.OUTPUT_TOKENS, 1, False),
    }


def test_a_row_that_states_less_takes_nothing_from_the_other_and_adds_its_models() -> None:
    account = [
        billed("a", "p/a", cost_nanos=3, output_tokens=5),
        billed("a", "p/a-new", cost_nanos=4),
        billed("b", "p/b", cost_nanos=1),
    ]
    found = compare(account, [booked("p/a", 3, 5), booked("p/a-new", 4), booked("p/b", 1)], 0)
    both = frozenset({"p/a", "p/a-new"})
    assert {(each.model_ids, each.figure, each.billed, each.booked) for each in found} == {
        (both, Figure.COST_NANOS, 7, 7),
        (both, Figure.OUTPUT_TOKENS, 5, 5),
        (frozenset({"p/b"}), Figure.COST_NANOS, 1, 1),
    }


def test_the_largest_share_comes_first_and_millionths_decide_nothing() -> None:
    account = [
        billed("agrees", "p/1", cost_nanos=100),
        billed("halved", "p/2", cost_nanos=100),
        billed("one", "p/3", cost_nanos=1),
        billed("a hair", "p/4", cost_nanos=1_000_000_000),
        billed("b hair", "p/5", cost_nanos=1_000_000_000),
    ]
    sums = (100, 50, 2, 1_000_001_100, 1_000_001_900)
    found = compare(account, [booked(f"p/{number}", each) for number, each in enumerate(sums, 1)], 0)
    assert [each.model for each in found] == ["one", "halved", "a hair", "b hair", "agrees"]
    halfway = [billed("x", "p/x", cost_nanos=1), billed("y", "p/y", cost_nanos=10)]
    assert [each.model for each in compare(halfway, [booked("p/x", 2), booked("p/y", 3)], 0)] == ["x", "y"]


def test_unknown_names_are_not_taken_for_one_another() -> None:
    found = compare([billed("x", cost_nanos=3), billed("y", cost_nanos=4)], [], 0)
    assert told(found) == [("y", 4, 0, True), ("x", 3, 0, True)] or told(found) == [
        ("x", 3, 0, True),
        ("y", 4, 0, True),
    ]


def test_what_the_account_does_not_name_was_billed_nothing() -> None:
    found = compare([billed("a", "p/a", cost_nanos=1)], [booked("p/a", 1), booked("p/b", 9)], THOUSANDTH_PPM)
    assert told(found) == [("p/b", 0, 9, True), ("a", 1, 1, False)]


def test_a_row_of_all_models_is_compared_with_all_of_them() -> None:
    found = compare([billed("", cost_nanos=10)], [booked("p/a", 1), booked("p/b", 9)], 0)
    assert told(found) == [("", 10, 10, False)]


def test_nothing_billed_and_nothing_booked_agree() -> None:
    assert told(compare([billed("a", "p/a", cost_nanos=0)], [], 0)) == [("a", 0, 0, False)]


@given(st.integers(0, 2**64), st.integers(0, 2**64), st.integers(0, 1_000_000))
def test_the_alarm_is_exact(amount: int, total: int, tolerance_ppm: int) -> None:
    (found,) = compare([billed("", cost_nanos=amount)], [booked("p/a", total)], tolerance_ppm)
    assert found.alert == (abs(amount - total) > Fraction(tolerance_ppm, 1_000_000) * amount)
