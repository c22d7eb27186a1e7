"""The eligible models side by side, with the figures of one call that strategies weigh."""

from __future__ import annotations

import numpy as np

from pointsman_server.catalog.snapshot import UNKNOWN
from pointsman_server.router.arrays import FloatArray, Rows
from pointsman_server.router.field import Field
from pointsman_server.router.problem import Problem

TYPICAL_OUTPUT_TOKENS = 500
"""The length of answer that costs and times are compared at, unless the output cap is lower."""

HALFWAY_COST_NANOS = 10_000_000
"""The expected cost whose value is one half: one cent."""

HALFWAY_TIME_MS = 1_000
"""The expected time whose value is one half: one second."""


class Contest:
    """The rows that passed every filter of one call. Columns have one element for each of ``rows``.

    Attributes:
        max_output_tokens: the output cap that would be enforced.
        input_tokens_bound: the bound on the input, the model's own overhead included.
        output_tokens_expected: the typical length of an answer, or the output cap where that is lower.
        expected_cost_nanos: at the expected input and output; ``UNKNOWN`` where no price is known.
    """

    def __init__(self, problem: Problem, field: Field) -> None:
        self.problem = problem
        self.field = field
        self.max_output_tokens = problem.max_output_tokens(field.lengths)
        self.input_tokens_bound = problem.input_tokens_bound(field.lengths)
        self.output_tokens_expected = np.minimum(self.max_output_tokens, TYPICAL_OUTPUT_TOKENS)
        self.expected_cost_nanos = problem.index.prices.expected(
            field.rows, problem.input_tokens_expected(field.lengths), self.output_tokens_expected
        )

    @property
    def rows(self) -> Rows:
        """The eligible rows."""
        return self.field.rows

    def cost_value(self) -> FloatArray:
        """1 for what costs nothing, ½ for one cent, towards 0 above; 0 where no price is known."""
        costs = self.expected_cost_nanos
        return np.where(costs == UNKNOWN, 0.0, HALFWAY_COST_NANOS / (HALFWAY_COST_NANOS + costs.astype(np.float64)))

    def cost_order(self) -> FloatArray:
        """Costs to sort by: what is not known comes last."""
        return np.where(self.expected_cost_nanos == UNKNOWN, np.inf, self.expected_cost_nanos)

    def expected_time_ms(self) -> FloatArray:
        """Until the first token and to write the typical output, as usual; endless where the first is not known."""
        time_ms: FloatArray = self.field.latency_ms + self.output_tokens_expected * 1_000 / self.field.tokens_per_second
        return time_ms

    def time_value(self) -> FloatArray:
        """1 for what takes no time, ½ for one second, towards 0 above; 0 where the latency is not known."""
        return HALFWAY_TIME_MS / (HALFWAY_TIME_MS + self.expected_time_ms())
