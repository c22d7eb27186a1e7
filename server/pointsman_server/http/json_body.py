"""Reads requests from JSON, and says which field is wrong without repeating what it held."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypeVar, cast

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from pointsman_server.errors import FieldViolation, InvalidHttpRequest, InvalidRequest

M = TypeVar("M", bound=Message)

# Messages that JSON writes in a form of their own.
_OWN_FORM = "google.protobuf."


def read(body: bytes, request_type: type[M]) -> M:
    """Reads a request.

    Raises:
        InvalidHttpRequest: the body is no JSON object.
        InvalidRequest: a field is unknown or has a value of another type.
    """
    try:
        document = json.loads(body)
    except json.JSONDecodeError as error:
        raise InvalidHttpRequest(f"the body is no JSON at line {error.lineno}, column {error.colno}") from None
    except (ValueError, RecursionError):
        raise InvalidHttpRequest("the body is no JSON in UTF-8, or is nested too deep") from None
    if not isinstance(document, dict):
        raise InvalidHttpRequest("the body is no JSON object; send one, {} at least")
    request = request_type()
    if not _parses(document, request):
        raise _invalid(document, request)
    return request


def _parses(document: dict[str, Any], message: Message) -> bool:
    try:
        ParseDict(document, message)
    except (ParseError, ValueError, TypeError, AttributeError, RecursionError, SystemError):
        # json_format promises ParseError alone; lists where objects belong raise others, and names that are no
        # Unicode the last.
        return False
    return True


def _invalid(document: dict[str, Any], request: Message) -> InvalidRequest:
    problem = next(_problems(document, type(request), ""), None) or FieldViolation(
        "request", f"is no {request.DESCRIPTOR.full_name}; use this server's protos"
    )
    return InvalidRequest(f"{problem.field}: {problem.description}", fields=(problem,))


def _problems(document: dict[str, Any], kind: type[Message], path: str) -> Iterator[FieldViolation]:
    """Yields the fields that do not parse, each from the innermost message that holds it."""
    # The stubs give descriptors two homes, C's and Python's; they are one.
    known = cast("list[FieldDescriptor]", kind.DESCRIPTOR.fields)
    fields = {name: field for field in known for name in (field.name, field.json_name)}
    for name, value in document.items():
        field = fields.get(name)
        if field is None:
            # JSON's escapes can write half a character, which no answer could hold.
            whole = name.encode(errors="replace").decode()
            yield FieldViolation(f"{path}{whole}"[:200], f"is no field of {kind.DESCRIPTOR.full_name}; remove it")
        elif not _parses({name: value}, kind()):
            inner = [problem for part, at in _parts(field, value) for problem in _inner(field, part, f"{path}{at}")]
            yield from inner or [FieldViolation(f"{path}{field.name}", f"is no {_type(field)}; mend its value")]


def _parts(field: FieldDescriptor, value: object) -> Iterator[tuple[object, str]]:
    if field.is_repeated and isinstance(value, list):
        yield from ((part, f"{field.name}[{index}]") for index, part in enumerate(value))
    else:
        yield value, field.name


def _inner(field: FieldDescriptor, value: object, path: str) -> Iterator[FieldViolation]:
    message = field.message_type
    if message is None or message.full_name.startswith(_OWN_FORM) or message.GetOptions().map_entry:
        return
    if isinstance(value, dict):
        yield from _problems(value, GetMessageClass(message), f"{path}.")


def _type(field: FieldDescriptor) -> str:
    if field.enum_type is not None:
        return f"value of {field.enum_type.name}"
    if field.message_type is None:
        return f"JSON form of the type that {field.full_name} has"
    if field.message_type.GetOptions().map_entry:
        return "object of strings"
    return f"JSON form of {field.message_type.full_name}"
