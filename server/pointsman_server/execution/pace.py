"""How long the steps of a completion may take, by what is left of its time."""

from __future__ import annotations

import math

from pointsman_server.adapters.transport import Timeouts
from pointsman_server.clock import Clock
from pointsman_server.execution.attempts import Limits
from pointsman_server.execution.settings import RunSettings
from pointsman_server.execution.walk import Walk

_GUARD_MS = 1_000


class Pace:
    """Shares a completion's time among its attempts."""

    def __init__(self, deadline: float, walk: Walk, settings: RunSettings, clock: Clock) -> None:
        """Takes the deadline on the clock's monotonic time, in seconds."""
        self._deadline = deadline
        self._walk = walk
        self._settings = settings
        self._clock = clock

    @property
    def remaining_s(self) -> float:
        """What is left until the deadline."""
        return max(0.0, self._deadline - self._clock.monotonic())

    @property
    def share_s(self) -> float:
        """How long the current model may keep the caller waiting: half of the time, so that the next has enough."""
        return self.remaining_s / 2 if self._walk.has_alternative else self.remaining_s

    def limits(self) -> Limits:
        """How long the steps of the next attempt may take.

        While another model could still serve, one attempt has its share at the most. Otherwise it ends with the
        completion.
        """
        settings = self._settings
        share_s = self.share_s if self._walk.has_alternative else math.inf
        first_token_s = min(settings.first_token_ms / 1000, share_s)
        timeouts = Timeouts(
            connect_ms=round(min(settings.connect_ms, share_s * 1000)) or 1,
            first_byte_ms=round(first_token_s * 1000) or 1,
            chunk_ms=settings.chunk_ms,
            # The completion's own deadline ends it first; this one only guards against its loss.
            total_ms=round(self.remaining_s * 1000) + settings.reading_on.longest_ms + _GUARD_MS,
        )
        return Limits(timeouts, first_token_s)
