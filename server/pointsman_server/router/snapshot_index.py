"""What the routing derives once from a snapshot, so that a call only computes what depends on the call."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from pointsman.v1.model_pb2 import CostTier

from pointsman_server.catalog.model import ACCOUNT_TIERS, Model
from pointsman_server.catalog.snapshot import UNKNOWN, Snapshot
from pointsman_server.router.arrays import BoolArray, HashArray, IntArray
from pointsman_server.router.price_table import PriceTable, price_table
from pointsman_server.router.tokens import IMAGE_TOKENS_BOUND

_ANY_LENGTH = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class SnapshotIndex:
    """Columns beside those of the snapshot, in the same order.

    Attributes:
        overhead_tokens: the model's own figure, else its dialect's.
        image_extra_tokens: what an image may cost above the bound that facts assume.
        room_tokens: the context window less the overhead; without a known window, endless.
        tokenizers: the vocabularies that models name.
        tokenizer_slot: into them; ``UNKNOWN`` where the model names none.
        within_account: whether the account with the model's provider has the tier that the model needs; ``None``: all
            do.
        default_models: whether the model is the one that its provider's row names as the first of its own.
        free: whether the model is known to cost nothing.
        id_hash: a digest of the model's id, for ties.
        has_real: whether any model that is not simulated can be called.
    """

    snapshot: Snapshot
    overhead_tokens: IntArray
    image_extra_tokens: IntArray
    room_tokens: IntArray
    tokenizers: tuple[str, ...]
    tokenizer_slot: IntArray
    within_account: BoolArray | None
    default_models: BoolArray
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
    tokenizers = tuple(sorted({model.tokenizer for model in snapshot.models} - {""}))
    slots = {"": UNKNOWN} | {name: slot for slot, name in enumerate(tokenizers)}
    return SnapshotIndex(
        snapshot=snapshot,
        overhead_tokens=overheads,
        image_extra_tokens=np.fromiter(map(_image_extra, snapshot.models), np.int64),
        room_tokens=np.where(windows == UNKNOWN, _ANY_LENGTH, windows - overheads),
        tokenizers=tokenizers,
        tokenizer_slot=np.fromiter((slots[model.tokenizer] for model in snapshot.models), np.int64),
        within_account=_within_account(snapshot),
        default_models=_default_models(snapshot),
        free=np.fromiter(map(_is_free, snapshot.models), np.bool_),
        id_hash=np.frombuffer(hashes, dtype="<u8").astype(np.uint64),
        prices=price_table(snapshot.models),
        has_real=bool((columns.active & columns.routable & ~columns.simulated).any()),
    )


def _image_extra(model: Model) -> int:
    return max(0, (model.image_tokens or 0) - IMAGE_TOKENS_BOUND)


def _overhead(model: Model, defaults: Mapping[str, int]) -> int:
    return defaults[model.provider_id] if model.overhead_tokens is None else model.overhead_tokens


def _within_account(snapshot: Snapshot) -> BoolArray | None:
    levels = {"": 0} | {tier: level for level, tier in enumerate(ACCOUNT_TIERS)}
    has = {provider.id: levels[provider.account_tier] for provider in snapshot.providers.values()}
    within = np.fromiter((levels[model.tier] <= has[model.provider_id] for model in snapshot.models), np.bool_)
    return None if within.all() else within


def _default_models(snapshot: Snapshot) -> BoolArray:
    marked = np.zeros(len(snapshot.models), dtype=np.bool_)
    for provider in snapshot.providers.values():
        named = snapshot.resolve(provider.default_model) if provider.default_model else ()
        marked[[row for row in named if snapshot.models[row].provider_id == provider.id]] = True
    return marked


def _is_free(model: Model) -> bool:
    if model.prices is None:
        return model.cost_tier == CostTier.COST_TIER_FREE
    prices = model.prices
    return not (prices.input_nanos_per_million or prices.output_nanos_per_million or prices.request_nanos)
