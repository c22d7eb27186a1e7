"""Compares what a provider says that it billed with what was booked, figure by figure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

DEFAULT_TOLERANCE_PPM = 1_000
"""The share of a billed figure that may differ, in millionths."""

_MILLION = 1_000_000


class Figure(StrEnum):
    """What is compared. Input and output tokens are those of every class."""

    INPUT_TOKENS = "input_tokens"
    CACHE_READ_TOKENS = "cache_read_tokens"
    OUTPUT_TOKENS = "output_tokens"
    COST_NANOS = "cost_nanos"


@dataclass(frozen=True, slots=True)
class Booked:
    """What the usage entries of one model say, of all tenants together."""

    model_id: str
    figures: Mapping[Figure, int]
    estimated_attempts: int
    unpriced_attempts: int


@dataclass(frozen=True, slots=True)
class Billed:
    """A row of the provider's account.

    Attributes:
        model: as the account names it; empty: all models together.
        model_ids: the catalog's models of that name.
        figures: those that the account states.
    """

    model: str
    model_ids: frozenset[str]
    figures: Mapping[Figure, int]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure, twice.

    Attributes:
        alert: whether they differ by more than the tolerance.
    """

    model: str
    model_ids: frozenset[str]
    figure: Figure
    billed: int
    booked: int
    alert: bool


class Bookings(Protocol):
    """Reads what was booked."""

    async def by_model(self, provider_id: str, start: datetime, end: datetime) -> list[Booked]:
        """Sums the usage entries of a provider whose attempts ended in the period, the end exclusive.

        Raises:
            StoreUnavailable: the store cannot be read.
        """
        ...


def compare(billed: Iterable[Billed], booked: Sequence[Booked], tolerance_ppm: int) -> list[Comparison]:
    """Compares every figure that the account states; those that differ by the largest share come first.

    Where the account names models, those that it does not name were billed nothing.
    """
    rows = _merged(billed)
    named = [row for row in rows if row.model]
    known = frozenset().union(*(row.model_ids for row in named))
    if named:
        stated = dict.fromkeys((figure for row in named for figure in row.figures), 0)
        missing = (each.model_id for each in booked if each.model_id not in known)
        rows.extend(Billed(model_id, frozenset({model_id}), stated) for model_id in missing)
    found = [comparison for row in rows for comparison in _compared(row, booked, tolerance_ppm)]
    return sorted(found, key=_place)


def _merged(billed: Iterable[Billed]) -> list[Billed]:
    """The rows with those that mean the same model added up."""
    rows: list[Billed] = []
    for row in billed:
        same = next((each for each in rows if _same(each, row)), None)
        if same is None:
            rows.append(row)
            continue
        figures = {
            figure: same.figures.get(figure, 0) + row.figures.get(figure, 0)
            for figure in {**same.figures, **row.figures}
        }
        rows[rows.index(same)] = Billed(same.model, same.model_ids | row.model_ids, figures)
    return rows


def _same(one: Billed, other: Billed) -> bool:
    return one.model == other.model or bool(one.model_ids & other.model_ids)


def _compared(row: Billed, booked: Sequence[Booked], tolerance_ppm: int) -> Iterator[Comparison]:
    counted = [each for each in booked if not row.model or each.model_id in row.model_ids]
    for figure, amount in row.figures.items():
        total = sum(each.figures[figure] for each in counted)
        alert = abs(amount - total) * _MILLION > tolerance_ppm * amount
        yield Comparison(row.model, row.model_ids, figure, amount, total, alert)


def _place(comparison: Comparison) -> tuple[int, str, str]:
    difference = abs(comparison.billed - comparison.booked)
    return -(difference * _MILLION // max(1, comparison.billed)), comparison.model, comparison.figure.value
