"""The models that may serve. What lists of patterns have in common, the catalog alone can tell: they stay apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pointsman_server.policy.rules.base import Form, Kind
from pointsman_server.policy.rules.names import listed, names_problem

_ALL_OF_PROVIDER = "/*"


@dataclass(frozen=True)
class _AllowedModels(Kind[frozenset[str], tuple[frozenset[str], ...]]):
    @property
    def form(self) -> Form:
        return Form.NAMES

    def merge(self, values: Sequence[frozenset[str]]) -> tuple[frozenset[str], ...]:
        return tuple(sorted(set(values), key=sorted))

    def words(self, limit: tuple[frozenset[str], ...]) -> str:
        return ", and ".join(f"only {listed(names)}" for names in limit)

    def tighter(self, one: frozenset[str], other: frozenset[str]) -> bool:
        return one != other and all(_is_on(name, other) for name in one)

    def contrary(self, one: frozenset[str], other: frozenset[str]) -> bool:
        known = all("/" in name for name in one | other)  # what an alias stands for, only the catalog knows
        return known and not any(_is_on(name, other) for name in one) and not any(_is_on(name, one) for name in other)

    def problem(self, value: frozenset[str]) -> str | None:
        return names_problem(value)


def _is_on(name: str, names: frozenset[str]) -> bool:
    return name in names or name.partition("/")[0] + _ALL_OF_PROVIDER in names


ALLOWED_MODELS = _AllowedModels(
    key="allowed_models",
    about="the models that may serve: ids, aliases or `provider/*`",
)
