"""One question to the router: the facts, the verdict and the snapshot, with the figures that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pointsman_server.catalog.model import Model, Provider
from pointsman_server.catalog.snapshot import UNKNOWN, Columns, Snapshot
from pointsman_server.policy.model import Verdict
from pointsman_server.router.arrays import IntArray, Rows
from pointsman_server.router.model import Facts, Preferences
from pointsman_server.router.snapshot_index import SnapshotIndex

LARGEST_OUTPUT_TOKENS = 1_000_000_000
"""No model writes so much; keeps products of tokens and prices within 64 bits."""


@dataclass(frozen=True)
class Problem:
    """What filters and strategies read. Not slotted: some figures are kept once they were asked for."""

    facts: Facts
    verdict: Verdict
    index: SnapshotIndex

    @property
    def preferences(self) -> Preferences:
        """The caller's hints."""
        return self.facts.preferences

    @property
    def snapshot(self) -> Snapshot:
        """The catalog."""
        return self.index.snapshot

    @property
    def columns(self) -> Columns:
        """The catalog's columns."""
        return self.index.snapshot.columns

    def model(self, row: int) -> Model:
        """The row itself."""
        return self.snapshot.models[row]

    def provider(self, row: int) -> Provider:
        """The row's provider."""
        return self.snapshot.providers[self.snapshot.models[row].provider_id]

    def input_tokens_bound(self, rows: Rows) -> IntArray:
        """Never less than the input's tokens, overhead included."""
        return self.index.overhead_tokens[rows] + self.facts.input_tokens_bound

    def input_tokens_expected(self, rows: Rows) -> IntArray:
        """The input's tokens as expected, overhead included."""
        return self.index.overhead_tokens[rows] + self.facts.input_tokens_expected

    def max_output_tokens(self, rows: Rows) -> IntArray:
        """The output cap to enforce: the least of what was asked for (else the verdict's default), the verdict's limit,
        the model's own, and what the expected input leaves of the window; at least 1.
        """
        own = self.columns.max_output_tokens[rows]
        left = self.index.room_tokens[rows] - self.facts.input_tokens_expected
        caps = np.where(own == UNKNOWN, self._asked_output_tokens, np.minimum(own, self._asked_output_tokens))
        return np.maximum(np.minimum(caps, left), 1)

    def worst_case_nanos(self, rows: Rows) -> IntArray:
        """The most that the call can cost, ``UNKNOWN`` where no price is known."""
        return self.index.prices.worst_case(rows, self.input_tokens_bound(rows), self.max_output_tokens(rows))

    @cached_property
    def _asked_output_tokens(self) -> int:
        asked = self.facts.max_output_tokens
        cap = self.verdict.default_output_tokens if asked is None else asked
        limit = self.verdict.max_output_tokens
        return min(cap, LARGEST_OUTPUT_TOKENS if limit is None else limit, LARGEST_OUTPUT_TOKENS)
