"""What the routing derives once from a snapshot, so that a call only computes what depends on the call."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from pointsman.v1.model_pb2 import CostTier

from pointsman_server.catalog.model import Model
from pointsman_server.catalog.snapshot import UNKNOWN, Snapshot
from pointsman_server.router.arrays import BoolArray, HashArray, IntArray
from pointsman_server.router.price_table import PriceTable, price_table

_ANY_LENGTH = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class SnapshotIndex:
    """Columns beside those of the snapshot, in the same order.

    Attributes:
        overhead_tokens: the model's own figure, else its dialect's.
        room_tokens: the context window less the overhead; without a known window, endless.
        free: whether the model is known to cost nothing.
        id_hash: a digest of the model's id, for ties.
        has_real: whether any model that is not simulated can be called.
    """

    snapshot: Snapshot
    overhead_tokens: IntArray
    room_tokens: IntArray
    free: BoolArray
    id_hash: HashArray
    prices: PriceTable
    has_real: bool


def index_of(snapshot: Snapshot, overhead_tokens: Mapping[str, int]) -> SnapshotIndex:
    """Derives the columns. ``overhead_tokens`` has the figure of every dialect that a provider speaks.

    Raises:
        KeyError: a provider speaks a dialect that is not among them.
    """
    columns = snapshot.columns
    defaults = {p.id: overhead_tokens[p.dialect] for p in snapshot.providers.values()}
    overheads = np.fromiter((_overhead(model, defaults) for model in snapshot.models), np.int64)
    windows = columns.context_window_tokens
    hashes = b"".join(hashlib.blake2b(model.id.encode(), digest_size=8).digest() for model in snapshot.models)
    return SnapshotIndex(
        snapshot=snapshot,
        overhead_tokens=overheads,
        room_tokens=np.where(windows == UNKNOWN, _ANY_LENGTH, windows - overheads),
        free=np.fromiter(map(_is_free, snapshot.models), np.bool_),
        id_hash=np.frombuffer(hashes, dtype="<u8").astype(np.uint64),
        prices=price_table(snapshot.models),
        has_real=bool((columns.active & columns.routable & ~columns.simulated).any()),
    )


def _overhead(model: Model, defaults: Mapping[str, int]) -> int:
    return defaults[model.provider_id] if model.overhead_tokens is None else model.overhead_tokens


def _is_free(model: Model) -> bool:
    if model.prices is None:
        return model.cost_tier == CostTier.COST_TIER_FREE
    prices = model.prices
    return not (prices.input_nanos_per_million or prices.output_nanos_per_million or prices.request_nanos)
