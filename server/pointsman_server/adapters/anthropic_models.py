"""Reads the model list of the Messages API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from pointsman.v1.model_pb2 import Capability, LifeCycle

from pointsman_server.adapters.base import DiscoveredModel, ModelPage
from pointsman_server.adapters.payload import garbage, text_or_empty
from pointsman_server.adapters.token_count import count

PAGE_SIZE = 1000
"""The most that the API gives at once."""

_LONGEST_ID = 256
_LONG_CONTEXT_TOKENS = 200_000
_CAPABILITIES = {
    "image_input": Capability.CAPABILITY_VISION,
    "pdf_input": Capability.CAPABILITY_DOCUMENTS,
    "structured_outputs": Capability.CAPABILITY_STRUCTURED_OUTPUT,
    "thinking": Capability.CAPABILITY_REASONING,
}
_ALWAYS = frozenset(
    {
        Capability.CAPABILITY_TEXT,
        Capability.CAPABILITY_FUNCTION_CALLING,
        Capability.CAPABILITY_PROMPT_CACHE,
    }
)
"""What every model of this API does; its list says nothing of it."""
_LIFE_CYCLES = {
    "active": LifeCycle.LIFE_CYCLE_ACTIVE,
    "deprecated": LifeCycle.LIFE_CYCLE_DEPRECATED,
    "retired": LifeCycle.LIFE_CYCLE_RETIRED,
}


def read(body: bytes) -> ModelPage:
    """Reads a page. Elements without a usable id are passed over; fields that a host does not give stay unknown.

    Raises:
        ProviderFailure: there is no list (``GARBAGE``).
    """
    try:
        value = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise garbage("the model list is not JSON") from error
    if not isinstance(value, dict) or not isinstance(value.get("data"), list):
        raise garbage("there is no model list")
    found: dict[str, DiscoveredModel] = {}
    for item in value["data"]:
        fields = _object(item)
        external_id = text_or_empty(fields.get("id"))
        if external_id and external_id.isprintable() and len(external_id) <= _LONGEST_ID:
            found.setdefault(external_id, DiscoveredModel(external_id, dict(_row(fields))))
    last = text_or_empty(value.get("last_id"))
    return ModelPage(tuple(found.values()), last if value.get("has_more") is True and last else None)


def _row(fields: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    name = text_or_empty(fields.get("display_name"))
    if name and name.isprintable():
        yield "display_name", name[:_LONGEST_ID]
    context = count(fields.get("max_input_tokens"))
    if context:
        yield "context_window_tokens", context
    if output := count(fields.get("max_tokens")):
        yield "max_output_tokens", output
    if life_cycle := _LIFE_CYCLES.get(text_or_empty(fields.get("lifecycle"))):
        yield "life_cycle", life_cycle
    told = _object(fields.get("capabilities"))
    if told:
        yield "capabilities", _capabilities(told, context or 0)
        yield "quirks", frozenset(_quirks(_object(told.get("thinking"))))


def _capabilities(told: Mapping[str, object], context_tokens: int) -> frozenset[Capability.ValueType]:
    found = {capability for name, capability in _CAPABILITIES.items() if _supports(told, name)}
    if context_tokens >= _LONG_CONTEXT_TOKENS:
        found.add(Capability.CAPABILITY_LONG_CONTEXT)
    return _ALWAYS | found


def _quirks(thinking: Mapping[str, object]) -> Iterator[str]:
    """How the model takes thinking: the generations differ, and the list says how."""
    types = _object(thinking.get("types"))
    if types and thinking.get("supported") is True:
        if not _supports(types, "adaptive"):
            yield "thinking_budget"
        if not _supports(types, "disabled"):
            yield "always_thinks"


def _supports(told: Mapping[str, object], name: str) -> bool:
    return _object(told.get(name)).get("supported") is True


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
