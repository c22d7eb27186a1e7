"""Kinds of rules of names: an allow-list leaves what all rules name, a deny-list drops what any of them names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pointsman_server.policy.rules.base import Form, Kind

MAX_NAMES = 1_000
MAX_NAME_CHARACTERS = 256
_TOLD = 20


@dataclass(frozen=True)
class AllowKind(Kind[frozenset[str], frozenset[str]]):
    """Leaves what every list names."""

    @property
    def form(self) -> Form:
        return Form.NAMES

    def merge(self, values: Sequence[frozenset[str]]) -> frozenset[str]:
        return frozenset.intersection(*values)

    def words(self, limit: frozenset[str]) -> str:
        return f"only {listed(limit)}" if limit else "none"

    def contrary(self, one: frozenset[str], other: frozenset[str]) -> bool:
        return not one & other

    def problem(self, value: frozenset[str]) -> str | None:
        return names_problem(value)


@dataclass(frozen=True)
class DenyKind(Kind[frozenset[str], frozenset[str]]):
    """Drops what any list names."""

    @property
    def form(self) -> Form:
        return Form.NAMES

    def merge(self, values: Sequence[frozenset[str]]) -> frozenset[str]:
        return frozenset.union(*values)

    def words(self, limit: frozenset[str]) -> str:
        return f"not {listed(limit)}"

    def problem(self, value: frozenset[str]) -> str | None:
        return names_problem(value)


def listed(names: Iterable[str]) -> str:
    """The names, for people: in order, and of very many the first."""
    ordered = sorted(names)
    more = len(ordered) - _TOLD
    return ", ".join(ordered[:_TOLD]) + (f" and {more} more" if more > 0 else "")


def names_problem(names: frozenset[str]) -> str | None:
    """What is wrong with a list of names."""
    if not 1 <= len(names) <= MAX_NAMES:
        return f"has {len(names)} names; give 1 to {MAX_NAMES}"
    wrong = sorted(name for name in names if not _is_name(name))
    return f"has {wrong[0][:MAX_NAME_CHARACTERS]!r}, which is no name" if wrong else None


def _is_name(name: str) -> bool:
    return bool(name.strip()) and len(name) <= MAX_NAME_CHARACTERS and name.isprintable()
