"""The methods of servicers, found by the contract's descriptors: what a transport binds."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from pointsman_server.services.call import Call

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


def methods_of(servicers: Iterable[Servicer]) -> list[Method]:
    """Returns every method of the servicers.

    Raises:
        TypeError: a servicer lacks a method of its service.
    """
    return [_method(servicer, method) for servicer in servicers for method in servicer.descriptor.methods]


def _method(servicer: Servicer, method: MethodDescriptor) -> Method:
    name = _WORD_START.sub("_", method.name).lower()
    function = getattr(servicer, name, None)
    if function is None:
        raise TypeError(f"{type(servicer).__name__} has no method {name} for {method.full_name}")
    if method.client_streaming:
        raise TypeError(f"{method.full_name} streams requests, which no binding takes")
    kind = StreamMethod if method.server_streaming else UnaryMethod
    service = servicer.descriptor.full_name
    return kind(service, method.name, GetMessageClass(method.input_type), function)
