"""The shared relay: every reader gets every event, in its own time, and what is kept is bounded."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman.v1.completion_pb2 import CompletionEvent, TextDelta
from pointsman.v1.router_service_pb2 import CompleteResponse
from pointsman_server.errors import CallCancelled, StreamBroken
from pointsman_server.execution.relay import CAPACITY_EVENTS, FULL_RESPONSE_BYTES, ReaderStalled
from pointsman_server.execution.repeats import Repeats
from pointsman_server.execution.shared_relay import REPLAY_BYTES, SharedReader, SharedRelay

BIG = 100_000


def delta(text: str) -> CompletionEvent:
    return CompletionEvent(text_delta=TextDelta(text=text))


def shared(*, stalled_reader_ms: int = 1000, room: Repeats | None = None) -> tuple[SharedRelay, list[str]]:
    """A relay, and a list that gets an entry when it is closed."""
    closes: list[str] = []
    relay = SharedRelay(
        stalled_reader_ms=stalled_reader_ms, on_close=lambda: closes.append("closed"), room=room or Repeats()
    )
    return relay, closes


async def everything(reader: SharedReader) -> list[CompleteResponse]:
    return [response async for response in reader]


def texts(responses: list[CompleteResponse]) -> list[str]:
    return [event.text_delta.text for response in responses for event in response.events]


def numbers(responses: list[CompleteResponse]) -> list[int]:
    return [response.first_sequence + index for response in responses for index in range(len(response.events))]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30), st.data())
async def test_whoever_joins_whenever_gets_the_same_stream(bursts: list[int], data: st.DataObject) -> None:
    relay, closes = shared()
    first = relay.join()
    reading = [asyncio.ensure_future(everything(first))]
    sent: list[str] = []
    for burst in bursts:
        joining = data.draw(st.integers(0, 2), label="joining")
        reading += [asyncio.ensure_future(everything(relay.join())) for _ in range(joining)]
        events = [str(len(sent) + index) for index in range(burst)]
        sent += events
        await relay.send([delta(text) for text in events])
        if data.draw(st.booleans(), label="others run"):
            await asyncio.sleep(0)
    relay.end()
    late = relay.join()
    got = [*await asyncio.gather(*reading), await everything(late)]
    assert [texts(each) for each in got] == [sent] * len(got)
    assert [numbers(each) for each in got] == [list(range(len(sent)))] * len(got)
    assert closes == []
    assert relay.sent_count == len(sent)


async def test_a_response_stays_below_what_clients_take() -> None:
    relay, _ = shared()
    reader = relay.join()
    await relay.send([delta("x" * BIG)] * 30)
    relay.end()
    responses = await everything(reader)
    assert [len(response.events) for response in responses] == [11, 11, 8]
    assert max(response.ByteSize() for response in responses) < FULL_RESPONSE_BYTES + 2 * BIG


async def test_each_reader_is_told_the_error_after_everything_else() -> None:
    relay, _ = shared()
    readers = [relay.join(), relay.join()]
    await relay.send([delta("a")])
    relay.end(StreamBroken("broken", metadata={"kind": "cut"}))
    raised = []
    for reader in [*readers, relay.join()]:
        assert texts([await anext(reader)]) == ["a"]
        with pytest.raises(StreamBroken, match="broken") as told:
            await anext(reader)
        raised.append(told.value)
    assert len({id(error) for error in raised}) == 3
    assert [error.metadata for error in raised] == [{"kind": "cut"}] * 3


async def test_a_later_error_stands_in_for_an_earlier_one() -> None:
    relay, _ = shared()
    reader = relay.join()
    relay.end(StreamBroken("first"))
    relay.end(CallCancelled("second"))
    with pytest.raises(CallCancelled):
        await anext(reader)


async def test_only_the_last_reader_that_leaves_closes() -> None:
    relay, closes = shared()
    one, two = relay.join(), relay.join()
    one.close()
    one.close()
    assert closes == []
    await relay.send([delta("a")])
    assert texts([await anext(two)]) == ["a"]
    two.close()
    assert closes == ["closed"]
    await relay.send([delta("dropped")])
    assert relay.sent_count == 1


async def test_the_fastest_reader_sets_the_pace() -> None:
    relay, _ = shared()
    fast, _slow = relay.join(), relay.join()
    sending = asyncio.ensure_future(relay.send([delta("x")] * CAPACITY_EVENTS))
    await asyncio.sleep(0.01)
    assert not sending.done()
    await anext(fast)
    await asyncio.wait_for(sending, 1)


async def test_readers_that_all_take_nothing_stall_the_sender_only_so_long() -> None:
    relay, _ = shared(stalled_reader_ms=10)
    _readers = relay.join(), relay.join()
    with pytest.raises(ReaderStalled):
        await relay.send([delta("x")] * CAPACITY_EVENTS)


async def test_whoever_waits_with_the_sender_is_freed_when_all_leave() -> None:
    relay, _ = shared()
    reader = relay.join()
    sending = asyncio.ensure_future(relay.send([delta("x")] * CAPACITY_EVENTS))
    await asyncio.sleep(0)
    reader.close()
    await asyncio.wait_for(sending, 1)


async def test_a_reader_too_far_behind_is_cut_and_the_others_go_on() -> None:
    relay, closes = shared()
    fast, slow = relay.join(), relay.join()
    count = 2 * REPLAY_BYTES // BIG
    got = []
    for number in range(count):
        await relay.send([delta(f"{number:0{BIG}}")])
        got.append(await anext(fast))
    relay.end()
    assert numbers(got + await everything(fast)) == list(range(count))
    with pytest.raises(StreamBroken, match="slowly"):
        await anext(slow)
    slow.close()
    assert closes == []


async def test_a_reader_alone_is_waited_for_however_large_the_events() -> None:
    relay, _ = shared()
    reader = relay.join()
    count = 2 * REPLAY_BYTES // BIG
    await relay.send([delta("x" * BIG)] * count)
    relay.end()
    assert len(texts(await everything(reader))) == count


async def test_an_answer_beyond_the_bound_loses_its_beginning_and_gives_its_room_back() -> None:
    room = Repeats(held_bytes=REPLAY_BYTES)
    relay, _ = shared(room=room)
    reader = relay.join()
    for _ in range(REPLAY_BYTES // BIG):
        await relay.send([delta("x" * BIG)])
        await anext(reader)
    assert relay.keeps_beginning
    await relay.send([delta("x" * BIG)])
    assert not relay.keeps_beginning
    assert room.take(REPLAY_BYTES)


async def test_without_room_only_what_is_unread_is_kept() -> None:
    relay, _ = shared(room=Repeats(held_bytes=10))
    reader = relay.join()
    await relay.send([delta("x" * 20)])
    assert not relay.keeps_beginning
    await relay.send([delta("y" * 20)])
    relay.end()
    assert texts(await everything(reader)) == ["x" * 20, "y" * 20]
