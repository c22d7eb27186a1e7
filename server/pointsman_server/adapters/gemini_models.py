"""Reads pages of Gemini's model list."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from pointsman.v1.model_pb2 import Capability, ModelType

from pointsman_server.adapters.base import DiscoveredModel, ModelPage
from pointsman_server.adapters.payload import garbage
from pointsman_server.adapters.token_count import first

_LONGEST_NAME = 256
_LONGEST_PAGE_TOKEN = 4096
_LONG_CONTEXT_TOKENS = 200_000
_PREFIX = "models/"


def read(body: bytes) -> ModelPage:
    """Reads a page: ``{"models": […], "nextPageToken": …}``.

    Models that neither generate content nor embed it (images, video, live audio) are passed over, and so are elements
    without a usable name. Fields that the list does not give are left out of the row.

    Raises:
        ProviderFailure: there is no list (``GARBAGE``).
    """
    page = _page(body)
    found: dict[str, DiscoveredModel] = {}
    for item in _list(page.get("models")):
        fields = item if isinstance(item, dict) else {}
        name = _name(fields.get("name")).removeprefix(_PREFIX)
        if name and _serves(fields) and name not in found:
            found[name] = DiscoveredModel(name, dict(_row(fields)))
    token = page.get("nextPageToken")
    token = token if isinstance(token, str) and len(token) <= _LONGEST_PAGE_TOKEN else ""
    return ModelPage(tuple(found.values()), next_page=token or None)


def _page(body: bytes) -> Mapping[str, object]:
    try:
        page = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise garbage("the model list is not JSON") from error
    # The API leaves an empty list out, but an error or another provider's list is none.
    if not isinstance(page, dict) or not isinstance(page.get("models", [] if page == {} else None), list):
        raise garbage("there is no model list")
    return page


def _row(fields: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    if name := _name(fields.get("displayName")):
        yield "display_name", name
    context = first(fields.get("inputTokenLimit"))
    if context:
        yield "context_window_tokens", context
    if output := first(fields.get("outputTokenLimit")):
        yield "max_output_tokens", output
    if "generateContent" not in _methods(fields) and "embedContent" in _methods(fields):
        yield "type", ModelType.MODEL_TYPE_EMBEDDING
    elif len(capabilities := frozenset(_capabilities(fields, context))) > 1:
        yield "capabilities", capabilities


def _capabilities(fields: Mapping[str, object], context: int) -> Iterator[Capability.ValueType]:
    """What the list tells beside text: it says nothing of media and tools."""
    yield Capability.CAPABILITY_TEXT
    if fields.get("thinking") is True:
        yield Capability.CAPABILITY_REASONING
    if "createCachedContent" in _methods(fields):
        yield Capability.CAPABILITY_PROMPT_CACHE
    if context >= _LONG_CONTEXT_TOKENS:
        yield Capability.CAPABILITY_LONG_CONTEXT


def _serves(fields: Mapping[str, object]) -> bool:
    methods = _methods(fields)
    return not methods or not methods.isdisjoint({"generateContent", "embedContent"})


def _methods(fields: Mapping[str, object]) -> frozenset[str]:
    return frozenset(name for name in _list(fields.get("supportedGenerationMethods")) if isinstance(name, str))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _name(value: object) -> str:
    return value if isinstance(value, str) and value.isprintable() and len(value) <= _LONGEST_NAME else ""
