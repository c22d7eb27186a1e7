"""What the routing derives once from a snapshot, so that a call only computes what depends on the call."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pointsman.v1.model_pb2 import CostTier

from pointsman_server.catalog.model import ACCOUNT_TIERS, Model
from pointsman_server.catalog.snapshot import UNKNOWN, Snapshot
from pointsman_server.router.arrays import BoolArray, HashArray, IntArray, Rows
from pointsman_server.router.price_table import PriceTable, price_table
from pointsman_server.router.tokens import IMAGE_TOKENS_BOUND

_ANY_LENGTH = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Lengths:
    """What bounds the lengths of input and output, one element a model.

    Attributes:
        overhead_tokens: the model's own figure, else its dialect's.
        image_extra_tokens: what an image may cost above the bound that facts assume.
        room_tokens: the context window less the overhead; without a known window, endless.
        most_output_tokens: the model's own limit; without a known one, endless.
        tokenizer_slot: into ``SnapshotIndex.tokenizers``; ``UNKNOWN`` where the model names none.
    """

    overhead_tokens: IntArray
    image_extra_tokens: IntArray
    room_tokens: IntArray
    most_output_tokens: IntArray
    tokenizer_slot: IntArray

    def of(self, rows: Rows) -> Lengths:
        """Those of some rows."""
        return Lengths(
            self.overhead_tokens[rows],
            self.image_extra_tokens[rows],
            self.room_tokens[rows],
            self.most_output_tokens[rows],
            self.tokenizer_slot[rows],
        )


@dataclass(frozen=True, slots=True)
class SnapshotIndex:
    """Columns beside those of the snapshot, in the same order.

    Attributes:
        tokenizers: the vocabularies that models name.
        within_account: whether the account with the model's provider has the tier that the model needs; ``None``: all
            do.
        default_models: whether the model is the one that its provider's row names as the first of its own.
        free: whether the model is known to cost nothing.
        id_hash: a digest of the model's id, for ties.
        has_real: whether any model that is not simulated can be called.
        classes: the model classes that models have.
        class_slot: into ``classes``; ``UNKNOWN`` where the model has none.
    """

    snapshot: Snapshot
    lengths: Lengths
    tokenizers: tuple[str, ...]
    within_account: BoolArray | None
    default_models: BoolArray
    free: BoolArray
    id_hash: HashArray
    prices: PriceTable
    has_real: bool
    classes: tuple[str, ...]
    class_slot: IntArray


def index_of(snapshot: Snapshot, overhead_tokens: Mapping[str, int]) -> SnapshotIndex:
    """Derives the columns. ``overhead_tokens`` has the figure of every dialect that a provider speaks.

    Raises:
        KeyError: a provider speaks a dialect that is not among them.
    """
    columns = snapshot.columns
    defaults = {p.id: overhead_tokens[p.dialect] for p in snapshot.providers.values()}
    hashes = b"".join(hashlib.blake2b(model.id.encode(), digest_size=8).digest() for model in snapshot.models)
    tokenizers = tuple(sorted({model.tokenizer for model in snapshot.models} - {""}))
    classes = tuple(sorted({model.model_class for model in snapshot.models} - {""}))
    class_slots = {"": UNKNOWN} | {name: slot for slot, name in enumerate(classes)}
    return SnapshotIndex(
        snapshot=snapshot,
        lengths=_lengths(snapshot, defaults, tokenizers),
        tokenizers=tokenizers,
        within_account=_within_account(snapshot),
        default_models=_default_models(snapshot),
        free=np.fromiter(map(_is_free, snapshot.models), np.bool_),
        id_hash=np.frombuffer(hashes, dtype="<u8").astype(np.uint64),
        prices=price_table(snapshot.models),
        has_real=bool((columns.active & columns.routable & ~columns.simulated).any()),
        classes=classes,
        class_slot=np.fromiter((class_slots[model.model_class] for model in snapshot.models), np.int64),
    )


def with_overheads(index: SnapshotIndex, added_tokens: Mapping[str, int]) -> SnapshotIndex:
    """The columns where some models' templates add more than was stated. ``added_tokens`` is by model id."""
    if not added_tokens:
        return index
    ids = [(row, model_id) for model_id in added_tokens for row in index.snapshot.resolve(model_id)]
    overheads, room = index.lengths.overhead_tokens.copy(), index.lengths.room_tokens.copy()
    for row, model_id in ids:
        overheads[row] += added_tokens[model_id]
        room[row] -= added_tokens[model_id]
    return replace(index, lengths=replace(index.lengths, overhead_tokens=overheads, room_tokens=room))


def _lengths(snapshot: Snapshot, overhead_tokens: Mapping[str, int], tokenizers: Sequence[str]) -> Lengths:
    columns, models = snapshot.columns, snapshot.models
    overheads = np.fromiter((_overhead(model, overhead_tokens) for model in models), np.int64)
    windows, outputs = columns.context_window_tokens, columns.max_output_tokens
    slots = {"": UNKNOWN} | {name: slot for slot, name in enumerate(tokenizers)}
    return Lengths(
        overhead_tokens=overheads,
        image_extra_tokens=np.fromiter(map(_image_extra, models), np.int64),
        room_tokens=np.where(windows == UNKNOWN, _ANY_LENGTH, windows - overheads),
        most_output_tokens=np.where(outputs == UNKNOWN, _ANY_LENGTH, outputs),
        tokenizer_slot=np.fromiter((slots[model.tokenizer] for model in models), np.int64),
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
