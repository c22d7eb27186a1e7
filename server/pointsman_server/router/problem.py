"""One question to the router: the facts, the verdict and the snapshot, with the figures that follow from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pointsman_server.catalog.model import Model, Provider
from pointsman_server.catalog.snapshot import Columns, Snapshot
from pointsman_server.policy.model import Verdict
from pointsman_server.router.arrays import IntArray, Rows
from pointsman_server.router.calibration import UNTAUGHT, Calibration
from pointsman_server.router.model import Defaults, Facts, Preferences
from pointsman_server.router.snapshot_index import Lengths, SnapshotIndex
from pointsman_server.router.tokens import TokenCount

LARGEST_OUTPUT_TOKENS = 1_000_000_000
"""No model writes so much; keeps products of tokens and prices within 64 bits."""


@dataclass(frozen=True)
class Problem:
    """What filters and strategies read. Not slotted: some figures are kept once they were asked for."""

    facts: Facts
    verdict: Verdict
    index: SnapshotIndex
    defaults: Defaults
    calibration: Calibration = UNTAUGHT

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

    def input_tokens_bound(self, of: Lengths) -> IntArray:
        """Never less than the input's tokens, overhead included."""
        bound: IntArray = of.overhead_tokens + self._counted(of, lambda tokens: tokens.bound)
        if self.facts.image_count:
            bound = bound + self.facts.image_count * of.image_extra_tokens
        return bound

    def input_tokens_estimate(self, row: int, bound: int) -> int | None:
        """What rates may hold for the input instead of its bound; ``None``: too little is known, or it is not text."""
        return self.calibration.estimate(self.model(row).id, bound) if self.facts.only_text else None

    def input_tokens_expected(self, of: Lengths) -> IntArray:
        """The input's tokens as expected, overhead included."""
        return of.overhead_tokens + self._counted(of, lambda tokens: tokens.expected)

    def likely_tokens(self, tokenizer: str) -> int:
        """What a window must hold of the input, overhead excluded: half as much again as expected, or the bound."""
        tokens = self.facts.input_tokens(tokenizer)
        return min(tokens.bound, -(-tokens.expected * 3 // 2))

    def max_output_tokens(self, of: Lengths) -> IntArray:
        """The output cap to enforce: the least of what was asked for (else the verdict's default), the verdict's limit,
        the model's own, and what the expected input leaves of the window; at least 1.
        """
        left: IntArray = of.room_tokens - self._counted(of, lambda tokens: tokens.expected)
        return np.maximum(np.minimum(np.minimum(of.most_output_tokens, self._asked_output_tokens), left), 1)

    def worst_case_nanos(self, rows: Rows) -> IntArray:
        """The most that the call can cost, ``UNKNOWN`` where no price is known."""
        of = self.index.lengths.of(rows)
        return self.index.prices.worst_case(rows, self.input_tokens_bound(of), self.max_output_tokens(of))

    def _counted(self, of: Lengths, figure: Callable[[TokenCount], int]) -> IntArray | int:
        """A figure of the input for each model, by its vocabulary; one for all where no vocabulary counted."""
        if not self.facts.counted:
            return figure(self.facts.input_tokens(""))
        # The last one is at UNKNOWN, which is the slot of models without a vocabulary.
        by_slot = [figure(self.facts.input_tokens(tokenizer)) for tokenizer in (*self.index.tokenizers, "")]
        figures: IntArray = np.array(by_slot, dtype=np.int64)[of.tokenizer_slot]
        return figures

    @cached_property
    def _asked_output_tokens(self) -> int:
        asked = self.facts.max_output_tokens
        cap = self.verdict.default_output_tokens if asked is None else asked
        limit = self.verdict.max_output_tokens
        return min(cap, LARGEST_OUTPUT_TOKENS if limit is None else limit, LARGEST_OUTPUT_TOKENS)
