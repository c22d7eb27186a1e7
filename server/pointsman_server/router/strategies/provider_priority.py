"""The operator's order of providers, where the caller prefers none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from pointsman_server.catalog.model import Provider
from pointsman_server.router.contest import Contest
from pointsman_server.router.strategies.preference import Preferred

LOCAL = "local"
"""Stands for every local provider that the order does not name itself."""


def in_priority(contest: Contest) -> Preferred | None:
    """Ranks the rows by their providers; ``None``: there is no order, or it concerns none of them.

    What the request's purpose prefers competes with the first provider's models, whoever has it: a purpose says more
    of a call than an order that holds for all.
    """
    names = contest.problem.defaults.provider_priority
    if not names:
        return None
    snapshot = contest.problem.snapshot
    by_provider = np.array([_level(snapshot.providers[name], names) for name in snapshot.provider_ids], dtype=np.int64)
    levels = by_provider[contest.problem.columns.provider_index[contest.rows]]
    if not levels.any():
        return None
    levels[contest.field.positions(contest.field.purpose_rows)] = len(names)
    return Preferred(levels, len(names), np.zeros(len(levels), dtype=np.bool_), term="provider_priority")


def unknown(names: Iterable[str], providers: Iterable[str]) -> list[str]:
    """The names in an order that mean no provider."""
    known = {*providers, LOCAL}
    return [name for name in names if name not in known]


def _level(provider: Provider, names: Sequence[str]) -> int:
    name = LOCAL if provider.local and not provider.simulated and provider.id not in names else provider.id
    return len(names) - names.index(name) if name in names else 0
