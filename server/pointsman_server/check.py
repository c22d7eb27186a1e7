"""``pointsman-server check``: what is configured, and what of it answers. Prints no key."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from pointsman.v1.model_pb2 import ProviderState

from pointsman_server import issuers
from pointsman_server.adapters.base import ProviderFailure
from pointsman_server.adapters.dialects import DIALECTS
from pointsman_server.adapters.transport import Timeouts, Transport
from pointsman_server.app import simulates
from pointsman_server.catalog.model import Provider, ProviderStatus
from pointsman_server.catalog.snapshot import Snapshot
from pointsman_server.clock import SystemClock
from pointsman_server.config import Settings
from pointsman_server.dollars import dollars
from pointsman_server.execution.accounts import kind_name
from pointsman_server.issuers import IssuerFinding
from pointsman_server.policy.checks.model import CheckNotAvailable
from pointsman_server.policy.checks.table import CHECKS, loaded
from pointsman_server.providers import Providers, is_built_in_sandbox
from pointsman_server.router import vocabularies

_TIMEOUTS = Timeouts(connect_ms=5_000, first_byte_ms=10_000, chunk_ms=5_000, total_ms=20_000)
_LIST_LIMIT_BYTES = 32 * 1024 * 1024
_FIRST_FAILURE_STATUS = 300


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of one provider.

    Attributes:
        state: active, no_key, unreachable or disabled.
        detail: why it is not active and what to do; for an active one, whether it answers.
        ok: whether nothing needs mending; a provider that nobody configured is fine.
    """

    provider_id: str
    state: str
    detail: str
    model_count: int
    ok: bool


def limits(settings: Settings) -> list[str]:
    """What is configured beside providers, one line each: limits that are read already, and vocabularies."""
    amounts = {
        "monthly budget": None if settings.monthly_budget is None else f"{dollars(settings.monthly_budget)} dollars",
        "requests per minute": settings.requests_per_minute,
        "tokens per minute": settings.tokens_per_minute,
    }
    shown = "shown only: `pointsman budget create` makes a limit"
    lines = [f"{name}: {amount}; {shown}" for name, amount in amounts.items() if amount is not None]
    if settings.tokenizer_dir is None:
        return lines
    found = vocabularies.load(settings.tokenizer_dir)
    told = [f"{name}{'' if vocabulary.published else ' (not the published one)'}" for name, vocabulary in found.items()]
    return [*lines, f"vocabularies in {settings.tokenizer_dir}: {', '.join(told) or 'none; input is counted by bytes'}"]


def content_checks(settings: Settings) -> list[str]:
    """Which content checks rules may order here, one line each."""
    return [f"{key}: {_readiness(key, settings)}" for key in sorted(CHECKS)]


def _readiness(key: str, settings: Settings) -> str:
    try:
        here = loaded(key)
    except CheckNotAvailable as missing:
        return str(missing)
    if here is not None:
        return "ready"
    if settings.moderation_provider:
        return f"asks {settings.moderation_provider} for {settings.moderation_model}"
    return "asks nobody; set POINTSMAN_MODERATION_PROVIDER"


async def check(settings: Settings, environment: Mapping[str, str], *, offline: bool) -> list[Finding]:
    """Looks at every provider, all at once; ``offline`` asks none but the local ones.

    Raises:
        ConfigurationError: a setting or an operator's file is wrong.
    """
    transport = Transport(private_networks=settings.private_networks)
    try:
        providers = Providers(settings, environment, transport, SystemClock())
        await providers.discovery.refresh()
        inside = simulates(settings, providers)
        snapshot = providers.catalog.snapshot
        counts = dict.fromkeys(snapshot.providers, 0)
        for model in snapshot.models:
            counts[model.provider_id] += 1
        return await asyncio.gather(
            *(
                _stand_in(provider, counts[provider.id])
                if inside and is_built_in_sandbox(provider)
                else _find(providers, transport, provider, counts[provider.id], offline=offline)
                for provider in snapshot.providers.values()
            )
        )
    finally:
        await transport.close()


async def check_issuers(settings: Settings) -> list[IssuerFinding]:
    """Reads the keys of every issuer of JWTs."""
    transport = Transport(private_networks=settings.private_networks)
    try:
        return await issuers.findings(settings, transport)
    finally:
        await transport.close()


async def _stand_in(provider: Provider, model_count: int) -> Finding:
    return Finding(provider.id, "active", "no key; runs inside the server", model_count, ok=True)


async def _find(
    providers: Providers, transport: Transport, provider: Provider, model_count: int, *, offline: bool
) -> Finding:
    status = providers.catalog.snapshot.statuses[provider.id]
    state = ProviderState.Name(status.state).removeprefix("PROVIDER_STATE_").lower()
    if status.state != ProviderState.PROVIDER_STATE_ACTIVE:
        return Finding(provider.id, state, status.state_reason, model_count, ok=True)
    source = f"key from {status.key_source}" if status.key_source else "no key"
    source += _default_model(providers.catalog.snapshot, provider)
    if offline or provider.local:
        return Finding(provider.id, state, f"{source}; {_answers(status)}", model_count, ok=True)
    try:
        await _ask(providers, transport, provider)
    except ProviderFailure as failure:
        return Finding(provider.id, state, f"{source}; fails: {kind_name(failure.kind)}", model_count, ok=False)
    return Finding(provider.id, state, f"{source}; answers", model_count, ok=True)


async def _ask(providers: Providers, transport: Transport, provider: Provider) -> None:
    """Asks for the provider's models, which costs nothing and needs the key."""
    dialect = DIALECTS[provider.dialect]
    found = providers.keys.find(provider.auth)
    call = dialect.list_models(provider, found[0] if found else None)
    async with transport.exchange(call, provider, _TIMEOUTS) as response:
        body = await response.read(_LIST_LIMIT_BYTES)
        if response.status >= _FIRST_FAILURE_STATUS:
            raise dialect.failure(response.status, response.headers, body)


def _default_model(snapshot: Snapshot, provider: Provider) -> str:
    """Says so where the provider's default model is none of its own, or does not serve."""
    if not provider.default_model:
        return ""
    own = [row for row in snapshot.resolve(provider.default_model) if snapshot.models[row].provider_id == provider.id]
    if not own:
        return f"; has no model {provider.default_model}, its default"
    serves = any(snapshot.columns.routable[row] for row in own)
    return "" if serves else f"; its default model, {provider.default_model}, is listed and not served"


def _answers(status: ProviderStatus) -> str:
    return "answers" if status.last_sync_at else "not asked"
