"""Asking again where the connection broke before the first event: safe for a request that has an id, and only then."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from pointsman.errors import PointsmanError, ServerUnreachable

CallT = TypeVar("CallT")

TRIES = 3
"""How often a request with an id is sent, at the most."""

_FIRST_PAUSE_S = 0.1
_NO_JITTER = 0.5


class Asking(Generic[CallT]):
    """Makes the call of one completion, anew where that is safe.

    Args:
        ask: makes the call, with its timeout in seconds.
        timeout: how long all calls together may take, in seconds; unset: as long as the server allows.
        repeatable: whether the request has an id.
    """

    def __init__(self, ask: Callable[[float | None], CallT], *, timeout: float | None, repeatable: bool) -> None:
        self._ask = ask
        self._end = None if timeout is None else time.monotonic() + timeout
        self._tries_left = TRIES if repeatable else 1
        self._pause_s = _FIRST_PAUSE_S

    def __call__(self) -> CallT:
        """Makes the call."""
        self._tries_left -= 1
        return self._ask(self._left_s())

    def pause_s(self, error: PointsmanError) -> float | None:
        """How long to wait before asking again after an error; unset: it is the answer."""
        if not self._tries_left or not isinstance(error, ServerUnreachable):
            return None
        pause_s = self._pause_s * random.uniform(_NO_JITTER, 1)  # noqa: S311  # it spreads retries, it guards nothing
        self._pause_s *= 2
        left_s = self._left_s()
        return pause_s if left_s is None or pause_s < left_s else None

    def _left_s(self) -> float | None:
        return None if self._end is None else max(0.0, self._end - time.monotonic())
