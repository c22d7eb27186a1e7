"""Dollars as people write them, and as we keep them: integer nano-dollars."""

from decimal import Decimal, InvalidOperation
from typing import NewType

NANOS_PER_DOLLAR = 1_000_000_000

Nanos = NewType("Nanos", int)
"""An amount in nano-dollars."""

MOST_PRICE_NANOS = 2**53
"""No price comes near this; what passes it is a slip, and would overflow the columns of a snapshot."""

MOST_AMOUNT_NANOS = 2**63 - 1
"""The largest amount that is kept anywhere."""


def nanos(dollars: object, most_nanos: int = MOST_PRICE_NANOS) -> Nanos:
    """Reads an amount of dollars, as ``"2.50"`` or ``3``.

    Raises:
        ValueError: it is neither, is negative, is larger than ``most_nanos``, or is finer than a nano-dollar.
    """
    if isinstance(dollars, float):
        raise ValueError(f'must be in quotes, as in "{dollars!r}": floats are not exact, and this is money')  # noqa: TRY004  # a wrong value, whatever is wrong with it
    if isinstance(dollars, bool) or not isinstance(dollars, str | int):
        raise ValueError('must be dollars in quotes, such as "2.50", or a whole number of dollars')  # noqa: TRY004  # as above
    try:
        amount = Decimal(dollars)
    except InvalidOperation:
        raise ValueError('must be dollars, such as "2.50"') from None
    if not amount.is_finite() or amount.is_signed() or amount.adjusted() > len(str(most_nanos)):
        raise ValueError("must be a plain amount of dollars, not negative")
    exact = amount.scaleb(9)
    if exact != int(exact):
        raise ValueError("must not be finer than a nano-dollar, nine digits after the point")
    if exact > most_nanos:
        raise ValueError(f"must be at most {most_nanos // NANOS_PER_DOLLAR} dollars")
    return Nanos(int(exact))


def dollars(amount_nanos: int) -> str:
    """Writes an amount as ``nanos`` reads it, with two digits after the point or as many more as it takes."""
    whole, part = divmod(amount_nanos, NANOS_PER_DOLLAR)
    digits = f"{part:09d}".rstrip("0")
    return f"{whole}.{digits:0<2}"
