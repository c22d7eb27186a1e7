"""Walks the plan: which attempt comes after a failed one, and after what wait."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from pointsman.v1.completion_pb2 import FailureKind

from pointsman_server.adapters.base import ProviderFailure
from pointsman_server.router.model import Candidate

# Another try on the same model may well succeed.
_PASSING = frozenset(
    {
        FailureKind.FAILURE_KIND_RATE_LIMITED,
        FailureKind.FAILURE_KIND_UNAVAILABLE,
        FailureKind.FAILURE_KIND_CONNECT,
        FailureKind.FAILURE_KIND_CUT,
    }
)
# The provider's other models would fail alike.
_PROVIDER_WIDE = frozenset(
    {
        FailureKind.FAILURE_KIND_CONNECT,
        FailureKind.FAILURE_KIND_KEY_REJECTED,
        FailureKind.FAILURE_KIND_KEY_MISSING,
        FailureKind.FAILURE_KIND_QUOTA_EXHAUSTED,
        FailureKind.FAILURE_KIND_BLOCKED_ADDRESS,
    }
)
# What one provider's filter refuses is not offered to the next.
_FINAL = frozenset({FailureKind.FAILURE_KIND_CONTENT_FILTERED})


@dataclass(frozen=True, slots=True)
class RetrySettings:
    """How a model is tried again.

    Attributes:
        retries: the most further tries on one model.
        base_delay_ms, max_delay_ms: exponential backoff with full jitter, between these.
    """

    retries: int
    base_delay_ms: int
    max_delay_ms: int


class RetryBudget:
    """Bounds tries on the same model to a share of all calls, so that retries never add to an overload.

    A bucket of tokens: each call puts in ``percent / 100``, each retry takes one. It starts with its capacity, so
    that a fresh server may retry, and never holds more, so that quiet hours save nothing up.
    """

    def __init__(self, percent: int, capacity: int = 10) -> None:
        self._percent = percent
        self._capacity_hundredths = capacity * 100 if percent else 0
        self._hundredths = self._capacity_hundredths

    def call(self) -> None:
        """Counts a call."""
        self._hundredths = min(self._capacity_hundredths, self._hundredths + self._percent)

    def take(self) -> bool:
        """Takes room for one retry; false: there is none."""
        if self._hundredths < 100:  # noqa: PLR2004  # one token in hundredths
            return False
        self._hundredths -= 100
        return True


@dataclass(frozen=True, slots=True)
class Step:
    """The next attempt and the wait before it, in seconds."""

    candidate: Candidate
    delay_s: float = 0.0


class Walk:
    """One completion's way through its plan."""

    def __init__(
        self, attempts: Sequence[Candidate], settings: RetrySettings, budget: RetryBudget, jitter: random.Random
    ) -> None:
        self._attempts = attempts
        self._settings = settings
        self._budget = budget
        self._jitter = jitter
        self._index = 0
        self._tries = 0
        self._dead_providers: set[str] = set()

    @property
    def candidate(self) -> Candidate:
        """The model of the current attempt."""
        return self._attempts[self._index]

    @property
    def alternatives(self) -> tuple[Candidate, ...]:
        """The model of the current attempt, then those that may stand in for it, in order."""
        others = self._attempts[self._index + 1 :]
        return (self.candidate, *(other for other in others if other.provider.id not in self._dead_providers))

    def take(self, model_id: str) -> None:
        """Moves to the alternative that was admitted, past those that were not."""
        while self.candidate.model.id != model_id:
            self._index, self._tries = self._index + 1, 0

    @property
    def has_alternative(self) -> bool:
        """Whether another model could still be tried."""
        return self._following() is not None

    def after(self, failure: ProviderFailure, *, longest_wait_s: float = math.inf) -> Step | None:
        """Moves on after a failed attempt; ``None``: nothing is left to try, or nothing within the wait allowed."""
        if failure.kind in _FINAL:
            return None
        delay_s = self._retry_delay_s(failure, longest_wait_s)
        if delay_s is not None:
            self._tries += 1
            return Step(self.candidate, delay_s)
        if failure.kind in _PROVIDER_WIDE:
            self._dead_providers.add(self.candidate.provider.id)
        following = self._following()
        if following is None:
            return None
        self._index, self._tries = following, 0
        return Step(self.candidate)

    def _following(self) -> int | None:
        for index in range(self._index + 1, len(self._attempts)):
            if self._attempts[index].provider.id not in self._dead_providers:
                return index
        return None

    def _retry_delay_s(self, failure: ProviderFailure, longest_wait_s: float) -> float | None:
        settings = self._settings
        if failure.kind not in _PASSING or self._tries >= settings.retries:
            return None
        asked_ms = failure.retry_after.total_seconds() * 1000 if failure.retry_after else 0.0
        if asked_ms > settings.max_delay_ms:
            return None
        ceiling_ms = min(settings.max_delay_ms, settings.base_delay_ms * 2**self._tries)
        delay_s = max(asked_ms, self._jitter.uniform(0, ceiling_ms)) / 1000
        return delay_s if delay_s < longest_wait_s and self._budget.take() else None
