"""The methods of servicers, found by the contract's descriptors: what a transport binds."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from pointsman_server.services.access import ACCESS
from pointsman_server.services.call import Call
from pointsman_server.services.entry import Entry

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


class Servicer(Protocol):
    """Implements one service: a method in snake case for each RPC, taking the request and the ``Call``."""

    @property
    def descriptor(self) -> ServiceDescriptor:
        """The service."""
        ...


@dataclass(frozen=True, slots=True)
class UnaryMethod:
    """An RPC that answers once."""

    service: str
    name: str
    request_type: type[Message]
    function: Callable[[Any, Call], Awaitable[Message]]


@dataclass(frozen=True, slots=True)
class StreamMethod:
    """An RPC that streams its answers."""

    service: str
    name: str
    request_type: type[Message]
    function: Callable[[Any, Call], AsyncGenerator[Message, None]]


Method = UnaryMethod | StreamMethod
_Unary = Callable[[Any, Call], Awaitable[Message]]
_Stream = Callable[[Any, Call], AsyncGenerator[Message, None]]


def methods_of(servicers: Iterable[Servicer]) -> list[Method]:
    """Returns every method of the servicers.

    Raises:
        TypeError: a servicer lacks a method of its service, or nothing says who may call it.
    """
    return [_method(servicer, method) for servicer in servicers for method in servicer.descriptor.methods]


def _method(servicer: Servicer, method: MethodDescriptor) -> Method:
    name = _WORD_START.sub("_", method.name).lower()
    function = getattr(servicer, name, None)
    if function is None:
        raise TypeError(f"{type(servicer).__name__} has no method {name} for {method.full_name}")
    if method.client_streaming:
        raise TypeError(f"{method.full_name} streams requests, which no binding takes")
    access = ACCESS.get(f"{servicer.descriptor.name}/{method.name}")
    if access is None:
        raise TypeError(f"services/access.py has no row for {method.full_name}, so that nobody may call it")
    entry = Entry.to(method, access)
    service = servicer.descriptor.full_name
    request_type = GetMessageClass(method.input_type)
    if method.server_streaming:
        return StreamMethod(service, method.name, request_type, _guarded_stream(function, entry))
    return UnaryMethod(service, method.name, request_type, _guarded(function, entry))


def _guarded(function: _Unary, entry: Entry) -> _Unary:
    async def answer(request: Message, call: Call) -> Message:
        return await function(request, await entry.admit(request, call))

    return answer


def _guarded_stream(function: _Stream, entry: Entry) -> _Stream:
    def stream(request: Message, call: Call) -> AsyncGenerator[Message, None]:
        return function(request, entry.authorize(request, call))

    async def visit(request: Message, call: Call) -> AsyncGenerator[Message, None]:
        async with aclosing(function(request, await entry.admit(request, call))) as answers:
            async for answer in answers:
                yield answer

    return visit if entry.visits else stream  # the streams of completions pay for nothing between
