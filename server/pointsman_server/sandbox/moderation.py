"""The moderation endpoint: flags what a text asks to be flagged with, such as ``[[flag: hate, violence/graphic]]``."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from pointsman_server.sandbox.conversation import Refusal

MODEL: Final = "omni-moderation-latest"

_CATEGORIES: Final = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)
_FLAG: Final = re.compile(r"\[\[flag: ([a-z/, -]+)\]\]")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about, and of which model."""

    model: str
    texts: tuple[str, ...]


def read(body: bytes) -> Asked:
    """Reads a request.

    Raises:
        Refusal: it is not what the endpoint takes.
    """
    try:
        found = json.loads(body)
        texts = found["input"]
        model = found.get("model", MODEL)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refusal(400, "Expected JSON with an input.", param="input") from None
    texts = [texts] if isinstance(texts, str) else texts
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise Refusal(400, "The input must be a text, or texts.", param="input")
    return Asked(str(model), tuple(texts))


def answer(asked: Asked, number: int) -> bytes:
    """The answer about the texts."""
    results = [_result(text) for text in asked.texts]
    return json.dumps({"id": f"modr-{number}", "model": asked.model, "results": results}).encode()


def _result(text: str) -> dict[str, object]:
    asked_for = {name.strip() for match in _FLAG.finditer(text) for name in match[1].split(",")}
    categories = {name: name in asked_for for name in (*_CATEGORIES, *sorted(asked_for - set(_CATEGORIES)))}
    scores = {name: 0.99 if flagged else 0.01 for name, flagged in categories.items()}
    return {"flagged": any(categories.values()), "categories": categories, "category_scores": scores}
