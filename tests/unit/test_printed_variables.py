"""Every environment variable that the requirements print has its effect, through the composition that serves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from pointsman.v1.model_pb2 import ProviderState
from pointsman_server import completing, config, ruling
from pointsman_server.adapters.transport import Transport
from pointsman_server.check import check, limits
from pointsman_server.clock import SystemClock
from pointsman_server.config import Settings
from pointsman_server.errors import ConfigurationError
from pointsman_server.identity.model import LOCAL_ADMIN
from pointsman_server.policy.engine import PolicyEngine
from pointsman_server.providers import Providers
from pointsman_server.router.model import Facts, Plan, Preferences
from pointsman_server.sandbox import Sandbox

from tests.unit.router.vocabulary_files import write

KEYS = {"OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k", "GEMINI_API_KEY": "k"}
PRINTED = {
    "OPENAI_API_KEY": "sk-hunter2",
    "OPENAI_DEFAULT_MODEL": "gpt-4-turbo-preview",
    "ANTHROPIC_API_KEY": "sk-ant-hunter2",
    "ANTHROPIC_DEFAULT_MODEL": "claude-3-opus-20240229",
    "GEMINI_API_KEY": "AIzaSyhunter2",
    "GEMINI_DEFAULT_MODEL": "gemini-1.5-pro",
    "LOCAL_MODEL_ENABLED": "false",
    "LOCAL_MODEL_ENDPOINT": "http://localhost:8000",
    "AI_PROVIDER_PRIORITY": "openai,anthropic,gemini,local",
    "AI_AUTO_FALLBACK": "true",
    "AI_COST_OPTIMIZATION": "true",
    "AI_MONTHLY_BUDGET": "10.00",
    "AI_REQUESTS_PER_MINUTE": "60",
    "AI_TOKENS_PER_MINUTE": "90000",
    "ANTHROPIC_ACCOUNT_TIER": "enterprise",
    "GOOGLE_API_KEY": "hunter2",
    "GOOGLE_AI_API_KEY": "hunter2",
    "GROK_API_KEY": "hunter2",
    "ZAI_API_KEY": "hunter2",
}
"""The variables as they are printed, all at once."""


@dataclass(frozen=True)
class Deployment:
    """What an environment makes of the server, without a socket."""

    settings: Settings
    providers: Providers

    def key_source(self, provider: str) -> str:
        return self.providers.catalog.snapshot.statuses[provider].key_source

    def state(self, provider: str) -> str:
        state = self.providers.catalog.snapshot.statuses[provider].state
        return ProviderState.Name(state).removeprefix("PROVIDER_STATE_").lower()

    def plan(self, **hints: object) -> Plan:
        facts = Facts(1_000, 250, "bytes", None, frozenset(), Preferences(**hints))  # type: ignore[arg-type]  # by name
        verdict = PolicyEngine(ruling.limits_of(self.settings)).evaluate(LOCAL_ADMIN, facts, SystemClock().now())
        return completing.router_of(self.settings).plan(facts, verdict, self.providers.catalog.snapshot, seed=1)

    def leader(self, provider: str = "") -> str:
        pinned = (provider,) if provider else ()
        return self.plan(pinned_providers=pinned).attempts[0].model.id


def deployed(directory: Path, environment: Mapping[str, str]) -> Deployment:
    whole = {"POINTSMAN_DATA_DIR": str(directory), **environment}
    settings = config.load(whole)
    return Deployment(settings, Providers(settings, whole, Transport(private_networks=()), SystemClock()))


Observation = Callable[[Deployment], object]


def dropped_by_tier(deployment: Deployment) -> set[str]:
    exclusions = [e for e in deployment.plan(pinned_providers=("anthropic",)).exclusions if e.reason == "account_tier"]
    return {example.model_id for exclusion in exclusions for example in exclusion.examples}


SONNET = "anthropic/claude-sonnet-4-5-20250929"
TABLE: dict[str, tuple[str, Observation, object, object]] = {
    "OPENAI_API_KEY": ("k", lambda d: d.key_source("openai"), "", "OPENAI_API_KEY"),
    "ANTHROPIC_API_KEY": ("k", lambda d: d.key_source("anthropic"), "", "ANTHROPIC_API_KEY"),
    "GOOGLE_API_KEY": ("k", lambda d: d.key_source("gemini"), "", "GOOGLE_API_KEY"),
    "GOOGLE_AI_API_KEY": ("k", lambda d: d.key_source("gemini"), "", "GOOGLE_AI_API_KEY"),
    "GEMINI_API_KEY": ("k", lambda d: d.key_source("gemini"), "", "GEMINI_API_KEY"),
    "OPENROUTER_API_KEY": ("k", lambda d: d.key_source("openrouter"), "", "OPENROUTER_API_KEY"),
    "GROK_API_KEY": ("k", lambda d: d.key_source("xai"), "", "GROK_API_KEY"),
    "XAI_API_KEY": ("k", lambda d: d.key_source("xai"), "", "XAI_API_KEY"),
    "ZAI_API_KEY": ("k", lambda d: d.key_source("zai"), "", "ZAI_API_KEY"),
    "OPENAI_DEFAULT_MODEL": (
        "gpt-4-turbo-preview",
        lambda d: d.leader("openai") == "openai/gpt-4-turbo-preview",
        False,
        True,
    ),
    "ANTHROPIC_DEFAULT_MODEL": (
        "claude-sonnet-4-6",
        lambda d: d.leader("anthropic") == "anthropic/claude-sonnet-4-6",
        False,
        True,
    ),
    "GEMINI_DEFAULT_MODEL": (
        "gemini-2.5-flash-lite",
        lambda d: d.leader("gemini") == "gemini/gemini-2.5-flash-lite",
        False,
        True,
    ),
    "LOCAL_MODEL_ENABLED": ("false", lambda d: d.state("ollama"), "unreachable", "disabled"),
    "LOCAL_MODEL_ENDPOINT": (
        "http://localhost:8000",
        lambda d: d.providers.catalog.snapshot.providers["local"].base_url,
        "",
        "http://localhost:8000/v1",
    ),
    "AI_PROVIDER_PRIORITY": (
        "openai,gemini",
        lambda d: [attempt.provider.id for attempt in d.plan().attempts][:2],
        ["gemini", "anthropic"],
        ["openai", "gemini"],
    ),
    "AI_AUTO_FALLBACK": ("false", lambda d: len(d.plan().attempts), 4, 1),
    "AI_COST_OPTIMIZATION": ("false", lambda d: d.plan().profile.value, "balanced", "best"),
    "AI_MONTHLY_BUDGET": (
        "10.00",
        lambda d: limits(d.settings),
        [],
        ["monthly budget: 10.00 dollars; shown only: `pointsman budget create` makes a limit"],
    ),
    "AI_REQUESTS_PER_MINUTE": (
        "60",
        lambda d: limits(d.settings),
        [],
        ["requests per minute: 60; shown only: `pointsman budget create` makes a limit"],
    ),
    "AI_TOKENS_PER_MINUTE": (
        "90000",
        lambda d: limits(d.settings),
        [],
        ["tokens per minute: 90000; shown only: `pointsman budget create` makes a limit"],
    ),
    "ANTHROPIC_ACCOUNT_TIER": ("free", dropped_by_tier, set(), {SONNET}),
}
"""Variable: a value, what is looked at, what that is without it and with it."""


@pytest.mark.parametrize("variable", TABLE)
async def test_a_printed_variable_has_its_effect(tmp_path: Path, variable: str) -> None:
    value, observe, without, with_it = TABLE[variable]
    others = {} if variable.endswith("_API_KEY") else KEYS
    assert observe(deployed(tmp_path, others)) == without
    assert observe(deployed(tmp_path, {**others, variable: value})) == with_it
    assert observe(deployed(tmp_path, {**others, variable: "  "})) == without


def test_the_table_lacks_no_variable_that_is_printed() -> None:
    assert PRINTED.keys() <= TABLE.keys()


@pytest.mark.parametrize(
    ("tier", "dropped"), [("pro", set()), ("enterprise", set()), ("Free", {SONNET}), ("team", set())]
)
async def test_an_accounts_tier_is_read_as_it_is_written(tmp_path: Path, tier: str, dropped: set[str]) -> None:
    assert dropped_by_tier(deployed(tmp_path, {**KEYS, "ANTHROPIC_ACCOUNT_TIER": tier})) == dropped


async def test_a_model_of_the_tier_enterprise_enables_itself(tmp_path: Path) -> None:
    (tmp_path / "providers").mkdir()
    (tmp_path / "providers" / "anthropic.toml").write_text(
        '[provider]\nid = "anthropic"\n[[models]]\nexternal_id = "claude-sonnet-4-5-1m"\nlife_cycle = "active"\n'
    )
    million = "anthropic/claude-sonnet-4-5-1m"
    assert dropped_by_tier(deployed(tmp_path, {**KEYS, "ANTHROPIC_ACCOUNT_TIER": "pro"})) == {million}
    upgraded = deployed(tmp_path, {**KEYS, "ANTHROPIC_ACCOUNT_TIER": "enterprise"})
    assert million in {candidate.model.id for candidate in upgraded.plan().candidates}


@pytest.mark.parametrize(
    ("variable", "value", "setting", "read"),
    [
        ("AI_AUTO_FALLBACK", "false", "allow_fallback", False),
        ("AI_COST_OPTIMIZATION", "0", "cost_optimization", False),
        ("AI_PROVIDER_PRIORITY", "openai, local", "provider_priority", ("openai", "local")),
        ("AI_MONTHLY_BUDGET", "0.000000001", "monthly_budget", 1),
        ("AI_MONTHLY_BUDGET", "10000000", "monthly_budget", 10**16),
        ("AI_REQUESTS_PER_MINUTE", "60", "requests_per_minute", 60),
        ("AI_TOKENS_PER_MINUTE", "90000", "tokens_per_minute", 90_000),
        ("LOCAL_MODEL_ENABLED", "false", "local_discovery", False),
        ("TIKTOKEN_CACHE_DIR", "/srv/vocabularies", "tokenizer_dir", Path("/srv/vocabularies")),
    ],
)
def test_our_own_name_wins_over_the_other_and_that_over_the_file(
    tmp_path: Path, variable: str, value: str, setting: str, read: object
) -> None:
    ours = {"provider_priority": "zai", "monthly_budget": "7", "tokenizer_dir": "/ours"}.get(setting, "1")
    path = tmp_path / "settings.toml"
    quoted = {"provider_priority": '["xai"]', "tokenizer_dir": '"/file"', "monthly_budget": '"5"'}
    in_file = quoted.get(setting, "true" if isinstance(read, bool) else "5")
    path.write_text(f"{setting} = {in_file}\n")
    from_file = {"POINTSMAN_CONFIG": str(path)}
    plain = getattr(config.load(from_file), setting)
    assert plain not in {None, read}
    assert getattr(config.load({**from_file, variable: value}), setting) == read
    assert getattr(config.load({**from_file, variable: " "}), setting) == plain
    own = {f"POINTSMAN_{setting.upper()}": ours}
    assert getattr(config.load({**from_file, variable: value, **own}), setting) == getattr(config.load(own), setting)
    assert config.load({variable: "what is wrong is not read", **own})


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("AI_AUTO_FALLBACK", "maybe", "must be true or false"),
        ("AI_COST_OPTIMIZATION", "2", "must be true or false"),
        ("LOCAL_MODEL_ENABLED", "sometimes", "must be true or false"),
        ("AI_MONTHLY_BUDGET", "ten", "must be dollars"),
        ("AI_MONTHLY_BUDGET", "-1", "not negative"),
        ("AI_MONTHLY_BUDGET", "0.0000000001", "finer than a nano-dollar"),
        ("AI_REQUESTS_PER_MINUTE", "0", "must be at least 1"),
        ("AI_TOKENS_PER_MINUTE", "1.5", "must be a whole number"),
        ("AI_PROVIDER_PRIORITY", "openai,anthropik", "there is no provider anthropik. Did you mean anthropic?"),
        ("AI_PROVIDER_PRIORITY", "lokal", "Did you mean local?"),
        ("ANTHROPIC_ACCOUNT_TIER", "gold", "must be one of free, pro, team, enterprise, not gold."),
        ("LOCAL_MODEL_ENDPOINT", "http://", "must be an address such as http://127.0.0.1:8000/v1"),
    ],
)
async def test_a_wrong_value_stops_the_start_by_the_variables_name(
    tmp_path: Path, variable: str, value: str, complaint: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        deployed(tmp_path, {variable: value})
    assert variable in str(caught.value)
    assert complaint in str(caught.value)


async def test_all_at_once_as_they_are_printed(tmp_path: Path) -> None:
    whole = {**PRINTED, "POINTSMAN_DATA_DIR": str(tmp_path)}
    findings = {finding.provider_id: finding for finding in await check(config.load(whole), whole, offline=True)}
    active = {name for name, finding in findings.items() if finding.state == "active"}
    assert active == {"openai", "anthropic", "gemini", "xai", "zai"}
    assert findings["openai"].detail == "key from OPENAI_API_KEY; not asked"
    assert "its default model, claude-3-opus-20240229, is listed and not served" in findings["anthropic"].detail
    assert "key from GOOGLE_API_KEY; its default model, gemini-1.5-pro" in findings["gemini"].detail
    assert findings["local"].state == "disabled"
    assert "hunter2" not in repr(findings)
    leaders = [attempt.provider.id for attempt in deployed(tmp_path, PRINTED).plan().attempts]
    assert leaders[:3] == ["openai", "anthropic", "gemini"]


async def test_check_tells_a_default_model_that_nobody_has_and_the_vocabularies(tmp_path: Path) -> None:
    write(tmp_path)
    whole = {"OPENAI_API_KEY": "k", "OPENAI_DEFAULT_MODEL": "gpt-99", "TIKTOKEN_CACHE_DIR": str(tmp_path)}
    settings = config.load({**whole, "POINTSMAN_DATA_DIR": str(tmp_path)})
    [openai] = [f for f in await check(settings, whole, offline=True) if f.provider_id == "openai"]
    assert "has no model gpt-99, its default" in openai.detail
    assert limits(settings) == [f"vocabularies in {tmp_path}: o200k_base (not the published one)"]
    elsewhere = config.load({"TIKTOKEN_CACHE_DIR": str(tmp_path / "absent")})
    assert limits(elsewhere)[0].endswith("none; input is counted by bytes")


async def test_a_vocabulary_in_the_cache_directory_counts(tmp_path: Path) -> None:
    write(tmp_path)
    assert not completing.tokenizers_of(Settings())
    assert completing.tokenizers_of(config.load({"TIKTOKEN_CACHE_DIR": str(tmp_path)}))


async def test_a_local_server_is_found_at_the_endpoint_and_known_by_its_list(tmp_path: Path) -> None:
    async with Sandbox(burst=True) as server:
        endpoint = server.base_url.removesuffix("/v1")
        transport = Transport(private_networks=())
        whole = {"LOCAL_MODEL_ENDPOINT": endpoint, "POINTSMAN_DATA_DIR": str(tmp_path)}
        providers = Providers(config.load(whole), whole, transport, SystemClock())
        await providers.discovery.refresh()
        snapshot = providers.catalog.snapshot
        await transport.close()
    assert snapshot.providers["local"].base_url == f"{endpoint}/v1"
    assert snapshot.statuses["local"].state == ProviderState.PROVIDER_STATE_ACTIVE
    listed = [model for model in snapshot.models if model.provider_id == "local"]
    assert "steady" in {model.external_id for model in listed}
    assert all(model.prices and model.prices.source == "local" for model in listed)
