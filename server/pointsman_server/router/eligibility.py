"""Which models may serve: every filter in turn, and who dropped what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pointsman_server.router.arrays import BoolArray, Rows
from pointsman_server.router.filters.base import Filter
from pointsman_server.router.filters.pinned_models import PINNED_MODELS
from pointsman_server.router.filters.pinned_providers import PINNED_PROVIDERS
from pointsman_server.router.model import ExcludedModel, Exclusion
from pointsman_server.router.problem import Problem

EXAMPLES = 10
"""How many dropped models an exclusion names."""

_LOOKED_AT_FIRST = 4_096


@dataclass(frozen=True, slots=True)
class Drop:
    """One filter's drops, which no earlier filter had dropped, and how a record keeps them."""

    filter: Filter
    rows: BoolArray
    exclusion: Exclusion


@dataclass(frozen=True)
class Eligibility:
    """The rows that passed the filters, as a mask, and the drops in the order of the filters."""

    standing: BoolArray
    drops: tuple[Drop, ...] = ()

    @cached_property
    def rows(self) -> Rows:
        """The rows that passed, as a list."""
        return self.standing.nonzero()[0]

    @cached_property
    def exclusions(self) -> tuple[Exclusion, ...]:
        """The drops as a record keeps them."""
        return tuple(drop.exclusion for drop in self.drops)

    def includes(self, rows: Rows) -> bool:
        """Whether one of the rows passed every filter."""
        return bool(self.standing[rows].any())

    def reasons(self, rows: Rows) -> str:
        """The filters that dropped the rows, first come first."""
        return ", ".join(drop.filter.reason for drop in self.drops if drop.rows[rows].any())

    def asked(self, problem: Problem, filters: Iterable[Filter]) -> Eligibility:
        """What stands after further filters: itself, where they drop nothing."""
        standing, drops = self.standing, list(self.drops)
        for filter_ in filters:
            keep = filter_.keep(problem, standing)
            if keep is None:
                continue
            dropped = standing > keep
            if dropped.any():
                drops.append(Drop(filter_, dropped, _exclusion(problem, filter_, dropped)))
                standing = standing & keep
        return self if standing is self.standing else Eligibility(standing, tuple(drops))


def everything(problem: Problem) -> Eligibility:
    """The whole catalog, before any filter."""
    return Eligibility(np.ones(len(problem.snapshot.models), dtype=np.bool_))


def _exclusion(problem: Problem, filter_: Filter, dropped: BoolArray) -> Exclusion:
    examples = (ExcludedModel(problem.model(row).id, filter_.detail(problem, row)) for row in _first(dropped))
    return Exclusion(filter_.reason, int(np.count_nonzero(dropped)), tuple(examples))


def pinned_exclusions(problem: Problem, found: tuple[Exclusion, ...]) -> tuple[Exclusion, ...]:
    """Of the exclusions, those that concern models which the caller pinned, by model or by provider."""
    pinned = problem.preferences
    if not (pinned.pinned_models or pinned.pinned_providers):
        return ()
    # With both pins, a pinned model that the pinned providers do not have is one of those that were dropped.
    pin = PINNED_MODELS if pinned.pinned_models else PINNED_PROVIDERS
    return tuple(exclusion for exclusion in found if exclusion.reason != pin.reason)


def _first(mask: BoolArray) -> list[int]:
    near = np.flatnonzero(mask[:_LOOKED_AT_FIRST])
    found = near if len(near) >= EXAMPLES else np.flatnonzero(mask)
    return [int(row) for row in found[:EXAMPLES]]
