"""Writes the catalog's rows as the contract's messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import datetime

import numpy as np
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from pointsman.v1 import model_pb2 as pb
from pointsman.v1.model_pb2 import LifeCycle, ModelType, ProviderState

from pointsman_server.catalog.model import DatedPrices, Model, Prices, PriceTier
from pointsman_server.catalog.snapshot import Snapshot

_NAMED_OTHERWISE = frozenset({"tiers", "is_ceiling"})
_OUT_OF_SERVICE = {
    LifeCycle.LIFE_CYCLE_RETIRED: "the provider no longer serves it",
    LifeCycle.LIFE_CYCLE_UNCONFIRMED: "nobody has confirmed that the provider has it",
    LifeCycle.LIFE_CYCLE_UNSPECIFIED: "its life cycle is not known",
}


def providers(snapshot: Snapshot, provider_ids: Iterable[str]) -> Iterator[pb.Provider]:
    """Writes providers."""
    counts = np.bincount(snapshot.columns.provider_index, minlength=len(snapshot.provider_ids))
    by_id = dict(zip(snapshot.provider_ids, counts.tolist(), strict=True))
    return (provider(snapshot, provider_id, by_id[provider_id]) for provider_id in provider_ids)


def provider(snapshot: Snapshot, provider_id: str, model_count: int) -> pb.Provider:
    """Writes a provider."""
    row, status = snapshot.providers[provider_id], snapshot.statuses[provider_id]
    message = pb.Provider(
        id=row.id,
        display_name=row.display_name,
        dialect=row.dialect,
        base_url=row.base_url,
        local=row.local,
        simulated=row.simulated,
        state=status.state,
        state_reason=status.state_reason,
        key_source=status.key_source,
        model_count=model_count,
        source=row.source,
    )
    if status.last_sync_at is not None:
        message.last_sync_time.CopyFrom(_timestamp(status.last_sync_at))
    return message


def model(snapshot: Snapshot, index: int, now: datetime) -> pb.Model:
    """Writes the model at an index of ``Snapshot.models``, with the prices in force now."""
    row = snapshot.models[index].at(now)
    reason = _unavailable_reason(snapshot, row)
    return pb.Model(
        id=row.id,
        provider_id=row.provider_id,
        external_id=row.external_id,
        provider_model_id=row.provider_model_id if row.provider_model_id != row.external_id else "",
        display_name=row.display_name,
        aliases=row.aliases,
        family=row.family,
        type=row.type,
        capabilities=sorted(row.capabilities),
        domains=row.domains,
        context_window_tokens=row.context_window_tokens,
        max_output_tokens=row.max_output_tokens,
        prices=None if row.prices is None else _prices(row.prices),
        cost_tier=row.cost_tier,
        model_class=row.model_class,
        priority=row.priority,
        latency=None if row.latency_ms is None else _milliseconds(row.latency_ms),
        tokens_per_second=row.tokens_per_second,
        best_for=row.best_for,
        required_tier=row.tier,
        life_cycle=row.life_cycle,
        available=not reason,
        unavailable_reason=reason,
        note=row.note,
        price_changes=map(_price_change, row.price_changes),
    )


def _unavailable_reason(snapshot: Snapshot, row: Model) -> str:
    status = snapshot.statuses[row.provider_id]
    if status.state != ProviderState.PROVIDER_STATE_ACTIVE:
        return status.state_reason or "its provider is not active"
    if row.type != ModelType.MODEL_TYPE_CHAT:
        return "models of this type are listed, not served"
    return _OUT_OF_SERVICE.get(row.life_cycle, "")


def _prices(prices: Prices) -> pb.Prices:
    values = {field.name: getattr(prices, field.name) for field in fields(prices) if field.name not in _NAMED_OTHERWISE}
    return pb.Prices(**values, tiers=map(_tier, prices.tiers), ceiling=prices.is_ceiling)


def _price_change(change: DatedPrices) -> pb.PriceChange:
    prices = None if change.prices is None else _prices(change.prices)
    return pb.PriceChange(effective_time=_timestamp(change.from_time), prices=prices)


def _tier(tier: PriceTier) -> pb.PriceTier:
    return pb.PriceTier(**{field.name: getattr(tier, field.name) for field in fields(tier)})


def _timestamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp


def _milliseconds(value: int) -> Duration:
    duration = Duration()
    duration.FromMilliseconds(value)
    return duration
