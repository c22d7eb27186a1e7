"""What becomes of unknown reservations that nobody resolves: they stay charged, or a stated policy ends them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from pointsman.v1.usage_pb2 import TokenUsage

from pointsman_server.ledger.model import AttemptOutcome, Reservation, Settlement

RESOLVED_KIND: Final = "unknown"
"""The failure kind of an entry that the attempt's own server did not make."""


@dataclass(frozen=True, slots=True)
class UnknownPolicy:
    """Settles at the last checkpoint and a margin for what came after it, never above what is held. What has no
    checkpoint is settled with all that it holds.

    Attributes:
        after: how long a reservation stays unknown, so that somebody may resolve it.
    """

    after: timedelta
    margin_percent: int

    def settlement(self, unknown: Reservation) -> Settlement:
        """What is booked, marked estimated."""
        held, last = unknown.request, unknown.checkpoint
        input_tokens, output_tokens = held.input_tokens_bound, held.max_output_tokens
        cost_nanos = held.worst_case_cost_nanos
        if last is not None:
            input_tokens = self._with_margin(last.input_tokens, input_tokens)
            output_tokens = self._with_margin(last.output_tokens, output_tokens)
            if cost_nanos is not None and last.cost_nanos is not None:
                cost_nanos = self._with_margin(last.cost_nanos, cost_nanos)
        return Settlement(
            outcome=AttemptOutcome.FAILED,
            failure_kind=RESOLVED_KIND,
            usage=TokenUsage(input_tokens=input_tokens, output_tokens=output_tokens, estimated=True),
            cost_nanos=cost_nanos,
            latency_ms=0,
            time_to_first_token_ms=None,
        )

    def _with_margin(self, amount: int, held: int) -> int:
        """The amount and the margin, rounded up, or all that is held if that is less."""
        return min(held, -(-amount * (100 + self.margin_percent) // 100))
