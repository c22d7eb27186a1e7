"""Enum values under the names that people type and read: ``FREE_FIRST`` is ``free-first``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import typer

_Value = TypeVar("_Value", bound=int)
_Value_co = TypeVar("_Value_co", bound=int, covariant=True)


class Enum(Protocol[_Value_co]):
    """What a generated enum offers."""

    def items(self) -> Sequence[tuple[str, _Value_co]]:
        """Its values by their names in the contract; the unset one comes first."""
        ...


def names(enum: Enum[_Value]) -> dict[str, _Value]:
    """The values of an enum by their typed names; the unset one is left out."""
    (unset, _), *values = enum.items()
    prefix = unset.removesuffix("UNSPECIFIED")
    return {_typed(name.removeprefix(prefix)): value for name, value in values}


def name_of(enum: Enum[_Value], value: _Value) -> str:
    """The typed name of a value; empty for the unset one, a number for one that a newer server sends."""
    by_value = {known: name for name, known in names(enum).items()}
    return by_value.get(value, str(value) if value else "")


def choose(enum: Enum[_Value], typed: str, option: str) -> _Value:
    """The value that a person means; the unset one where nothing was typed.

    Raises:
        typer.BadParameter: there is none of this name.
    """
    if not typed:
        return enum.items()[0][1]
    known = names(enum)
    value = known.get(_typed(typed))
    if value is None:
        raise typer.BadParameter(f"{typed!r} is none of {', '.join(known)}", param_hint=option)
    return value


def _typed(name: str) -> str:
    return name.lower().replace("_", "-")
