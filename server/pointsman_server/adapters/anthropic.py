"""The ``anthropic`` dialect: the Messages API."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from pointsman.v1.completion_pb2 import CompletionSpecification

from pointsman_server.adapters import anthropic_encode, anthropic_failure, anthropic_models, http_call
from pointsman_server.adapters.anthropic_decode import AnthropicDecoder
from pointsman_server.adapters.anthropic_names import DIALECT
from pointsman_server.adapters.base import Encoded, HttpCall, ModelPage, ProviderFailure, Target
from pointsman_server.catalog.model import Provider
from pointsman_server.secrets.model import Secret

_MODELS_PATH = "/v1/models"
_OVERHEAD_TOKENS = 2048


class AnthropicDialect:
    """The Messages API, whose version the provider's file names in the header ``anthropic-version``."""

    @property
    def name(self) -> str:
        return DIALECT

    @property
    def overhead_tokens(self) -> int:
        """2,048 tokens for what the API adds once to a request.

        Anthropic states 159 to 735 tokens for the prompt that comes with tools, and says without a figure that
        structured output brings a prompt of its own. Newer models count up to a third more tokens for the same text.
        """
        return _OVERHEAD_TOKENS

    def encode(self, specification: CompletionSpecification, target: Target, key: Secret | None) -> Encoded:
        return anthropic_encode.encode(specification, target, key)

    def decoder(self, content_type: str, quirks: AbstractSet[str] = frozenset()) -> AnthropicDecoder:
        del content_type, quirks  # the first byte tells what comes, and no quirk changes how it is read
        return AnthropicDecoder()

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderFailure:
        return anthropic_failure.read(status, headers, body)

    def list_models(self, provider: Provider, key: Secret | None, page: str | None = None) -> HttpCall:
        query = {"limit": str(anthropic_models.PAGE_SIZE)} | ({"after_id": page} if page else {})
        return http_call.build(provider, key, operation="models", default_path=_MODELS_PATH, query=query)

    def models(self, body: bytes) -> ModelPage:
        return anthropic_models.read(body)
