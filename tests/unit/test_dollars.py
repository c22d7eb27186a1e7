from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman_server.dollars import MOST_AMOUNT_NANOS, dollars, nanos

AMOUNTS = st.integers(min_value=0, max_value=2**53)


@given(AMOUNTS)
def test_an_amount_survives_being_written_and_read(amount_nanos: int) -> None:
    assert nanos(dollars(amount_nanos)) == amount_nanos


@given(st.decimals(min_value=0, max_value=9_000_000, places=9))
def test_a_decimal_becomes_exactly_as_many_nanos(amount: Decimal) -> None:
    assert Decimal(nanos(str(amount))) == amount * 10**9


@pytest.mark.parametrize(
    ("text", "amount"),
    [("2.50", 2_500_000_000), ("0.000000001", 1), (3, 3_000_000_000), ("0", 0), (0, 0), ("1e-3", 1_000_000)],
)
def test_dollars_are_read(text: object, amount: int) -> None:
    assert nanos(text) == amount


def test_dollars_are_written_as_people_write_them() -> None:
    assert [dollars(amount) for amount in (0, 2_500_000_000, 75_000_000, 1)] == ["0.00", "2.50", "0.075", "0.000000001"]


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (2.5, 'in quotes, as in "2.5"'),
        (True, "dollars in quotes"),
        (None, "dollars in quotes"),
        (["1"], "dollars in quotes"),
        ("two", "must be dollars"),
        ("", "must be dollars"),
        ("-1", "not negative"),
        (-1, "not negative"),
        ("NaN", "plain amount"),
        ("Infinity", "plain amount"),
        ("1e999999999", "plain amount"),
        ("9007200", "at most 9007199 dollars"),
        ("0.0000000001", "finer than a nano-dollar"),
    ],
)
def test_what_is_no_price_is_refused(value: object, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        nanos(value)


def test_amounts_beyond_any_price_are_read_where_they_may_be() -> None:
    assert nanos("9223372036.854775807", MOST_AMOUNT_NANOS) == MOST_AMOUNT_NANOS
    with pytest.raises(ValueError, match="at most 9223372036 dollars"):
        nanos("9223372036.854775808", MOST_AMOUNT_NANOS)
