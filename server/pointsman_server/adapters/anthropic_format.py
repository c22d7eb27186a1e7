"""Writes the form that an answer must have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pointsman.v1.completion_pb2 import Warning  # noqa: A004  # the contract's word
from pointsman.v1.content_pb2 import OutputFormat
from pointsman.v1.model_pb2 import Capability

from pointsman_server.adapters.anthropic_schema import enforceable
from pointsman_server.adapters.base import Target
from pointsman_server.adapters.request_body import dropped, schema

_ANY_OBJECT = "Answer with one JSON object and nothing else."
_BY_SCHEMA = "Answer with JSON that matches this JSON Schema, and with nothing else:"


@dataclass(frozen=True, slots=True)
class WrittenFormat:
    """A form, as far as the API can be told.

    Attributes:
        output_config: the part of the body that makes the API enforce it; ``None``: nothing does.
        instruction: what the system text says instead; empty: nothing.
    """

    output_config: dict[str, Any] | None = None
    instruction: str = ""
    warnings: tuple[Warning, ...] = ()


def write(output: OutputFormat, target: Target) -> WrittenFormat:
    """Writes the form.

    The API enforces a JSON Schema, on models with the capability, and knows no other form. Otherwise the model is
    asked in words, and the caller is told that nothing enforces them.

    Raises:
        ProviderFailure: the schema is not JSON.
    """
    kind = output.WhichOneof("kind")
    if kind is None:
        return WrittenFormat()
    if kind == "json_object":
        message = "The API enforces JSON by a schema only; the model is asked for a JSON object in words."
        return WrittenFormat(instruction=_ANY_OBJECT, warnings=(dropped("output_format.json_object", message),))
    asked = output.json_schema
    given = schema(asked.json_schema)
    if Capability.CAPABILITY_STRUCTURED_OUTPUT not in target.model.capabilities:
        message = "The serving model does not enforce a JSON Schema; it is asked for one in words."
        words = f"{_BY_SCHEMA}\n{asked.json_schema}"
        return WrittenFormat(instruction=words, warnings=(dropped("output_format.json_schema", message),))
    if isinstance(given, dict) and asked.description:
        given.setdefault("description", asked.description)
    enforced, moved = enforceable(given)
    config = {"format": {"type": "json_schema", "schema": enforced}}
    return WrittenFormat(config, warnings=moved_keywords("output_format.json_schema.json_schema", moved))


def moved_keywords(field: str, moved: list[str]) -> tuple[Warning, ...]:
    """The warning about keywords of a schema that are only described."""
    if not moved:
        return ()
    names = ", ".join(moved)
    return (dropped(field, f"The API does not enforce {names[:200]}; the model reads it in the description."),)
