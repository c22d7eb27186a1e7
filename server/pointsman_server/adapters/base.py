"""What a dialect is: requests to bytes, bytes to events, and no sockets."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from pointsman.v1.completion_pb2 import (
    CompletionEvent,
    CompletionSpecification,
    FailureKind,
    FinishReason,
    Warning,  # noqa: A004  # the contract's word
)
from pointsman.v1.usage_pb2 import TokenUsage, UsageFlag

from pointsman_server.catalog.model import Model, Provider
from pointsman_server.secrets.model import Secret


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One HTTP request, ready to be sent. Its headers may hold a key and its body holds content: neither is shown."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Target:
    """Where one attempt goes: the provider, its model, and the output cap to enforce, in tokens."""

    provider: Provider
    model: Model
    max_output_tokens: int

    @property
    def quirks(self) -> frozenset[str]:
        """What the provider does otherwise, and what this model does."""
        return self.provider.quirks | self.model.quirks


@dataclass(frozen=True, slots=True)
class Encoded:
    """A request in a dialect, and what of it the dialect could not say.

    Attributes:
        summarises_thoughts: whether the answer holds summaries of thoughts at most, which tell nothing of what the
            thoughts cost.
    """

    call: HttpCall
    warnings: tuple[Warning, ...] = ()
    summarises_thoughts: bool = False


@dataclass(frozen=True, slots=True)
class UsageReported:
    """The provider's own count so far. There may be several, which need not agree.

    Attributes:
        whole: whether it counts the output too; if not, it counts the input alone, before the answer.
        flags: what was odd about it as it was written.
    """

    usage: TokenUsage
    whole: bool = True
    flags: frozenset[UsageFlag.ValueType] = frozenset()


@dataclass(frozen=True, slots=True)
class Stopped:
    """The model ended its answer. Usage may still follow; ``Decoder.close`` tells the end."""

    reason: FinishReason.ValueType


class ProviderFailure(Exception):
    """An attempt that failed, in Pointsman's own terms.

    Attributes:
        kind: why.
        http_status: the provider's status; ``None``: none arrived.
        retry_after: how long the provider asks to wait.
        provider_text: what the provider said, cut to 500 characters: for operators only, never for callers.
    """

    def __init__(
        self,
        kind: FailureKind.ValueType,
        *,
        http_status: int | None = None,
        retry_after: timedelta | None = None,
        provider_text: str = "",
    ) -> None:
        super().__init__(FailureKind.Name(kind))
        self.kind = kind
        self.http_status = http_status
        self.retry_after = retry_after
        self.provider_text = provider_text[:500]


DecodedEvent = CompletionEvent | UsageReported | Stopped
"""What a decoder yields. A ``CompletionEvent`` is a delta with its part index; its attempt is left unset."""


class Decoder(Protocol):
    """Turns one response's bytes into events, however they are cut. Serves one response."""

    def feed(self, data: bytes) -> list[DecodedEvent]:
        """Takes the next bytes, returns the events that they complete.

        Raises:
            ProviderFailure: an error inside the stream, or bytes that are not of the dialect (``GARBAGE``).
        """
        ...

    def close(self) -> list[DecodedEvent]:
        """Takes the end of the response, returns the last events.

        Raises:
            ProviderFailure: the answer is not whole (``CUT``).
        """
        ...


@dataclass(frozen=True, slots=True)
class DiscoveredModel:
    """A model as a provider's list names it; ``None``: the list does not say.

    Attributes:
        row: fields of ``catalog.model.Model`` that the list gives, by name.
    """

    external_id: str
    row: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelPage:
    """One page of a provider's list. ``next_page`` asks for the next; ``None``: this was the last."""

    models: tuple[DiscoveredModel, ...]
    next_page: str | None = None


class Dialect(Protocol):
    """A wire protocol."""

    @property
    def name(self) -> str:
        """The name that provider files use."""
        ...

    @property
    def overhead_tokens(self) -> int:
        """What chat templates and tool prompts add to the input at most, where the model's row does not say."""
        ...

    def encode(self, specification: CompletionSpecification, target: Target, key: Secret | None) -> Encoded:
        """Writes the request, streamed.

        Raises:
            ProviderFailure: the dialect has no words for the request (``INVALID_REQUEST``); nothing was sent.
        """
        ...

    def decoder(self, content_type: str, quirks: AbstractSet[str] = frozenset()) -> Decoder:
        """A fresh decoder for a successful response of a target with these quirks; ``content_type`` says whether it
        is a stream or one document.
        """
        ...

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderFailure:
        """Reads an unsuccessful response. Never raises, whatever the body is."""
        ...

    def list_models(self, provider: Provider, key: Secret | None, page: str | None = None) -> HttpCall:
        """Writes the request for a page of the provider's models; ``page`` is an earlier ``next_page``."""
        ...

    def models(self, body: bytes) -> ModelPage:
        """Reads a page of the provider's models.

        Raises:
            ProviderFailure: the body is not such a page (``GARBAGE``).
        """
        ...
