"""The moderation endpoint that OpenAI made and others copied: texts in, flagged categories out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pointsman_server.adapters import http_call
from pointsman_server.adapters.base import HttpCall
from pointsman_server.adapters.payload import garbage
from pointsman_server.catalog.model import Provider
from pointsman_server.secrets.model import Secret

FLAGGED = "flagged"
"""Stands for the categories where a text is flagged without one."""


def encode(provider: Provider, key: Secret | None, *, model: str, texts: Sequence[str]) -> HttpCall:
    """The call that asks about the texts."""
    body = json.dumps({"model": model, "input": list(texts)}, ensure_ascii=False).encode()
    return http_call.build(provider, key, operation="moderation", default_path="/moderations", body=body)


def decode(body: bytes, count: int) -> list[frozenset[str]]:
    """The categories that each of the texts is flagged with; empty: it is not.

    Raises:
        ProviderFailure: the answer is not of the endpoint's form, or not about so many texts (``GARBAGE``).
    """
    try:
        results = json.loads(body)["results"]
        found = [_categories(result) for result in results]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise garbage("the moderation's answer is not of its form") from error
    if len(found) != count:
        raise garbage("the moderation's answer is not about all texts")
    return found


def _categories(result: dict[str, Any]) -> frozenset[str]:
    categories = frozenset(str(name) for name, flagged in result["categories"].items() if flagged)
    return categories or frozenset({FLAGGED} if result["flagged"] else ())
