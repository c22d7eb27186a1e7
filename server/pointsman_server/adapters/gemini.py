"""The ``gemini`` dialect: Google's generateContent wire, version v1beta."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from pointsman.v1.completion_pb2 import CompletionSpecification

from pointsman_server.adapters import gemini_encode, gemini_failure, gemini_models, http_call
from pointsman_server.adapters.base import Encoded, HttpCall, ModelPage, ProviderFailure, Target
from pointsman_server.adapters.gemini_decode import GeminiDecoder
from pointsman_server.adapters.gemini_signature import DIALECT
from pointsman_server.catalog.model import Provider
from pointsman_server.secrets.model import Secret

_MODELS_PATH = "/v1beta/models"
_PAGE_SIZE = "1000"
_OVERHEAD_TOKENS = 1024


class GeminiDialect:
    """generateContent."""

    @property
    def name(self) -> str:
        return DIALECT

    @property
    def overhead_tokens(self) -> int:
        """1,024 tokens for what the host adds once to a request: its tool prompt, which is not published. A model that
        adds more says so in its own row.
        """
        return _OVERHEAD_TOKENS

    def encode(self, specification: CompletionSpecification, target: Target, key: Secret | None) -> Encoded:
        return gemini_encode.encode(specification, target, key)

    def decoder(self, content_type: str, quirks: AbstractSet[str] = frozenset()) -> GeminiDecoder:
        del content_type, quirks  # the first byte tells what it is, and no host answers otherwise
        return GeminiDecoder()

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderFailure:
        return gemini_failure.read(status, headers, body)

    def list_models(self, provider: Provider, key: Secret | None, page: str | None = None) -> HttpCall:
        query = {"pageSize": _PAGE_SIZE} | ({"pageToken": page} if page else {})
        return http_call.build(provider, key, operation="models", default_path=_MODELS_PATH, query=query)

    def models(self, body: bytes) -> ModelPage:
        return gemini_models.read(body)
