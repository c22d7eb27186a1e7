"""``pointsman models`` and ``pointsman providers``: what the catalog holds."""

from __future__ import annotations

from typing import Annotated

import typer
from google.protobuf.json_format import MessageToDict

from pointsman.cli.figures import NONE, UNKNOWN, dollars, elapsed, moment
from pointsman.cli.names import choose, name_of, names
from pointsman.cli.session import session_of
from pointsman.cli.terminal import Column
from pointsman.v1.catalog_service_pb2 import ListModelsRequest, ListProvidersRequest
from pointsman.v1.model_pb2 import Capability, CostTier, LifeCycle, Model, ModelType, Provider, ProviderState

_PAGE_SIZE = 1_000

_MODEL_COLUMNS = (
    Column("model"),
    Column("context", right=True),
    Column("in $/M", right=True),
    Column("out $/M", right=True),
    Column("tier"),
    Column("priority", right=True),
    Column("available"),
    Column("class", extra=True),
    Column("first token", right=True, extra=True),
    Column("capabilities", extra=True),
)
_PROVIDER_COLUMNS = (
    Column("provider"),
    Column("dialect", extra=True),
    Column("state"),
    Column("models", right=True),
    Column("address"),
    Column("why not active"),
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def models(
    context: typer.Context,
    *,
    query: Annotated[str, typer.Argument(help="Only models whose id, name or alias contains this.")] = "",
    provider: Annotated[str, typer.Option("--provider", metavar="NAME", help="Only this provider's.")] = "",
    tier: Annotated[
        str, typer.Option("--tier", metavar="|".join(names(CostTier)), help="Only those of this cost tier.")
    ] = "",
    capabilities: Annotated[
        list[str] | None,
        typer.Option(
            "--capability", metavar="NAME", help=f"Only those with all of these: {', '.join(names(Capability))}."
        ),
    ] = None,
    model_type: Annotated[
        str, typer.Option("--type", metavar="|".join(names(ModelType)), help="Only those of this type.")
    ] = "",
    model_class: Annotated[str, typer.Option("--class", metavar="NAME", help="Only those of this class.")] = "",
    family: Annotated[str, typer.Option("--family", metavar="NAME", help="Only those of this family.")] = "",
    available: Annotated[
        bool | None, typer.Option("--available/--unavailable", help="Only those that can, or cannot, be called now.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List models."""
    request = ListModelsRequest(
        provider_id=provider,
        cost_tier=choose(CostTier, tier, "--tier"),
        capabilities=[choose(Capability, name, "--capability") for name in capabilities or ()],
        type=choose(ModelType, model_type, "--type"),
        model_class=model_class,
        family=family,
        available=available,
        query=query,
        page_size=_PAGE_SIZE,
    )
    session = session_of(context)
    with session.client() as client:
        found = list(client.list_models(request))
    terminal = session.terminal
    if as_json:
        terminal.data([MessageToDict(model) for model in found])
        return
    if found:
        terminal.table(_MODEL_COLUMNS, [_model(model) for model in found])
    terminal.note(f"models: {len(found):,}")


def providers(
    context: typer.Context,
    *,
    state: Annotated[
        str, typer.Option("--state", metavar="|".join(names(ProviderState)), help="Only those in this state.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List providers, and why some are not active."""
    request = ListProvidersRequest(state=choose(ProviderState, state, "--state"), page_size=_PAGE_SIZE)
    session = session_of(context)
    with session.client() as client:
        found = list(client.list_providers(request))
    if as_json:
        session.terminal.data([MessageToDict(provider) for provider in found])
        return
    if found:
        session.terminal.table(_PROVIDER_COLUMNS, [_provider(provider) for provider in found])
    session.terminal.note(f"providers: {len(found):,}")


def _model(model: Model) -> tuple[str, ...]:
    priced = model.HasField("prices")
    return (
        model.id,
        f"{model.context_window_tokens:,}" if model.HasField("context_window_tokens") else UNKNOWN,
        dollars(model.prices.input_nanos_per_million if priced else None),
        dollars(model.prices.output_nanos_per_million if priced else None),
        name_of(CostTier, model.cost_tier) or UNKNOWN,
        str(model.priority),
        _availability(model),
        model.model_class or NONE,
        elapsed(model.latency) if model.HasField("latency") else UNKNOWN,
        ", ".join(name_of(Capability, capability) for capability in model.capabilities) or NONE,
    )


def _availability(model: Model) -> str:
    answer = "yes" if model.available else f"no: {model.unavailable_reason}".removesuffix(": ")
    stage = name_of(LifeCycle, model.life_cycle)
    return answer if stage in {"", "active"} else f"{answer} ({stage})"


def _provider(provider: Provider) -> tuple[str, ...]:
    synced = f" (read {moment(provider.last_sync_time)})" if provider.HasField("last_sync_time") else ""
    return (
        provider.id,
        provider.dialect,
        name_of(ProviderState, provider.state),
        f"{provider.model_count:,}{synced}",
        provider.base_url,
        provider.state_reason or NONE,
    )
