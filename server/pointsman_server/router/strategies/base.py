"""What a strategy is: it scores the eligible models and says what breaks ties."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from pointsman_server.router.arrays import FloatArray
from pointsman_server.router.contest import Contest
from pointsman_server.router.field import Term


@dataclass(frozen=True, slots=True)
class Scores:
    """What a strategy gives; columns have one element for each eligible row.

    Attributes:
        total: 0 to 1, the weighted sum of the terms.
        ties: makes columns that order rows of equal score, the first one first, less before more.
    """

    terms: tuple[Term, ...]
    total: FloatArray
    ties: Callable[[], tuple[NDArray[Any], ...]]


Strategy = Callable[[Contest], Scores]
