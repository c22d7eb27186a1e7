"""The best of many without sorting them all, and who ties for the lead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pointsman_server.router.arrays import HashArray, Positions


def ranking(
    columns: Callable[[], Sequence[NDArray[Any]]], id_hash: HashArray, seed: int, limit: int
) -> tuple[list[int], set[int]]:
    """Returns the positions of the ``limit`` least rows in order, equal ones as the seed has it, and those that equal
    the first.
    """
    if len(id_hash) == 1:
        return [0], {0}
    keys = columns()
    order = leading((*keys, shuffled(id_hash, seed)), limit).tolist()
    return order, set(tied_with(order[0], keys).tolist())


def leading(keys: Sequence[NDArray[Any]], limit: int) -> Positions:
    """Returns the positions of the ``limit`` least rows, in order. ``keys``: the first one decides first."""
    count = len(keys[0])
    contenders = np.arange(count)
    certain: list[Positions] = []
    room = min(limit, count)
    for key in keys:
        if len(contenders) <= room:
            break
        values = key[contenders]
        boundary = np.partition(values, room - 1)[room - 1]
        ahead = contenders[values < boundary]
        certain.append(ahead)
        room -= len(ahead)
        contenders = contenders[values == boundary]
    chosen = np.concatenate([*certain, contenders[:room]])
    order: Positions = chosen[np.lexsort([key[chosen] for key in reversed(keys)])]
    return order


def tied_with(leader: int, keys: Sequence[NDArray[Any]]) -> Positions:
    """Returns the positions of the rows that equal the leader in every key, itself included."""
    tied = np.flatnonzero(keys[0] == keys[0][leader])
    for key in keys[1:]:
        tied = tied[key[tied] == key[leader]]
    return tied


def shuffled(id_hash: HashArray, seed: int) -> HashArray:
    """A pseudo-random number for each id: the same for the same id and seed, whatever else is in the catalog.

    The finaliser of SplitMix64 (Steele, Lea and Flood, 2014) over id and seed.
    """
    mixed = id_hash ^ np.uint64(seed * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
