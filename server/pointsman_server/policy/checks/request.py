"""Finds the texts of a request that reach a provider, and gives back the request as it may be sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pointsman.v1.completion_pb2 import CompletionSpecification
from pointsman.v1.content_pb2 import Part

from pointsman_server.policy.checks.json_text import Change, changed


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a text stands.

    Attributes:
        owner: the message, and ``name`` its field; or the repeated field, and ``name`` the index.
        of_json: whether the text is JSON.
    """

    owner: Any
    name: str | int
    of_json: bool = False

    @property
    def text(self) -> str:
        found = self.owner[self.name] if isinstance(self.name, int) else getattr(self.owner, self.name)
        return str(found)

    def put(self, text: str) -> None:
        if isinstance(self.name, int):
            self.owner[self.name] = text
            return
        setattr(self.owner, self.name, text)
        if self.name == "text" and self.owner.DESCRIPTOR.name == "ReasoningPart":
            self.owner.ClearField("opaque_state")  # it vouches for the text that was


def texts(specification: CompletionSpecification) -> list[str]:
    """Every text that a provider would get: system text, what was said, thought and refused, calls and their results,
    names, tools, schemas and stop sequences. Ids, tools' names and media are not looked at.
    """
    return [place.text for place in _places(specification) if place.text]


def rewritten(
    specification: CompletionSpecification, change: Change, *, as_written: bool = False
) -> CompletionSpecification:
    """The request with every text changed; the very same where nothing changes.

    Args:
        specification: the request.
        change: gives back a text as it may stay. Of JSON it gets each string.
        as_written: whether it gets JSON as one text; where it changes that, an empty object stands in its place.
    """
    after = [_after(place, change, as_written=as_written) for place in _places(specification)]
    if all(text is None for text in after):
        return specification
    copy = CompletionSpecification()
    copy.CopyFrom(specification)
    for place, text in zip(_places(copy), after, strict=True):
        if text is not None:
            place.put(text)
    return copy


def _after(place: _Place, change: Change, *, as_written: bool) -> str | None:
    """The text as it may stay; ``None``: as it is."""
    before = place.text
    if not before:
        return None
    text = changed(before, change) if place.of_json and not as_written else change(before)
    if text == before:
        return None
    return "{}" if place.of_json and as_written else text


def _places(specification: CompletionSpecification) -> Iterator[_Place]:
    yield _Place(specification, "system_text")
    for message in specification.messages:
        yield _Place(message, "name")
        yield from _of_parts(message.parts)
    for tool in specification.tools:
        yield _Place(tool, "description")
        yield _Place(tool, "parameters_json_schema", of_json=True)
    if specification.output_format.HasField("json_schema"):
        schema = specification.output_format.json_schema
        yield _Place(schema, "description")
        yield _Place(schema, "json_schema", of_json=True)
    for index in range(len(specification.stop_sequences)):
        yield _Place(specification.stop_sequences, index)


def _of_parts(parts: Iterable[Part]) -> Iterator[_Place]:
    for part in parts:
        match part.WhichOneof("kind"):
            case "text" | "reasoning" | "refusal" as kind:
                yield _Place(getattr(part, kind), "text")
            case "tool_call":
                yield _Place(part.tool_call, "arguments_json", of_json=True)
            case "tool_result":
                yield from _of_parts(part.tool_result.parts)
            case "document":
                yield _Place(part.document, "file_name")
