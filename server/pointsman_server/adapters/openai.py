"""The ``openai`` dialect: the Chat Completions wire, as many hosts speak it."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from pointsman.v1.completion_pb2 import CompletionSpecification

from pointsman_server.adapters import http_call, openai_encode, openai_failure, openai_models
from pointsman_server.adapters.base import Encoded, HttpCall, ModelPage, ProviderFailure, Target
from pointsman_server.adapters.openai_decode import OpenAIDecoder
from pointsman_server.adapters.openai_tool_calls import DIALECT
from pointsman_server.catalog.model import Provider
from pointsman_server.secrets.model import Secret

_MODELS_PATH = "/models"
_OVERHEAD_TOKENS = 1024


class OpenAIDialect:
    """Chat Completions."""

    @property
    def name(self) -> str:
        return DIALECT

    @property
    def overhead_tokens(self) -> int:
        """1,024 tokens for what a host adds once to a request.

        At their largest: the tool prompt, about 350 tokens in the templates of Llama, Qwen and DeepSeek and up to 735
        on Claude behind a compatible endpoint; and a system message that the template brings along, about 150
        (gpt-oss). A model that adds more says so in its own row. What grows with the request, the markers around each
        message and tool (3 to 12 tokens), belongs to the bound on the request itself.
        """
        return _OVERHEAD_TOKENS

    def encode(self, specification: CompletionSpecification, target: Target, key: Secret | None) -> Encoded:
        return openai_encode.encode(specification, target, key)

    def decoder(self, content_type: str, quirks: AbstractSet[str] = frozenset()) -> OpenAIDecoder:
        del content_type  # servers mislabel their answers; the first byte tells
        return OpenAIDecoder(quirks)

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderFailure:
        return openai_failure.read(status, headers, body)

    def list_models(self, provider: Provider, key: Secret | None, page: str | None = None) -> HttpCall:
        del page  # the wire's list has one page
        return http_call.build(provider, key, operation="models", default_path=_MODELS_PATH)

    def models(self, body: bytes) -> ModelPage:
        return openai_models.read(body)
