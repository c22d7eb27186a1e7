"""One attempt: a request to one model of one provider, and its answer as events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from typing import Protocol

from pointsman.v1.completion_pb2 import (
    CompletionEvent,
    CompletionSpecification,
    FailureKind,
    FinishReason,
    Warning,  # noqa: A004  # the contract's word
)

from pointsman_server.adapters.base import (
    DecodedEvent,
    Dialect,
    HttpCall,
    ProviderFailure,
    Stopped,
    Target,
    UsageReported,
)
from pointsman_server.adapters.transport import Response, Timeouts
from pointsman_server.catalog.model import Auth, Provider
from pointsman_server.clock import Clock
from pointsman_server.execution.reported import Reported
from pointsman_server.secrets.model import Secret

_ERROR_BODY_LIMIT_BYTES = 64 * 1024
_ERROR_BODY_S = 2.0
_FIRST_FAILURE_STATUS = 300
_NEVER_ARRIVED = frozenset({FailureKind.FAILURE_KIND_CONNECT, FailureKind.FAILURE_KIND_BLOCKED_ADDRESS})
# It is we who close the connection then, and the provider may go on.
_GIVEN_UP = frozenset(
    {
        FailureKind.FAILURE_KIND_TIMEOUT,
        FailureKind.FAILURE_KIND_TOO_LARGE,
        FailureKind.FAILURE_KIND_GARBAGE,
        FailureKind.FAILURE_KIND_INTERNAL,
    }
)

Deliver = Callable[[list[CompletionEvent]], Awaitable[None]]
"""Takes the deltas that arrived together."""


class Exchanges(Protocol):
    """What carries a call to a provider: the transport."""

    def exchange(self, call: HttpCall, provider: Provider, timeouts: Timeouts) -> AbstractAsyncContextManager[Response]:
        """Sends the call; the response is open inside the context."""
        ...


class Keys(Protocol):
    """What finds a provider's key."""

    def find(self, auth: Auth) -> tuple[Secret, str] | None:
        """Returns the key and the name of its source; ``None``: there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the steps of one attempt may take.

    Attributes:
        transport: the transport's four.
        first_token_s: how long the first delta may take, whatever bytes come before it.
    """

    transport: Timeouts
    first_token_s: float


@dataclass(slots=True)
class Tally:
    """What is known of an attempt so far; it outlives the attempt, however that ends.

    Attributes:
        dispatched: whether the provider may have seen the request.
        refused: whether it answered with an error status, so that it bills nothing.
        reported: the provider's own count.
        hung_up: whether we ended the exchange before its end.
        output_bytes: the UTF-8 bytes of all deltas.
        reasoning_seen: whether any of them was reasoning.
        reasoning_summarised: whether reasoning arrives as summaries at most.
        first_token_at: on the monotonic clock, in seconds.
    """

    started_at: float
    dispatched: bool = False
    refused: bool = False
    reported: Reported = field(default_factory=Reported)
    hung_up: bool = False
    finish_reason: FinishReason.ValueType = FinishReason.FINISH_REASON_UNSPECIFIED
    output_bytes: int = 0
    reasoning_seen: bool = False
    reasoning_summarised: bool = False
    first_token_at: float | None = None
    warnings: list[Warning] = field(default_factory=list)


class Attempts:
    """Makes attempts."""

    def __init__(self, *, dialects: Mapping[str, Dialect], transport: Exchanges, keys: Keys, clock: Clock) -> None:
        self._dialects = dialects
        self._transport = transport
        self._keys = keys
        self._clock = clock

    async def run(
        self,
        specification: CompletionSpecification,
        target: Target,
        limits: Limits,
        tally: Tally,
        deliver: Deliver,
    ) -> None:
        """Makes one attempt; returns when the answer is whole.

        Args:
            specification: what is asked.
            target: who is asked.
            limits: how long its steps may take.
            tally: where everything that becomes known is written at once.
            deliver: takes the deltas.

        Raises:
            ProviderFailure: the attempt failed.
        """
        dialect = self._dialects[target.provider.dialect]
        encoded = dialect.encode(specification, target, self._key(target.provider))
        tally.warnings.extend(encoded.warnings)
        tally.reasoning_summarised = encoded.summarises_thoughts
        tally.dispatched = True
        try:
            async with (
                asyncio.timeout(limits.first_token_s) as timer,
                self._transport.exchange(encoded.call, target.provider, limits.transport) as response,
            ):
                await self._read(target, response, timer, tally, deliver)
        except TimeoutError as error:
            tally.hung_up = True
            raise ProviderFailure(FailureKind.FAILURE_KIND_TIMEOUT) from error
        except ProviderFailure as failure:
            tally.dispatched = failure.kind not in _NEVER_ARRIVED
            tally.hung_up = failure.kind in _GIVEN_UP
            raise
        except BaseException:  # we are told to stop, or have a defect
            tally.hung_up = True
            raise

    def _key(self, provider: Provider) -> Secret | None:
        found = self._keys.find(provider.auth)
        if found is None and provider.auth.needs_key:
            raise ProviderFailure(FailureKind.FAILURE_KIND_KEY_MISSING)
        return found[0] if found else None

    async def _read(
        self, target: Target, response: Response, timer: asyncio.Timeout, tally: Tally, deliver: Deliver
    ) -> None:
        dialect = self._dialects[target.provider.dialect]
        if response.status >= _FIRST_FAILURE_STATUS:
            tally.refused = True
            raise dialect.failure(response.status, response.headers, await _error_body(response))
        decoder = dialect.decoder(response.content_type, target.quirks)
        async for chunk in response.chunks():
            deltas = self._note(decoder.feed(chunk), tally)
            if deltas:
                if timer.when() is not None:
                    timer.reschedule(None)
                await deliver(deltas)
        timer.reschedule(None)
        if deltas := self._note(decoder.close(), tally):
            await deliver(deltas)

    def _note(self, decoded: list[DecodedEvent], tally: Tally) -> list[CompletionEvent]:
        """Writes what the events say into the tally and returns the deltas among them."""
        deltas: list[CompletionEvent] = []
        for event in decoded:
            if isinstance(event, UsageReported):
                tally.reported.take(event, tally.output_bytes)
            elif isinstance(event, Stopped):
                tally.finish_reason = event.reason
            else:
                deltas.append(event)
                kind = event.WhichOneof("kind")
                if kind == "text_delta":
                    text = event.text_delta.text
                    tally.output_bytes += len(text) if text.isascii() else len(text.encode())
                else:
                    tally.output_bytes += _output_bytes(event, kind)
                    tally.reasoning_seen |= kind == "reasoning_delta"
        if deltas and tally.first_token_at is None:
            tally.first_token_at = self._clock.monotonic()
        return deltas


async def _error_body(response: Response) -> bytes:
    """What a provider says of its error, as far as it comes soon: most is told by status and headers already."""
    with suppress(ProviderFailure, TimeoutError):
        async with asyncio.timeout(_ERROR_BODY_S):
            return await response.read(_ERROR_BODY_LIMIT_BYTES)
    return b""


def _output_bytes(event: CompletionEvent, kind: str | None) -> int:
    """The UTF-8 bytes of what a delta that is no text says: never fewer than its tokens."""
    if kind == "tool_call_delta":
        call = event.tool_call_delta
        return len(call.name.encode()) + len(call.arguments_json.encode())
    if kind == "reasoning_delta":
        return len(event.reasoning_delta.text.encode())
    return len(event.refusal_delta.text.encode()) if kind == "refusal_delta" else 0
