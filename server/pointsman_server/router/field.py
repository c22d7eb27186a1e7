"""The models that may serve a kind of call, with everything about them that no single call changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar, cast

import numpy as np

from pointsman_server.catalog.snapshot import UNKNOWN
from pointsman_server.router.arrays import BoolArray, FloatArray, HashArray, Positions, Rows
from pointsman_server.router.snapshot_index import Lengths, SnapshotIndex

T = TypeVar("T")

ASSUMED_TOKENS_PER_SECOND = 50
"""The speed of a model that states none."""

LARGE_CONTEXT_TOKENS = 200_000
"""A window above this is large: used only when the input needs it, where models are equal otherwise."""

PURPOSE_WEIGHT = 0.2
"""How much of the quality a purpose's preference makes: a quarter of what priority makes."""


@dataclass(frozen=True, slots=True)
class Term:
    """One term of every model's score: a column of values (0 to 1) and its weight."""

    name: str
    values: FloatArray
    weight: float

    def scaled(self, factor: float) -> Term:
        """The same term with another weight."""
        return Term(self.name, self.values, self.weight * factor)


@dataclass(frozen=True)
class Field:
    """Rows, rising, and columns with one element for each. Not slotted: a column is kept once it was asked for.

    Attributes:
        purpose_rows: the rows that the request's purpose prefers.
    """

    index: SnapshotIndex
    rows: Rows
    purpose_rows: tuple[int, ...] = ()
    _kept: dict[object, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def keep(self, figure: Callable[[Field], T]) -> T:
        """What a strategy makes of the field alone, made once."""
        if figure not in self._kept:
            self._kept[figure] = figure(self)
        return cast("T", self._kept[figure])

    def positions(self, rows: Sequence[int]) -> Positions:
        """Where the rows stand in the columns; those that are not here are left out."""
        wanted = np.array(rows, dtype=np.intp)
        if not rows:
            return wanted
        places = np.searchsorted(self.rows, wanted)
        places[places == len(self.rows)] = 0
        found: Positions = places[self.rows[places] == wanted]
        return found

    @cached_property
    def quality_terms(self) -> tuple[Term, ...]:
        """What quality is made of; the weights sum to 1. Without ratings, priority stands for quality."""
        priority = Term("priority", self.index.snapshot.columns.priority[self.rows] / 100, 1.0)
        positions = self.positions(self.purpose_rows)
        if not len(positions):
            return (priority,)
        preferred = np.zeros(len(self.rows))
        preferred[positions] = 1.0
        return priority.scaled(1 - PURPOSE_WEIGHT), Term("purpose", preferred, PURPOSE_WEIGHT)

    @cached_property
    def quality(self) -> FloatArray:
        """0 to 1."""
        return weighted_sum(self.quality_terms)

    @cached_property
    def lengths(self) -> Lengths:
        """What bounds input and output."""
        return self.index.lengths.of(self.rows)

    @cached_property
    def latency_ms(self) -> FloatArray:
        """The usual time to first token; endless where it is not known."""
        latency = self.index.snapshot.columns.latency_ms[self.rows]
        return np.where(latency == UNKNOWN, np.inf, latency)

    @cached_property
    def tokens_per_second(self) -> FloatArray:
        """The usual speed; a middling one where none is stated, since the order among models is what counts."""
        stated = self.index.snapshot.columns.tokens_per_second[self.rows]
        return np.where(stated <= 0, ASSUMED_TOKENS_PER_SECOND, stated)

    @cached_property
    def has_large_context(self) -> BoolArray:
        """Whether the window is larger than most inputs need."""
        return self.index.snapshot.columns.context_window_tokens[self.rows] > LARGE_CONTEXT_TOKENS

    @cached_property
    def is_free(self) -> BoolArray:
        """Whether the model is known to cost nothing."""
        return self.index.free[self.rows]

    @cached_property
    def id_hash(self) -> HashArray:
        """A digest of the model's id."""
        return self.index.id_hash[self.rows]

    @cached_property
    def default_positions(self) -> tuple[int, ...]:
        """Where the default models of providers stand."""
        return tuple(np.flatnonzero(self.index.default_models[self.rows]).tolist())


def weighted_sum(terms: tuple[Term, ...]) -> FloatArray:
    """The score that terms make."""
    total = terms[0].values * terms[0].weight
    for term in terms[1:]:
        total = total + term.values * term.weight
    return total
