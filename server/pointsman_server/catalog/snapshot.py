"""An immutable picture of the catalog: rows to read, columns to compute with."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from pointsman.v1.model_pb2 import LifeCycle, ModelType, ProviderState

from pointsman_server.catalog.model import Model, Provider, ProviderStatus

UNKNOWN = -1
"""What a column holds where the row says ``None``."""

_ROUTABLE = frozenset(
    {LifeCycle.LIFE_CYCLE_ACTIVE, LifeCycle.LIFE_CYCLE_PREVIEW, LifeCycle.LIFE_CYCLE_DEPRECATED},
)


@dataclass(frozen=True, slots=True)
class Columns:
    """One array a field, one element a model, in the order of ``Snapshot.models``; ``UNKNOWN`` stands for ``None``.

    Attributes:
        capability_bits: ``1 << Capability`` for each capability.
        provider_index: into ``Snapshot.provider_ids``.
        active: whether the model's provider can be called now.
        routable: whether it is a chat model whose life cycle lets it serve.
        input_nanos, output_nanos: per million tokens, before tiers.
    """

    capability_bits: NDArray[np.uint32]
    provider_index: NDArray[np.int32]
    active: NDArray[np.bool_]
    routable: NDArray[np.bool_]
    simulated: NDArray[np.bool_]
    private: NDArray[np.bool_]
    context_window_tokens: NDArray[np.int64]
    max_output_tokens: NDArray[np.int64]
    input_nanos: NDArray[np.int64]
    output_nanos: NDArray[np.int64]
    priority: NDArray[np.int32]
    latency_ms: NDArray[np.int32]
    tokens_per_second: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The catalog at one moment. Swapped whole, never changed.

    Attributes:
        version: a digest of the rows; equal snapshots have equal versions.
        provider_ids: in order; ``Columns.provider_index`` points into it.
        models: ordered by id.
        names: every name that a caller may use, to the indices of the rows that it means.
        next_price_change: when a model's price next changes; ``None``: no change is known.
    """

    version: str
    providers: Mapping[str, Provider]
    statuses: Mapping[str, ProviderStatus]
    provider_ids: tuple[str, ...]
    models: tuple[Model, ...]
    columns: Columns
    names: Mapping[str, tuple[int, ...]]
    next_price_change: datetime | None = None

    def resolve(self, name: str) -> tuple[int, ...]:
        """Returns the indices of the rows that a name means: an id, the provider's own id, or an alias.

        An id means its row alone. Another name may mean rows of several providers. Unknown: empty.
        """
        return self.names.get(name, ())


def build(providers: Iterable[Provider], statuses: Mapping[str, ProviderStatus], models: Iterable[Model]) -> Snapshot:
    """Makes a snapshot. Every model's provider must be among ``providers`` and have a status."""
    by_id = {provider.id: provider for provider in sorted(providers, key=lambda p: p.id)}
    rows = tuple(sorted(models, key=lambda m: m.id))
    states = {provider_id: statuses[provider_id] for provider_id in by_id}
    return Snapshot(
        version=_version(by_id.values(), states, rows),
        providers=MappingProxyType(by_id),
        statuses=MappingProxyType(states),
        provider_ids=tuple(by_id),
        models=rows,
        columns=_columns(by_id, states, rows),
        names=MappingProxyType(_names(rows)),
        next_price_change=min((row.price_changes[0].from_time for row in rows if row.price_changes), default=None),
    )


def _version(providers: Iterable[Provider], statuses: Mapping[str, ProviderStatus], rows: Iterable[Model]) -> str:
    digest = hashlib.sha256()
    for provider in providers:
        status = statuses[provider.id]
        digest.update(f"{_ordered(provider)} {status.state} {status.state_reason} {status.key_source}\n".encode())
    for row in rows:
        digest.update(f"{_ordered(row)}\n".encode())
    return digest.hexdigest()[:16]


def _ordered(row: Provider | Model) -> str:
    """A row as text. Sets and mappings are put in order, since two equal ones may list their elements differently."""
    values = (getattr(row, name) for name in row.__slots__)
    return repr(
        [
            sorted(value)
            if isinstance(value, frozenset)
            else sorted(value.items())
            if isinstance(value, Mapping)
            else value
            for value in values
        ]
    )


def _names(rows: tuple[Model, ...]) -> dict[str, tuple[int, ...]]:
    names: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        for name in dict.fromkeys((row.external_id, row.provider_model_id, *row.aliases)):
            names.setdefault(name, []).append(index)
    return {name: tuple(indices) for name, indices in names.items()} | {
        row.id: (index,) for index, row in enumerate(rows)
    }


def _columns(
    providers: Mapping[str, Provider], statuses: Mapping[str, ProviderStatus], rows: tuple[Model, ...]
) -> Columns:
    index = {provider_id: position for position, provider_id in enumerate(providers)}
    owners = [providers[row.provider_id] for row in rows]

    def numbers(values: Iterable[int | None], dtype: type[np.int32] | type[np.int64]) -> NDArray[np.signedinteger]:
        return np.array([UNKNOWN if value is None else value for value in values], dtype=dtype)

    return Columns(
        capability_bits=np.array([sum(1 << int(c) for c in row.capabilities) for row in rows], dtype=np.uint32),
        provider_index=np.array([index[row.provider_id] for row in rows], dtype=np.int32),
        active=np.array(
            [statuses[row.provider_id].state == ProviderState.PROVIDER_STATE_ACTIVE for row in rows], dtype=np.bool_
        ),
        routable=np.array(
            [row.type == ModelType.MODEL_TYPE_CHAT and row.life_cycle in _ROUTABLE for row in rows], dtype=np.bool_
        ),
        simulated=np.array([owner.simulated for owner in owners], dtype=np.bool_),
        private=np.array([owner.access != "public" for owner in owners], dtype=np.bool_),
        context_window_tokens=numbers((row.context_window_tokens for row in rows), np.int64),
        max_output_tokens=numbers((row.max_output_tokens for row in rows), np.int64),
        input_nanos=numbers(
            (None if row.prices is None else row.prices.input_nanos_per_million for row in rows), np.int64
        ),
        output_nanos=numbers(
            (None if row.prices is None else row.prices.output_nanos_per_million for row in rows), np.int64
        ),
        priority=numbers((row.priority for row in rows), np.int32),
        latency_ms=numbers((row.latency_ms for row in rows), np.int32),
        tokens_per_second=numbers((row.tokens_per_second for row in rows), np.int32),
    )
