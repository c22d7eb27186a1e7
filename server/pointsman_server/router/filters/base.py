"""What a filter is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pointsman_server.router.arrays import BoolArray
from pointsman_server.router.problem import Problem


@dataclass(frozen=True, slots=True)
class Filter:
    """Drops models, with a reason.

    Attributes:
        reason: the name in records and errors.
        keep: takes the problem and the mask of models that stand so far, returns the mask of models to keep;
            ``None``: the filter has nothing to say to this call.
        detail: says of one dropped row why, with the figures.
    """

    reason: str
    keep: Callable[[Problem, BoolArray], BoolArray | None]
    detail: Callable[[Problem, int], str]


def is_denied(name: str, denied: frozenset[str]) -> bool:
    """Whether a deny-list names it, in small letters or capitals: who wrote ``EU`` did not mean to let ``eu`` serve."""
    return name in denied or name.casefold() in {each.casefold() for each in denied}
