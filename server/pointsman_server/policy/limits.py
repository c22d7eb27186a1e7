"""From merged limits to a verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pointsman_server.policy.merge import Demand, MergedLimit
from pointsman_server.policy.model import (
    ANY_MODEL,
    CheckedContent,
    ModelLimits,
    PolicyMeter,
    PolicyRefusal,
    Verdict,
)
from pointsman_server.policy.rule import ContentCheck
from pointsman_server.policy.rules.allowed_classes import ALLOWED_CLASSES
from pointsman_server.policy.rules.allowed_models import ALLOWED_MODELS
from pointsman_server.policy.rules.allowed_providers import ALLOWED_PROVIDERS
from pointsman_server.policy.rules.allowed_regions import ALLOWED_REGIONS
from pointsman_server.policy.rules.base import Form
from pointsman_server.policy.rules.denied_models import DENIED_MODELS
from pointsman_server.policy.rules.denied_providers import DENIED_PROVIDERS
from pointsman_server.policy.rules.denied_regions import DENIED_REGIONS
from pointsman_server.policy.rules.diagram_files_per_req import DIAGRAM_FILES_PER_REQ
from pointsman_server.policy.rules.max_api_calls import MAX_API_CALLS
from pointsman_server.policy.rules.max_request_bytes import MAX_REQUEST_BYTES
from pointsman_server.policy.rules.max_tokens_in import MAX_TOKENS_IN
from pointsman_server.policy.rules.max_tokens_out import MAX_TOKENS_OUT
from pointsman_server.policy.rules.retrieval_top_k import RETRIEVAL_TOP_K

_OF_TASKS = (MAX_API_CALLS.key, RETRIEVAL_TOP_K.key, DIAGRAM_FILES_PER_REQ.key)


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """What the operator's settings limit, for everyone and every call.

    Attributes:
        default_output_tokens: the output cap where the caller names none.
        max_output_tokens: the largest output cap; ``None``: the model's own.
        max_attempts: the most models that one call tries.
        allow_fallback: whether another model may serve when the first one fails.
        max_request_bytes: the largest request; ``None``: any.
    """

    default_output_tokens: int
    max_output_tokens: int | None
    max_attempts: int
    allow_fallback: bool
    max_request_bytes: int | None = None

    def demands(self) -> Iterator[tuple[str, Demand]]:
        """What it asks for, by key."""
        if self.max_output_tokens is not None:
            yield MAX_TOKENS_OUT.key, Demand("server", "max_output_tokens", self.max_output_tokens)
        if self.max_request_bytes is not None:
            yield MAX_REQUEST_BYTES.key, Demand("server", "max_request_bytes", self.max_request_bytes)


def verdict_of(
    server: ServerLimits,
    limits: Mapping[str, MergedLimit],
    refusals: tuple[PolicyRefusal, ...],
    generation: int,
    meters: tuple[PolicyMeter, ...],
) -> Verdict:
    """The verdict, as far as it does not depend on the call itself."""
    most = _limit(limits, MAX_TOKENS_OUT.key)
    default = server.default_output_tokens
    return Verdict(
        max_output_tokens=most,
        default_output_tokens=default if most is None else min(default, most),
        max_attempts=server.max_attempts,
        allow_fallback=server.allow_fallback,
        refusals=refusals,
        max_input_tokens=_limit(limits, MAX_TOKENS_IN.key),
        models=_models(limits),
        meters=meters,
        content_checks=tuple(_content(limits)),
        amounts=tuple((key, limits[key].limit) for key in _OF_TASKS if _limit(limits, key) is not None),
        generation=generation,
    )


def _limit(limits: Mapping[str, MergedLimit], key: str) -> Any:  # noqa: ANN401  # as the key's kind merges it
    found = limits.get(key)
    return None if found is None else found.limit


def _models(limits: Mapping[str, MergedLimit]) -> ModelLimits:
    models = ModelLimits(
        allowed_models=_limit(limits, ALLOWED_MODELS.key) or (),
        denied_models=_limit(limits, DENIED_MODELS.key) or frozenset(),
        allowed_classes=_limit(limits, ALLOWED_CLASSES.key),
        allowed_providers=_limit(limits, ALLOWED_PROVIDERS.key),
        denied_providers=_limit(limits, DENIED_PROVIDERS.key) or frozenset(),
        allowed_regions=_limit(limits, ALLOWED_REGIONS.key),
        denied_regions=_limit(limits, DENIED_REGIONS.key) or frozenset(),
    )
    return ANY_MODEL if models == ANY_MODEL else models


def _content(limits: Mapping[str, MergedLimit]) -> Iterator[CheckedContent]:
    for key, limit in limits.items():
        if limit.kind.form is Form.CONTENT_CHECK:
            for each in limit.contributions:
                if each.stands and isinstance(each.demand.value, ContentCheck):
                    yield CheckedContent(key, each.demand.value, each.demand.source_id)
