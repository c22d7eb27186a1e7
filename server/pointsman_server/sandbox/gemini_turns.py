"""Reads the contents of Gemini's wire as turns, with the rules that hold between them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from pointsman_server.sandbox.checks import array, choice, invalid, mapping, required
from pointsman_server.sandbox.conversation import Refusal, Turn
from pointsman_server.sandbox.gemini_parts import Function, Read, read_part, spoken

_AFTER_USER: Final = (
    "Please ensure that function call turn comes immediately after a user turn or after a function response turn."
)
_AFTER_CALL: Final = "Please ensure that function response turn comes immediately after a function call turn."
_AS_MANY: Final = (
    "Please ensure that the number of function response parts is equal to the number of function call parts of the "
    "function call turn."
)
_UNSIGNED: Final = (
    "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, "
    "and missing thought_signature may lead to degraded model performance."
)


def read_turns(contents: list[Any], *, signed: bool) -> Iterator[Turn]:
    """The contents as turns.

    Args:
        contents: as they came.
        signed: whether the model refuses calls of the current turn whose first has no signature.

    Raises:
        Refusal: a content, or where it stands, is not what the wire allows.
    """
    read = [_content(value, f"contents[{index}]") for index, value in enumerate(contents)]
    roles = [role for role, _ in read]
    if roles[-1] != "user":
        raise invalid("Please ensure that multiturn requests end with a user role or a function response.", "contents")
    begins = max(
        (index for index, (role, parts) in enumerate(read) if role == "user" and not _responses(parts)), default=0
    )
    unanswered: list[Function] = []
    for index, (role, parts) in enumerate(read):
        path = f"contents[{index}]"
        _check_responses(_responses(parts), unanswered, path)
        unanswered = [part.call for part in parts if part.call]
        if unanswered and (index == 0 or roles[index - 1] == "model"):
            raise invalid(_AFTER_USER, path)
        if signed and index > begins and unanswered and not next(part for part in parts if part.call).signed:
            raise Refusal(400, _UNSIGNED, param=path)
        yield _turn(role, parts)


def _content(value: object, path: str) -> tuple[str, list[Read]]:
    content = mapping(value, path, ("role", "parts"))
    role = choice(content.get("role", "user"), f"{path}.role", ("user", "model"))
    given = array(required(content, "parts", path), f"{path}.parts", least=1)
    parts = [read_part(part, f"{path}.parts[{index}]") for index, part in enumerate(given)]
    for part in parts:
        foreign = (part.call or part.thought) if role == "user" else (part.response or part.media)
        if foreign:
            raise invalid(f"Invalid part for the role '{role}'.", path)
    return role, parts


def _responses(parts: list[Read]) -> list[Function]:
    return [part.response for part in parts if part.response]


def _check_responses(responses: list[Function], calls: list[Function], path: str) -> None:
    if responses and not calls:
        raise invalid(_AFTER_CALL, path)
    if len(responses) != len(calls):
        raise invalid(_AS_MANY, path)
    waiting = list(calls)
    for response in responses:
        match = next((call for call in waiting if call.name == response.name and call.id == response.id), None)
        if match is None:
            raise invalid(f"The function response '{response.name[:64]}' matches no function call of its turn.", path)
        waiting.remove(match)


def _turn(role: str, parts: list[Read]) -> Turn:
    said = [part.text for part in parts if part.text and not part.thought]
    said += [spoken(part.response) for part in parts if part.response]
    extra = [part.text for part in parts if part.thought]
    extra += [f"{part.call.name} {json.dumps(part.call.payload)}" for part in parts if part.call]
    media = tuple(medium for part in parts for medium in part.media)
    kind = "assistant" if role == "model" else "tool" if _responses(parts) else "user"
    return Turn(kind, "\n".join(said), media, "\n".join(extra))
