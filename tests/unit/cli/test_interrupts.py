"""Ctrl-C while an answer comes."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import grpc
import pytest
from pointsman.cli.interrupts import cancelling
from pointsman.errors import Cancelled, PointsmanError

PATIENCE_S = 20


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    """Python's own at the start, and again at the end."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_the_call_is_cancelled_before_the_command_is_interrupted() -> None:
    cancelled = threading.Event()
    noticed = []

    def read() -> None:
        with cancelling(cancelled.set):
            signal.raise_signal(signal.SIGINT)
            noticed.append(cancelled.wait(PATIENCE_S))
            raise Cancelled(grpc.StatusCode.CANCELLED, "cancelled")

    with pytest.raises(KeyboardInterrupt):
        read()
    assert noticed == [True]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_answer_that_ends_all_the_same_is_interrupted() -> None:
    with pytest.raises(KeyboardInterrupt), cancelling(lambda: None):
        signal.raise_signal(signal.SIGINT)


def test_a_second_one_interrupts_at_once() -> None:
    steps = []

    def read() -> None:
        with cancelling(lambda: None):
            signal.raise_signal(signal.SIGINT)
            steps.append("after the first")
            signal.raise_signal(signal.SIGINT)
            steps.append("after the second")

    with pytest.raises(KeyboardInterrupt):
        read()
    assert steps == ["after the first"]


def test_what_a_call_raises_by_itself_is_kept() -> None:
    failure = PointsmanError(grpc.StatusCode.UNAVAILABLE, "away")
    with pytest.raises(PointsmanError) as raised, cancelling(lambda: None):
        raise failure
    assert raised.value is failure
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with cancelling(lambda: pytest.fail("it was ignored")):
        signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
