"""The relay: numbering, batching, back-pressure and the two ways to leave."""

import asyncio

import pytest
from pointsman.v1.completion_pb2 import CompletionEvent, TextDelta
from pointsman_server.errors import StreamBroken
from pointsman_server.execution.relay import CAPACITY_EVENTS, FULL_RESPONSE_BYTES, ReaderStalled, Relay


def delta(text: str) -> CompletionEvent:
    return CompletionEvent(text_delta=TextDelta(text=text))


class Closes:
    count = 0

    def __call__(self) -> None:
        self.count += 1


def relay(stalled_reader_ms: int = 1000, on_close: Closes | None = None) -> Relay:
    return Relay(stalled_reader_ms=stalled_reader_ms, on_close=on_close or Closes())


async def test_what_waits_together_travels_together_and_numbers_go_on() -> None:
    channel = relay()
    await channel.send([delta("a"), delta("b")])
    await channel.send([delta("c")])
    responses = aiter(channel)
    first = await anext(responses)
    assert (first.first_sequence, [event.text_delta.text for event in first.events]) == (0, ["a", "b", "c"])

    await channel.send([delta("d")])
    channel.end()
    rest = [response async for response in responses]
    assert [(response.first_sequence, len(response.events)) for response in rest] == [(3, 1)]


async def test_a_response_stays_below_what_clients_take() -> None:
    channel = relay()
    await channel.send([delta("x" * 100_000)] * 100)
    channel.end()
    responses = [response async for response in channel]
    assert [len(response.events) for response in responses] == [11] * 9 + [1]
    assert [response.first_sequence for response in responses] == list(range(0, 100, 11))
    assert max(response.ByteSize() for response in responses) < FULL_RESPONSE_BYTES + 200_000


async def test_an_error_comes_after_everything_that_was_sent() -> None:
    channel = relay()
    await channel.send([delta("a")])
    channel.end(StreamBroken("broken"))
    responses = aiter(channel)
    assert (await anext(responses)).events[0].text_delta.text == "a"
    with pytest.raises(StreamBroken):
        await anext(responses)


async def test_a_waiting_reader_is_woken_by_an_event() -> None:
    channel = relay()
    responses = aiter(channel)
    reading = asyncio.ensure_future(anext(responses))
    await asyncio.sleep(0)
    await channel.send([delta("late")])
    assert (await reading).events[0].text_delta.text == "late"


async def test_a_full_relay_holds_the_sender_until_the_reader_takes() -> None:
    channel = relay()
    sending = asyncio.ensure_future(channel.send([delta("x")] * CAPACITY_EVENTS))
    await asyncio.sleep(0.01)
    assert not sending.done()
    response = await anext(channel)
    assert len(response.events) == CAPACITY_EVENTS
    await asyncio.wait_for(sending, 1)


async def test_a_reader_that_takes_nothing_stalls_the_sender_only_so_long() -> None:
    channel = relay(stalled_reader_ms=10)
    with pytest.raises(ReaderStalled):
        await channel.send([delta("x")] * CAPACITY_EVENTS)


async def test_closing_tells_the_supervisor_once_and_frees_the_sender() -> None:
    closes = Closes()
    channel = relay(on_close=closes)
    sending = asyncio.ensure_future(channel.send([delta("x")] * CAPACITY_EVENTS))
    await asyncio.sleep(0)
    channel.close()
    channel.close()
    await asyncio.wait_for(sending, 1)
    assert closes.count == 1


async def test_after_closing_events_are_dropped() -> None:
    channel = relay()
    channel.close()
    await channel.send([delta("x")] * (CAPACITY_EVENTS * 2))
    assert channel.sent_count == 0


async def test_sent_count_counts_what_waits_and_what_went() -> None:
    channel = relay()
    await channel.send([delta("a"), delta("b")])
    await anext(channel)
    await channel.send([delta("c")])
    assert channel.sent_count == 3
