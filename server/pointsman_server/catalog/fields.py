"""The kinds of values that provider files hold, and how a table of them is read and checked."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from pointsman_server.errors import ConfigurationError
from pointsman_server.toml_document import Place, TomlDocument, suggestion

Kind = Callable[[object], Any]
"""Turns a value of TOML into ours; raises ``ValueError`` with what it must be."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: what may stand in it, what must, and what is made of it."""

    kinds: "Mapping[str, AnyKind]"
    required: tuple[str, ...] = ()
    build: Callable[[dict[str, Any]], Any] = dict


@dataclass(frozen=True, slots=True)
class Tables:
    """An array of tables of one shape; ``or_one``: a single such table may stand for an array of one."""

    table: Table
    or_one: bool = False


AnyKind = Kind | Table | Tables


def read(document: TomlDocument, place: Place, value: object, kind: AnyKind) -> Any:  # noqa: ANN401  # by kind
    """Reads the value that stands at ``place``.

    Raises:
        ConfigurationError: a value is wrong, missing or unknown; says where.
    """
    name = place[-1] if place else "the file"
    if isinstance(kind, Table):
        if not isinstance(value, dict):
            raise _error(document, place, f"{name}: must be a table")
        return _read_table(document, place, value, kind)
    if isinstance(kind, Tables):
        if kind.or_one and isinstance(value, dict):
            return (read(document, place, value, kind.table),)
        if not isinstance(value, list):
            raise _error(document, place, f"{name}: must be {'a table or ' if kind.or_one else ''}an array of tables")
        return tuple(read(document, (*place, index), item, kind.table) for index, item in enumerate(value))
    try:
        return kind(value)
    except ValueError as error:
        raise _error(document, place, f"{name}: {error}") from error


def _error(document: TomlDocument, place: Place, message: str) -> ConfigurationError:
    """An error that names the model in whose table the place is."""
    model_id = document.at((*place[:2], "external_id")) if place[:1] == ("models",) else None
    return document.error(place, f"the model {model_id}: {message}" if isinstance(model_id, str) else message)


def _read_table(document: TomlDocument, place: Place, values: Mapping[str, object], table: Table) -> Any:  # noqa: ANN401
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name not in table.kinds:
            raise _error(document, (*place, name), f"{name}: there is no such key.{suggestion(name, table.kinds)}")
        found[name] = read(document, (*place, name), value, table.kinds[name])
    for name in table.required:
        if name not in found:
            raise _error(document, place, f"{name} is missing")
    return table.build(found)


def text(value: object) -> str:
    """A string that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a string that is not blank")
    return value


def text_or_empty(value: object) -> str:
    """A string."""
    if not isinstance(value, str):
        raise ValueError("must be a string")  # noqa: TRY004  # a wrong value of the file, whatever is wrong with it
    return value


def texts(value: object) -> tuple[str, ...]:
    """An array of strings."""
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise ValueError("must be an array of strings that are not blank")
    return tuple(value)


def text_set(value: object) -> frozenset[str]:
    """An array of strings, whose order means nothing."""
    return frozenset(texts(value))


def text_map(value: object) -> dict[str, str]:
    """A table of strings."""
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise ValueError("must be a table of strings")
    return value


def flag(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004  # as text_or_empty
    return value


def whole(least: int, most: int | None = None) -> Kind:
    """A whole number within bounds."""

    def kind(value: object) -> int:
        if type(value) is not int or value < least or (most is not None and value > most):
            raise ValueError(
                f"must be a whole number, {least} to {most}" if most else f"must be a whole number from {least}"
            )
        return value

    return kind


def moment(value: object) -> datetime:
    """A date, from whose beginning in UTC on, or a date with a time, in UTC where it names no zone."""
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if not isinstance(value, date):
        raise ValueError("must be a date, such as 2026-12-01, or a date with a time, without quotes")  # noqa: TRY004  # as text_or_empty
    return datetime.combine(value, time(), UTC)


def matching(pattern: str, meaning: str) -> Kind:
    """A string of one form."""
    compiled = re.compile(pattern)

    def kind(value: object) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise ValueError(f"must be {meaning}")
        return value

    return kind


def one_of(choices: Mapping[str, Any]) -> Kind:
    """One of some names, each with what it stands for."""

    def kind(value: object) -> Any:  # noqa: ANN401  # what the choices are
        if not isinstance(value, str) or value not in choices:
            near = suggestion(value, choices) if isinstance(value, str) else ""
            raise ValueError(f"must be one of {', '.join(choices)}.{near}")
        return choices[value]

    return kind


def many_of(choices: Mapping[str, Any]) -> Kind:
    """An array of some names; a set of what they stand for."""
    single = one_of(choices)

    def kind(value: object) -> frozenset[Any]:
        return frozenset(single(item) for item in texts(value))

    return kind
