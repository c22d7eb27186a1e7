"""Reads the model lists of Chat Completions servers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, Decimal

from pointsman.v1.model_pb2 import Capability, ModelType

from pointsman_server.adapters.base import DiscoveredModel, ModelPage
from pointsman_server.adapters.payload import garbage
from pointsman_server.adapters.token_count import first
from pointsman_server.catalog.model import Prices

_LONGEST_ID = 256
_LONG_CONTEXT_TOKENS = 200_000
_MODALITIES = {
    "image": Capability.CAPABILITY_VISION,
    "file": Capability.CAPABILITY_DOCUMENTS,
    "audio": Capability.CAPABILITY_AUDIO,
}
_PARAMETERS = {
    "tools": Capability.CAPABILITY_FUNCTION_CALLING,
    "structured_outputs": Capability.CAPABILITY_STRUCTURED_OUTPUT,
    "reasoning": Capability.CAPABILITY_REASONING,
}
_NANOS_PER_DOLLAR = Decimal(10**9)
_NANOS_PER_MILLION = _NANOS_PER_DOLLAR * 10**6
_LARGEST_PRICE = 2**53


def read(body: bytes) -> ModelPage:
    """Reads a list: ``{"data": […]}``, ``{"models": […]}`` or a bare array, of objects or names.

    Elements without a usable id are passed over, and so is an id that comes again. Fields that a host does not give,
    or gives in a form that nobody promised, are left out of the row.

    Raises:
        ProviderFailure: there is no list (``GARBAGE``).
    """
    found: dict[str, DiscoveredModel] = {}
    for item in _items(body):
        fields = item if isinstance(item, dict) else {"id": item}
        external_id = _id(fields)
        if external_id and external_id not in found:
            found[external_id] = DiscoveredModel(external_id, dict(_row(fields)))
    return ModelPage(tuple(found.values()))


def _items(body: bytes) -> list[object]:
    try:
        value = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise garbage("the model list is not JSON") from error
    if isinstance(value, dict):
        value = next((value[name] for name in ("data", "models") if isinstance(value.get(name), list)), None)
    if not isinstance(value, list):
        raise garbage("there is no model list")
    return value


def _id(fields: Mapping[str, object]) -> str:
    for name in ("id", "model", "name"):
        value = fields.get(name)
        if isinstance(value, str) and value and len(value) <= _LONGEST_ID and value.isprintable():
            return value
    return ""


def _row(fields: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    name = fields.get("name") or fields.get("display_name")
    if isinstance(name, str) and name.isprintable():
        yield "display_name", name[:_LONGEST_ID]
    context = _context_window(fields)
    if context:
        yield "context_window_tokens", context
    top = _object(fields.get("top_provider"))
    if output := first(top.get("max_completion_tokens"), fields.get("max_completion_tokens")):
        yield "max_output_tokens", output
    if _is_embedding(fields):
        yield "type", ModelType.MODEL_TYPE_EMBEDDING
    prices = _prices(_object(fields.get("pricing")))
    if prices:
        yield "prices", prices
    if capabilities := _capabilities(fields, context, prices):
        yield "capabilities", capabilities


def _context_window(fields: Mapping[str, object]) -> int:
    """The most that the host serves: where it tells its own limit beside the model's, its own counts. 0: not told."""
    meta = _object(fields.get("meta"))
    top = _object(fields.get("top_provider"))
    return first(
        top.get("context_length"),
        fields.get("context_length"),
        fields.get("max_model_len"),
        fields.get("context_window"),
        fields.get("max_context_length"),
        meta.get("n_ctx"),
        meta.get("n_ctx_train"),
    )


def _capabilities(fields: Mapping[str, object], context: int, prices: Prices | None) -> frozenset[Capability.ValueType]:
    """What the list tells; empty: it tells nothing."""
    modalities = _names(_object(fields.get("architecture")).get("input_modalities"))
    parameters = _names(fields.get("supported_parameters"))
    if not modalities and not parameters:
        return frozenset()
    found = {Capability.CAPABILITY_TEXT}
    found |= {capability for name, capability in _MODALITIES.items() if name in modalities}
    found |= {capability for name, capability in _PARAMETERS.items() if name in parameters}
    if context >= _LONG_CONTEXT_TOKENS:
        found.add(Capability.CAPABILITY_LONG_CONTEXT)
    if prices and prices.cache_read_nanos_per_million is not None:
        found.add(Capability.CAPABILITY_PROMPT_CACHE)
    return frozenset(found)


def _is_embedding(fields: Mapping[str, object]) -> bool:
    outputs = _names(_object(fields.get("architecture")).get("output_modalities"))
    return fields.get("type") == "embedding" or outputs == {"embeddings"}


def _prices(pricing: Mapping[str, object]) -> Prices | None:
    """Dollars per token as decimal text, to nano-dollars per million tokens, rounded up.

    Without both base prices, or with a negative one (a router whose price depends on its choice), none is known.
    """
    base_input = _nanos(pricing.get("prompt"), _NANOS_PER_MILLION)
    base_output = _nanos(pricing.get("completion"), _NANOS_PER_MILLION)
    if base_input is None or base_output is None:
        return None
    return Prices(
        base_input,
        base_output,
        cache_read_nanos_per_million=_nanos(pricing.get("input_cache_read"), _NANOS_PER_MILLION),
        cache_write_nanos_per_million=_nanos(pricing.get("input_cache_write"), _NANOS_PER_MILLION),
        input_audio_nanos_per_million=_nanos(pricing.get("audio"), _NANOS_PER_MILLION),
        request_nanos=_nanos(pricing.get("request"), _NANOS_PER_DOLLAR) or 0,
        source="provider",
    )


def _nanos(value: object, nanos_per_unit: Decimal) -> int | None:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    try:
        nanos = (Decimal(str(value)) * nanos_per_unit).to_integral_value(ROUND_CEILING)
    except ArithmeticError:  # no number, or one that even Decimal cannot hold
        return None
    return int(nanos) if nanos.is_finite() and 0 <= nanos <= _LARGEST_PRICE else None


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _names(value: object) -> frozenset[str]:
    return frozenset(name for name in value if isinstance(name, str)) if isinstance(value, list) else frozenset()
