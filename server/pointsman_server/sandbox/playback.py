"""Plays one generation to the client: paced or at once, and broken where a fault says so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from pointsman_server.sandbox.answer import Finish
from pointsman_server.sandbox.conversation import Ask, Refusal
from pointsman_server.sandbox.engine import Generation
from pointsman_server.sandbox.faults import FIGURES, Fault
from pointsman_server.sandbox.http1 import Reply
from pointsman_server.sandbox.meter import Entry
from pointsman_server.sandbox.models import SandboxModel
from pointsman_server.sandbox.wire import Usage, Writer

EVENT_STREAM: Final = "text/event-stream; charset=utf-8"
JSON: Final = "application/json"
# No UTF-8, and no JSON, wherever it is put.
GARBAGE: Final = b'data: {"\xff\xfe\x00 nonsense\n\n'


@dataclass(frozen=True, slots=True)
class Pace:
    """When deltas are sent, in seconds from the start and from each other."""

    first_s: float
    gap_s: float


def pace_of(model: SandboxModel, fault: Fault, *, speed: float, burst: bool) -> Pace:
    """The model's own pace, ``speed`` times as fast, unless the fault says otherwise."""
    at_once = burst if fault.burst is None else fault.burst
    first_ms, gap_ms = (0.0, 0.0) if at_once else (model.first_ms / speed, 1_000 / model.tokens_per_second / speed)
    if fault.first_ms is not None:
        first_ms = fault.first_ms
    if fault.gap_ms is not None:
        gap_ms = fault.gap_ms
    return Pace(first_ms / 1_000, gap_ms / 1_000)


async def hang() -> None:
    """Waits until the client goes away, which cancels it."""
    await asyncio.get_running_loop().create_future()


class Playback:
    """Sends one answer and counts in the meter what was sent of it."""

    def __init__(
        self,
        reply: Reply,
        writer: Writer,
        ask: Ask,
        *,
        generation: Generation,
        fault: Fault,
        pace: Pace,
        entry: Entry,
    ) -> None:
        self._reply = reply
        self._writer = writer
        self._ask = ask
        self._generation = generation
        self._fault = fault
        self._pace = pace
        self._entry = entry

    async def run(self) -> None:
        """Plays it."""
        generation, entry = self._generation, self._entry
        entry.streamed = self._ask.stream
        entry.admit(generation.model, generation.input_tokens, generation.cached_tokens)
        await (self._stream() if self._ask.stream else self._whole())
        entry.outcome = "ended" if self._fault.breaks_after is None else "failed"

    async def _stream(self) -> None:
        self._start(EVENT_STREAM)
        last = await self._send_deltas()
        if self._fault.breaks_after is not None:
            await self._break(last)
        else:
            await self._end(last + self._ending())

    async def _send_deltas(self) -> bytes:
        """Sends the deltas as they fall due; returns the last of them unsent, so that the ending travels with them."""
        deltas = self._generation.answer.deltas[: self._fault.breaks_after]
        clock = asyncio.get_running_loop().time
        begin, gap_s, done = clock() + self._pace.first_s, self._pace.gap_s, 0
        counts = self._writer.counts_always or self._fault.usage in {"repeated", "shrinking"}
        data = self._writer.opening(self._usage())
        while True:
            if (wait_s := begin + done * gap_s - clock()) > 0:
                await asyncio.sleep(wait_s)
            due = int((clock() - begin) / gap_s) + 1 if gap_s else len(deltas)
            for delta in deltas[done : max(due, done + 1)]:
                self._entry.count(self._generation.model, delta)
                data += self._writer.delta(delta, self._usage() if counts else None)
                done += 1
            if done == len(deltas):
                return data
            await self._send(data)
            data = b""

    async def _break(self, data: bytes) -> None:
        fault, reply = self._fault, self._reply
        if fault.breaks_after == fault.error_after:
            await self._end(data + self._writer.failure(_MID_STREAM))
            return
        await self._send(data)
        if fault.breaks_after == fault.hang_after:
            await hang()
        if fault.breaks_after == fault.garbage_after:
            await self._end(GARBAGE)
            return
        reply.cut()

    async def _whole(self) -> None:
        answer = self._generation.answer
        await asyncio.sleep(self._pace.first_s + self._pace.gap_s * len(answer.deltas))
        for delta in answer.deltas:
            self._entry.count(self._generation.model, delta)
        body = self._writer.whole(answer, self._finish(), self._usage())
        if self._fault.breaks_after is not None:
            self._start(JSON)
            await self._break(body[: len(body) // 2])
        elif self._fault.bytes_per_second is not None:
            self._start(JSON)
            await self._end(body)
        else:
            headers = {"x-request-id": self._entry.id}
            self._reply.send(200, self._fault.content_type or JSON, body, headers)

    def _start(self, content_type: str) -> None:
        headers = {"x-request-id": self._entry.id, "cache-control": "no-cache"}
        self._reply.start(200, self._fault.content_type or content_type, headers)

    async def _send(self, data: bytes) -> None:
        rate = self._fault.bytes_per_second
        if rate is None:
            self._reply.write(data)
        else:
            for at in range(len(data)):
                self._reply.write(data[at : at + 1])
                await asyncio.sleep(1 / rate)
        await self._reply.drain()

    async def _end(self, data: bytes) -> None:
        if self._fault.bytes_per_second is not None:
            await self._send(data)
            data = b""
        self._reply.end(data)

    def _ending(self) -> bytes:
        usage = self._usage(at_end=True) if self._ask.report_usage else None
        done = not self._fault.no_done
        if self._fault.usage == "after_end":
            return self._writer.ending(self._finish(), None, done=done) + self._writer.ending(None, usage, done=False)
        return self._writer.ending(self._finish(), usage, done=done)

    def _finish(self) -> Finish | None:
        return None if self._fault.no_finish else self._generation.answer.finish

    def _usage(self, *, at_end: bool = False) -> Usage | None:
        """What is reported: the meter's count, unless a fault says otherwise."""
        entry, fault = self._entry, self._fault.usage
        if fault == "missing" or (fault == "after_end" and not at_end):
            return None
        figure = FIGURES.get(fault or "", int)
        if fault == "shrinking" and at_end:
            figure = _half
        return Usage(entry.input_tokens, entry.cached_tokens, entry.output_tokens, entry.reasoning_tokens, figure)


def _half(tokens: int) -> int:
    return tokens // 2


_MID_STREAM: Final = Refusal(500, "The server had an error while processing your request.", code="server_error")
