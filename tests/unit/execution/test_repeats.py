"""Calls with a request id on one server: who joins which, and how long what was said is held."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from pointsman.v1.completion_pb2 import CompletionEvent, CompletionFailure, TextDelta
from pointsman_server.errors import (
    PointsmanError,
    RequestAlreadyServed,
    RequestIdInUse,
    RequestIdReused,
    StoreUnavailable,
)
from pointsman_server.execution.repeats import Repeats
from pointsman_server.execution.repetition import taken
from pointsman_server.execution.shared_relay import SharedRelay
from pointsman_server.ledger.claims import Claim, Claimed, ClaimKey

START = datetime(2026, 11, 20, tzinfo=UTC)


def claim(request_id: str = "once", digest: str = "digest") -> Claim:
    return Claim(ClaimKey("acme", "ada", request_id), digest, f"cmp_{request_id}", f"dec_{request_id}", START)


async def ended(repeats: Repeats, made: Claim, *, size: int = 1, error: PointsmanError | None = None) -> None:
    """A call that said something and is over."""
    relay = SharedRelay(stalled_reader_ms=1000, on_close=lambda: None, room=repeats)
    reader = repeats.begin(made, relay)
    if size:
        await relay.send([CompletionEvent(text_delta=TextDelta(text="x" * size))])
    relay.end(error)
    reader.close()
    repeats.end(made)


def known(repeats: Repeats, made: Claim) -> bool:
    return repeats.join(made.key, made.body_digest) is not None


async def test_an_ended_answer_is_held_for_a_while() -> None:
    repeats = Repeats(hold_s=0.05)
    await ended(repeats, claim())
    assert known(repeats, claim())
    assert not known(repeats, claim("other"))
    await asyncio.sleep(0.1)
    assert not known(repeats, claim())
    assert repeats.take(64 * 1024 * 1024)


async def test_the_first_that_ended_makes_room_for_the_next() -> None:
    repeats = Repeats(held_bytes=250)
    for name in ("one", "two", "three"):
        await ended(repeats, claim(name), size=90)
    assert [known(repeats, claim(name)) for name in ("one", "two", "three")] == [False, True, True]


@pytest.mark.parametrize(
    ("size", "error"), [(0, None), (1, StoreUnavailable("away"))], ids=["it said nothing", "its end is not known"]
)
async def test_what_is_no_answer_is_not_held(size: int, error: PointsmanError | None) -> None:
    repeats = Repeats()
    await ended(repeats, claim(), size=size, error=error)
    assert not known(repeats, claim())


async def test_another_body_is_refused() -> None:
    repeats = Repeats()
    await ended(repeats, claim())
    with pytest.raises(RequestIdReused):
        repeats.join(claim().key, "another")


async def test_a_call_whose_beginning_is_gone_cannot_be_joined() -> None:
    repeats = Repeats(held_bytes=10)
    relay = SharedRelay(stalled_reader_ms=1000, on_close=lambda: None, room=repeats)
    repeats.begin(claim(), relay)
    await relay.send([CompletionEvent(text_delta=TextDelta(text="x" * 20))])
    with pytest.raises(RequestIdInUse, match="beginning") as refused:
        repeats.join(claim().key, "digest")
    assert refused.value.retry_after is not None
    assert refused.value.failure == CompletionFailure(completion_id="cmp_once", decision_id="dec_once", last_sequence=0)


TOLD = CompletionFailure(completion_id="cmp_1", decision_id="dec_1", cost_nanos=7)


@pytest.mark.parametrize(
    ("found", "kind", "outcome"),
    [
        (None, RequestIdInUse, None),
        (Claimed("another", "OK", TOLD, running=False), RequestIdReused, None),
        (Claimed("digest", "OK", TOLD, running=False), RequestAlreadyServed, "OK"),
        (Claimed("digest", "", TOLD, running=True), RequestIdInUse, None),
        (Claimed("digest", "", TOLD, running=False), RequestAlreadyServed, "UNKNOWN"),
    ],
    ids=["let go", "another body", "ended", "runs elsewhere", "its server died"],
)
def test_what_the_store_knows_is_what_the_caller_is_told(
    found: Claimed | None, kind: type[PointsmanError], outcome: str | None
) -> None:
    error = taken(claim(), found)
    assert type(error) is kind
    assert error.metadata.get("outcome") == outcome
    if outcome is not None:
        assert error.failure == TOLD
