"""Makes a snapshot of provider rows, keys, what discovery found, and prices."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from pointsman.v1.model_pb2 import ProviderState

from pointsman_server.catalog.model import Access, Auth, AuthScheme, Model, Prices, Provider, ProviderStatus
from pointsman_server.catalog.money import cost_tier
from pointsman_server.catalog.price_history import (
    PriceHistory,
    bounded,
    coming,
    in_force,
    is_whole,
    laid_over,
    unchanging,
)
from pointsman_server.catalog.rows import ProviderRow
from pointsman_server.catalog.snapshot import Snapshot, build

_FREE = Prices(input_nanos_per_million=0, output_nanos_per_million=0, source="local")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Findings:
    """What discovery last learnt of a provider.

    Attributes:
        reachable: whether it answers, as the kind of server that it is meant to be.
        reason: why not, and what to do; empty when it does.
        models: by external id, fields of ``catalog.model.Model`` as its list gives them.
        synced_at: when the models were read; ``None``: never.
    """

    reachable: bool
    reason: str = ""
    models: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    synced_at: datetime | None = None


class Keys(Protocol):
    """Where keys are found: the key and the name of its source; ``None``: there is none."""

    def find(self, auth: Auth, /) -> tuple[object, str] | None: ...


class PriceList(Protocol):
    """Where prices are looked up that a row lacks, by the library's name for the provider and the model's id."""

    def find(self, price_list: str, model_id: str, /) -> PriceHistory: ...


def assemble(
    rows: Iterable[ProviderRow],
    keys: Keys,
    discovered: Mapping[str, Findings],
    *,
    prices: PriceList,
    now: datetime,
    base_urls: Mapping[str, str] = _NOTHING,
    disabled: Mapping[str, str] = _NOTHING,
) -> Snapshot:
    """Makes the snapshot.

    Args:
        rows: the providers, as the loader gives them.
        keys: where their keys are.
        discovered: by provider id.
        prices: fills what rows lack.
        now: whose prices are in force.
        base_urls: by provider id: a server inside this process serves it, at this address on loopback.
        disabled: by provider id: it was turned off, and this is why.
    """
    owned = [_at(row, base_urls.get(row.provider.id)) for row in rows]
    statuses = {
        row.provider.id: _status(row, keys, discovered.get(row.provider.id), inside=row.provider.id in base_urls)
        for row in owned
    }
    statuses |= {
        provider_id: ProviderStatus(ProviderState.PROVIDER_STATE_DISABLED, reason)
        for provider_id, reason in disabled.items()
    }
    models = [model for row in owned for model in _models(row, discovered.get(row.provider.id), prices, now)]
    return build([row.provider for row in owned], statuses, models)


def _at(row: ProviderRow, base_url: str | None) -> ProviderRow:
    if base_url is None:
        return row
    provider = replace(row.provider, base_url=base_url.rstrip("/"), access=Access.LOOPBACK, private_hosts=())
    return replace(row, provider=provider, obstacle=None)


def _status(row: ProviderRow, keys: Keys, found: Findings | None, *, inside: bool) -> ProviderStatus:
    provider = row.provider
    if not provider.enabled:
        return ProviderStatus(ProviderState.PROVIDER_STATE_DISABLED, f"enabled is false in {provider.source}")
    if row.obstacle:
        return row.obstacle
    takes_key = provider.auth.scheme is not AuthScheme.NONE
    key = keys.find(provider.auth) if takes_key else None
    if provider.auth.needs_key and key is None:
        return ProviderStatus(ProviderState.PROVIDER_STATE_NO_KEY, f"set {' or '.join(provider.auth.environment)}")
    key_source = key[1] if key else ""
    if must_answer(provider) and not inside and not (found and found.reachable):
        reason = found.reason if found else f"nothing has answered at {provider.base_url} yet"
        return ProviderStatus(ProviderState.PROVIDER_STATE_UNREACHABLE, reason, key_source)
    synced_at = found.synced_at if found else None
    return ProviderStatus(ProviderState.PROVIDER_STATE_ACTIVE, key_source=key_source, last_sync_at=synced_at)


def must_answer(provider: Provider) -> bool:
    """Whether a provider is active only while it answers: a local one that can be asked."""
    return provider.local and (provider.discover or provider.probe_path is not None)


def _models(row: ProviderRow, found: Findings | None, prices: PriceList, now: datetime) -> Iterator[Model]:
    listed = found.models if found else {}
    for name in dict.fromkeys((*row.models, *listed)):
        history = _price_history(row, name, listed.get(name, _NOTHING), prices)
        given = {**listed.get(name, {}), **row.models.get(name, {}), "external_id": name}
        yield _model(row.provider, given, history, now)


def _model(provider: Provider, given: Mapping[str, Any], history: PriceHistory, now: datetime) -> Model:
    external_id = given["external_id"]
    defaults = {
        "id": f"{provider.id}/{external_id}",
        "provider_id": provider.id,
        "provider_model_id": external_id,
        "display_name": external_id,
    }
    fields = {name: value for name, value in given.items() if name != "ceiling_price"}
    made = {"prices": in_force(history, now), "price_changes": coming(history, now)}
    model = Model(**(defaults | fields | made))
    return replace(model, cost_tier=model.cost_tier or cost_tier(model.prices))


def _price_history(row: ProviderRow, name: str, listed: Mapping[str, Any], prices: PriceList) -> PriceHistory:
    """What the files say; before their first date what the provider's list says; else 0 or the price library; and the
    ceiling where nobody knows.
    """
    provider, given = row.provider, row.models.get(name, _NOTHING)
    stated: PriceHistory = given.get("prices", ())
    history = laid_over(unchanging(listed.get("prices")), stated)
    if not is_whole(history):
        wire_id = given.get("provider_model_id", listed.get("provider_model_id", name))
        history = laid_over(_elsewhere(provider, wire_id, prices), history)
    return bounded(history, given.get("ceiling_price", provider.ceiling_price))


def _elsewhere(provider: Provider, provider_model_id: str, prices: PriceList) -> PriceHistory:
    if provider.zero_priced:
        return unchanging(_FREE)
    return prices.find(provider.price_list, provider_model_id) if provider.price_list else ()


def switched_off(rows: Iterable[ProviderRow], *, local_discovery: bool, sandbox: bool) -> dict[str, str]:
    """What settings turn off, for ``assemble``: local providers, and simulated ones."""
    reasons: dict[str, str] = {}
    for row in rows:
        if row.provider.simulated and not sandbox:
            reasons[row.provider.id] = "the sandbox is off: set POINTSMAN_SANDBOX to on, or ask without a real provider"
        elif must_answer(row.provider) and not row.provider.simulated and not local_discovery:
            reasons[row.provider.id] = (
                "local discovery is off: set POINTSMAN_LOCAL_DISCOVERY or LOCAL_MODEL_ENABLED to true"
            )
    return reasons
