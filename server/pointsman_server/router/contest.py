"""The eligible models side by side, with the figures that strategies weigh, each computed when first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pointsman_server.catalog.snapshot import UNKNOWN
from pointsman_server.router.arrays import BoolArray, FloatArray, IntArray, Positions, Rows
from pointsman_server.router.problem import Problem

TYPICAL_OUTPUT_TOKENS = 500
"""The length of answer that costs and times are compared at, unless the output cap is lower."""

ASSUMED_TOKENS_PER_SECOND = 50
"""The speed of a model that states none."""

HALFWAY_COST_NANOS = 10_000_000
"""The expected cost whose value is one half: one cent."""

HALFWAY_TIME_MS = 1_000
"""The expected time whose value is one half: one second."""

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
class Contest:
    """The rows that passed every filter. Columns have one element for each of ``rows``.

    Attributes:
        purpose_rows: the rows that the request's purpose prefers.
    """

    problem: Problem
    rows: Rows
    purpose_rows: tuple[int, ...] = ()

    def positions(self, rows: Sequence[int]) -> Positions:
        """Where the rows stand in the columns; those that are not eligible are left out."""
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
        priority = Term("priority", self.problem.columns.priority[self.rows] / 100, 1.0)
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
    def expected_cost_nanos(self) -> IntArray:
        """At the expected input and the typical output; ``UNKNOWN`` where no price is known."""
        return self.problem.index.prices.expected(
            self.rows, self.problem.input_tokens_expected(self.rows), self.output_tokens_expected
        )

    @cached_property
    def output_tokens_expected(self) -> IntArray:
        """The typical length of an answer, or the output cap where that is lower."""
        return np.minimum(self.max_output_tokens, TYPICAL_OUTPUT_TOKENS)

    @cached_property
    def max_output_tokens(self) -> IntArray:
        """The output cap that would be enforced."""
        return self.problem.max_output_tokens(self.rows)

    @cached_property
    def cost_value(self) -> FloatArray:
        """1 for what costs nothing, ½ for one cent, towards 0 above; 0 where no price is known."""
        costs = self.expected_cost_nanos
        return np.where(costs == UNKNOWN, 0.0, HALFWAY_COST_NANOS / (HALFWAY_COST_NANOS + costs.astype(np.float64)))

    @cached_property
    def cost_order(self) -> FloatArray:
        """Costs to sort by: what is not known comes last."""
        return np.where(self.expected_cost_nanos == UNKNOWN, np.inf, self.expected_cost_nanos)

    @cached_property
    def expected_time_ms(self) -> FloatArray:
        """The usual time to first token and the time to write the typical output; endless where the first is unknown.

        Its order among models is what counts, so a model that states no speed is given a middling one.
        """
        latency = self.problem.columns.latency_ms[self.rows]
        stated = self.problem.columns.tokens_per_second[self.rows]
        speed = np.where(stated <= 0, ASSUMED_TOKENS_PER_SECOND, stated)
        return np.where(latency == UNKNOWN, np.inf, latency + self.output_tokens_expected * 1_000 / speed)

    @cached_property
    def time_value(self) -> FloatArray:
        """1 for what takes no time, ½ for one second, towards 0 above; 0 where the latency is not known."""
        return HALFWAY_TIME_MS / (HALFWAY_TIME_MS + self.expected_time_ms)

    @cached_property
    def has_large_context(self) -> BoolArray:
        """Whether the window is larger than most inputs need."""
        return self.problem.columns.context_window_tokens[self.rows] > LARGE_CONTEXT_TOKENS

    @cached_property
    def is_free(self) -> BoolArray:
        """Whether the model is known to cost nothing."""
        return self.problem.index.free[self.rows]


def weighted_sum(terms: tuple[Term, ...]) -> FloatArray:
    """The score that terms make."""
    total = terms[0].values * terms[0].weight
    for term in terms[1:]:
        total = total + term.values * term.weight
    return total
