"""What a wire is to the sandbox: how requests are read and answers written. The engine knows nothing else of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from pointsman_server.sandbox.answer import Answer, Delta, Finish
from pointsman_server.sandbox.conversation import Ask, Refusal
from pointsman_server.sandbox.models import SandboxModel


@dataclass(frozen=True, slots=True)
class Usage:
    """What is reported of an answer; ``input_tokens`` are without the cached ones, ``output_tokens`` likewise.

    Attributes:
        figure: what each number is written as: itself, unless a fault says otherwise.
    """

    input_tokens: int
    cached_tokens: int
    output_tokens: int
    reasoning_tokens: int
    figure: Callable[[int], object] = int


class Writer(Protocol):
    """Writes one answer."""

    @property
    def counts_always(self) -> bool:
        """Whether every piece of a stream reports the count so far."""
        ...

    def opening(self, usage: Usage | None) -> bytes:
        """What a stream begins with; ``usage``: the count before the answer, where it is reported there."""
        ...

    def delta(self, delta: Delta, usage: Usage | None) -> bytes:
        """One piece; ``usage``: the count so far, where it is reported in every piece."""
        ...

    def ending(self, finish: Finish | None, usage: Usage | None, *, done: bool) -> bytes:
        """What a stream ends with; ``done``: whether the mark that ends it is written too."""
        ...

    def failure(self, refusal: Refusal) -> bytes:
        """An error inside the stream."""
        ...

    def whole(self, answer: Answer, finish: Finish | None, usage: Usage | None) -> bytes:
        """The whole answer as one document."""
        ...


class Wire(Protocol):
    """A wire format."""

    def read(self, body: bytes) -> Ask:
        """Reads a request.

        Raises:
            Refusal: it is not what the wire allows.
        """
        ...

    def writer(self, ask: Ask, request_id: str, created_s: int) -> Writer:
        """Makes the writer of one answer."""
        ...

    def refusal(self, refusal: Refusal) -> bytes:
        """The body of an error status."""
        ...

    def models(self, models: Iterable[SandboxModel]) -> bytes:
        """The list of models."""
        ...

    def model(self, model: SandboxModel) -> bytes:
        """One model."""
        ...
