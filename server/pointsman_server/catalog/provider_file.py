"""What a provider file says: one provider, its credentials, and rows of models. docs/providers.md describes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pointsman.v1.model_pb2 import Capability, CostTier, LifeCycle, ModelType

from pointsman_server.catalog import fields
from pointsman_server.catalog.fields import Table, Tables
from pointsman_server.catalog.model import (
    ACCOUNT_TIERS,
    ALWAYS,
    Access,
    AuthScheme,
    DatedPrices,
    OnCancel,
    Prices,
    PriceTier,
)
from pointsman_server.catalog.price_history import PriceHistory
from pointsman_server.dollars import nanos
from pointsman_server.toml_document import TomlDocument

BUILT_IN = "built-in"
MODEL_CLASSES = ("BASE_S", "BASE_M", "PRO_M", "PRO_L", "ADVANCED")
TOKENIZERS = ("cl100k_base", "o200k_base")


@dataclass(frozen=True, slots=True)
class ProviderFile:
    """One file, read and checked. What it leaves out is absent, so that another file can be laid over it.

    Attributes:
        provider: fields of ``catalog.model.Provider``; ``auth``, ``headers``, ``query`` and ``paths`` are mappings.
        models: by external id, fields of ``catalog.model.Model``.
    """

    document: TomlDocument
    source: str
    provider: Mapping[str, Any]
    models: Mapping[str, Mapping[str, Any]]


def _named(names: Mapping[str, int], prefix: str) -> dict[str, int]:
    """The values of an enum of the contract by their names in files; 0 is never one of them."""
    return {name.removeprefix(prefix).lower(): number for name, number in names.items() if number}


def _per_million(found: Mapping[str, Any]) -> dict[str, Any]:
    """Names in files leave the unit out; fields of ``Prices`` do not."""
    return {
        name if name == "above_input_tokens" else f"{name}_nanos_per_million": value for name, value in found.items()
    }


def _dated_prices(found: dict[str, Any]) -> DatedPrices:
    from_time = found.pop("from", ALWAYS)
    return DatedPrices(from_time, _prices(found))


def _prices(found: dict[str, Any]) -> Prices:
    tiers = sorted(found.pop("tiers", ()), key=lambda tier: tier.above_input_tokens)
    request_nanos = found.pop("request", 0)
    return Prices(**_per_million(found), request_nanos=request_nanos, tiers=tuple(tiers))


CAPABILITIES = _named(dict(Capability.items()), "CAPABILITY_")

_PRICE_KINDS = {
    "input": nanos,
    "output": nanos,
    "cache_read": nanos,
    "cache_write": nanos,
    "cache_write_long": nanos,
}
_TIER = Table(
    {"above_input_tokens": fields.whole(1), **_PRICE_KINDS},
    required=("above_input_tokens", "input", "output"),
    build=lambda found: PriceTier(**_per_million(found)),
)
_PRICE_LIST_KINDS = {**_PRICE_KINDS, "input_audio": nanos, "output_audio": nanos, "request": nanos}
_PRICES = Table(
    {**_PRICE_LIST_KINDS, "from": fields.moment, "tiers": Tables(_TIER)},
    required=("input", "output"),
    build=_dated_prices,
)


def _something(value: object) -> int:
    """A price above nothing."""
    if not (price := nanos(value)):
        raise ValueError("must be more than 0: a ceiling of nothing bounds nothing; what is free states prices of 0")
    return price


_CEILING = Table(
    {**_PRICE_LIST_KINDS, "input": _something, "output": _something},
    required=("input", "output"),
    build=lambda found: replace(_prices(found), is_ceiling=True),
)
_AUTH = Table(
    {
        "environment": fields.texts,
        "header": fields.text,
        "scheme": fields.one_of({scheme.value: scheme for scheme in AuthScheme}),
        "required": fields.flag,
    }
)
_PROVIDER = Table(
    {
        "id": fields.matching(r"[a-z0-9][a-z0-9_-]{0,62}", "lower-case letters, digits, - and _, such as my-host"),
        "display_name": fields.text,
        "dialect": fields.text,
        "base_url": fields.text,
        "auth": _AUTH,
        "access": fields.one_of({access.value: access for access in Access}),
        "local": fields.flag,
        "simulated": fields.flag,
        "paths": fields.text_map,
        "headers": fields.text_map,
        "query": fields.text_map,
        "quirks": fields.text_set,
        "probe_path": fields.matching(r"/\S*", "a path that begins with /"),
        "discover": fields.flag,
        "zero_priced": fields.flag,
        "price_list": fields.text_or_empty,
        "ceiling_price": _CEILING,
        "default_model": fields.text_or_empty,
        "account_tier": fields.text,
        "region": fields.matching(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", "letters, digits, - _ and ., such as eu"),
        "on_cancel": fields.one_of({choice.value: choice for choice in OnCancel}),
        "enabled": fields.flag,
    },
    required=("id",),
)
_MODEL = Table(
    {
        "external_id": fields.text,
        "provider_model_id": fields.text,
        "display_name": fields.text,
        "aliases": fields.texts,
        "family": fields.text_or_empty,
        "type": fields.one_of(_named(dict(ModelType.items()), "MODEL_TYPE_")),
        "capabilities": fields.many_of(CAPABILITIES),
        "domains": fields.texts,
        "context_window_tokens": fields.whole(1),
        "max_output_tokens": fields.whole(1),
        "prices": Tables(_PRICES, or_one=True),
        "ceiling_price": _CEILING,
        "cost_tier": fields.one_of(_named(dict(CostTier.items()), "COST_TIER_")),
        "model_class": fields.one_of({name: name for name in MODEL_CLASSES}),
        "priority": fields.whole(0, 100),
        "latency_ms": fields.whole(1),
        "tokens_per_second": fields.whole(1),
        "best_for": fields.texts,
        "tier": fields.one_of({name: name for name in ACCOUNT_TIERS}),
        "life_cycle": fields.one_of(_named(dict(LifeCycle.items()), "LIFE_CYCLE_")),
        "overhead_tokens": fields.whole(0),
        "image_tokens": fields.whole(1),
        "quirks": fields.text_set,
        "tokenizer": fields.one_of({name: name for name in TOKENIZERS}),
        "note": fields.text_or_empty,
    },
    required=("external_id",),
)
FILE = Table({"provider": _PROVIDER, "models": Tables(_MODEL)}, required=("provider",))


def interpret(document: TomlDocument, source: str) -> ProviderFile:
    """Reads a provider file; ``source`` is ``BUILT_IN`` or what the operator calls the file.

    Raises:
        ConfigurationError: something is wrong; says where and how to mend it.
    """
    found = fields.read(document, (), document.values, FILE)
    models: dict[str, Mapping[str, Any]] = {}
    for index, model in enumerate(found.get("models", ())):
        external_id = model["external_id"]
        if external_id in models:
            raise document.error(("models", index), f"{external_id} is there twice")
        _check_dates(document, index, external_id, model.get("prices", ()))
        models[external_id] = _with_price_source(model, "catalog" if source == BUILT_IN else "operator")
    return ProviderFile(document, source, found["provider"], models)


def _check_dates(document: TomlDocument, index: int, external_id: str, lists: Sequence[DatedPrices]) -> None:
    met: set[datetime] = set()
    for place, dated in enumerate(lists):
        if dated.from_time in met:
            since = "none says" if dated.from_time == ALWAYS else f"both say {dated.from_time:%Y-%m-%dT%H:%M:%SZ}"
            message = f"the model {external_id}: prices: from: two lists hold from one moment on: {since}"
            raise document.error(("models", index, "prices", place, "from"), message)
        met.add(dated.from_time)


def _with_price_source(model: Mapping[str, Any], source: str) -> Mapping[str, Any]:
    if not (lists := model.get("prices")):
        return {name: value for name, value in model.items() if name != "prices"}
    history: PriceHistory = tuple(
        DatedPrices(dated.from_time, None if dated.prices is None else replace(dated.prices, source=source))
        for dated in sorted(lists, key=lambda dated: dated.from_time)
    )
    return {**model, "prices": history}
