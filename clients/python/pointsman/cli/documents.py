"""Files that hold a message of the contract: JSON, or TOML with the same names; enum values may be short."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, TypeVar

import typer
from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import Message

# Descriptors are ``Any``: protobuf has two kinds of them, and types one.
_Message = TypeVar("_Message", bound=Message)


def read_message(path: Path, kind: type[_Message]) -> _Message:
    """What a file says.

    Raises:
        typer.BadParameter: it cannot be read, or says something that the contract does not have.
    """
    try:
        text = path.read_text("utf-8")
        document = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
        return ParseDict(_object(document, kind.DESCRIPTOR), kind())
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be read: {error.strerror}", param_hint="FILE") from error
    except (ValueError, ParseError) as error:
        raise typer.BadParameter(f"{path}: {error}", param_hint="FILE") from error


def _object(value: object, descriptor: Any) -> dict[str, Any]:  # noqa: ANN401  # see _Message
    """The document with enum values as the contract names them: ``month`` for ``BUDGET_KIND_MONTH``."""
    if not isinstance(value, dict):
        raise ParseError(f"{descriptor.name} must be an object")
    fields = {name: field for field in descriptor.fields for name in (field.name, field.json_name)}
    return {name: _field(each, fields[name]) if name in fields else each for name, each in value.items()}


def _field(value: object, field: Any) -> object:  # noqa: ANN401  # as above
    if isinstance(value, list):
        return [_field(each, field) for each in value]
    if field.enum_type is not None:
        return _enum_name(value, field.enum_type)
    if field.message_type is None or field.message_type.file.package == "google.protobuf":
        return value  # such as a time, which is a text in JSON
    return _object(value, field.message_type)


def _enum_name(value: object, enum: Any) -> object:  # noqa: ANN401  # as above
    if not isinstance(value, str) or value in enum.values_by_name:
        return value
    prefix = enum.values[0].name.removesuffix("UNSPECIFIED")
    return prefix + value.upper().replace("-", "_")
