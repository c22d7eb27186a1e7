"""Ctrl-C while an answer comes: cancels the call first, and interrupts the command when that has let go."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from pointsman.errors import PointsmanError


@contextmanager
def cancelling(cancel: Callable[[], None]) -> Iterator[None]:
    """Calls ``cancel`` at the first Ctrl-C; a second one interrupts at once.

    An interrupt that Python raises while gRPC holds one of its locks can leave that locked for good. Its thread then
    waits for the lock, and no later call on the channel gets an answer.

    Raises:
        KeyboardInterrupt: in place of what the cancelled call raises, or at the end of the block.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield  # it is ignored, as where a shell starts this in the background, or somebody else's
        return
    interrupted = False

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        # This runs between any two steps of the main thread, which may hold a lock that cancelling needs.
        threading.Thread(target=cancel, daemon=True).start()

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    except PointsmanError:
        if not interrupted:
            raise
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if interrupted:
        raise KeyboardInterrupt
