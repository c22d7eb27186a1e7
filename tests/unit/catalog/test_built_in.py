"""The built-in rows keep what the catalog promises."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from pointsman.v1.model_pb2 import Capability, CostTier, LifeCycle, ModelType, ProviderState
from pointsman_server.adapters.dialects import QUIRKS
from pointsman_server.catalog.assembly import assemble
from pointsman_server.catalog.loader import load
from pointsman_server.catalog.model import Access, AuthScheme, PriceTier
from pointsman_server.catalog.prices import PriceLibrary
from pointsman_server.catalog.snapshot import Snapshot
from pointsman_server.sandbox.models import MODELS
from pointsman_server.secrets.environment import EnvironmentKeys

PRICES = PriceLibrary(datetime(2026, 11, 20, tzinfo=UTC))
LOCAL = {"ollama": 11434, "vllm": 8000, "llamacpp": 8080, "localai": 8080, "tgi": 8080}
PURPOSE_NAMES = ("gemini-2-5-pro-1m", "claude-sonnet-4-5-200k", "chatgpt-5-pro", "gemini-2-flash", "glm-4-6-200k")


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    environment = {"OPENAI_API_KEY": "k"}
    return assemble(load(environment, dialects=QUIRKS), EnvironmentKeys(environment), {}, prices=PRICES)


def test_every_provider_of_the_list_is_there(snapshot: Snapshot) -> None:
    assert set(snapshot.provider_ids) == {"openai", "openrouter", "sandbox", *LOCAL}


def test_hosted_providers_are_reached_over_https_with_a_key(snapshot: Snapshot) -> None:
    for name, variable in (("openai", "OPENAI_API_KEY"), ("openrouter", "OPENROUTER_API_KEY")):
        provider = snapshot.providers[name]
        assert provider.access is Access.PUBLIC
        assert provider.base_url.startswith("https://")
        assert provider.auth.environment == (variable,)
    assert snapshot.statuses["openai"].state == ProviderState.PROVIDER_STATE_ACTIVE
    assert snapshot.statuses["openai"].key_source == "OPENAI_API_KEY"
    assert snapshot.statuses["openrouter"].state_reason == "set OPENROUTER_API_KEY"


def test_local_providers_stay_on_this_machine_and_can_be_told_apart(snapshot: Snapshot) -> None:
    probes = set()
    for name, port in LOCAL.items():
        provider = snapshot.providers[name]
        parts = urlsplit(provider.base_url)
        assert (parts.hostname, parts.port, parts.path) == ("127.0.0.1", port, "/v1")
        assert provider.access is Access.LOOPBACK
        assert provider.local
        assert provider.discover
        assert provider.zero_priced
        assert not provider.auth.required
        probes.add((port, provider.probe_path))
    assert len(probes) == len(LOCAL)


@pytest.mark.parametrize(
    ("variable", "provider_id"),
    [
        ("OPENAI_BASE_URL", "openai"),
        ("OPENROUTER_BASE_URL", "openrouter"),
        ("OLLAMA_HOST", "ollama"),
        ("VLLM_BASE_URL", "vllm"),
        ("LLAMACPP_BASE_URL", "llamacpp"),
        ("LOCALAI_BASE_URL", "localai"),
        ("TGI_BASE_URL", "tgi"),
        ("POINTSMAN_SANDBOX_URL", "sandbox"),
    ],
)
def test_every_base_url_can_be_overridden(variable: str, provider_id: str) -> None:
    rows = {row.provider.id: row for row in load({variable: "http://localhost:4321/v1"}, dialects=QUIRKS)}
    assert rows[provider_id].provider.base_url.startswith("http://localhost:4321/v1")
    assert rows[provider_id].provider.access is Access.LOOPBACK
    assert rows[provider_id].obstacle is None


def test_every_chat_model_that_may_serve_has_a_price(snapshot: Snapshot) -> None:
    for model in snapshot.models:
        assert model.prices is not None, model.id
        assert model.cost_tier != CostTier.COST_TIER_UNSPECIFIED, model.id
        if model.type == ModelType.MODEL_TYPE_CHAT:
            assert model.model_class, model.id
            assert Capability.CAPABILITY_TEXT in model.capabilities


def test_long_context_means_what_the_contract_says(snapshot: Snapshot) -> None:
    for model in snapshot.models:
        long = Capability.CAPABILITY_LONG_CONTEXT in model.capabilities
        assert long == ((model.context_window_tokens or 0) >= 200_000), model.id


@pytest.mark.parametrize("name", PURPOSE_NAMES)
def test_names_of_the_purpose_map_mean_models_that_can_serve(snapshot: Snapshot, name: str) -> None:
    rows = snapshot.resolve(name)
    assert rows
    assert all(snapshot.columns.routable[row] for row in rows)
    assert not any(snapshot.columns.simulated[row] for row in rows)


@pytest.mark.parametrize(
    ("name", "model_id"),
    [
        ("gpt-4-turbo-preview", "openai/gpt-4-turbo-preview"),
        ("gpt-3.5-turbo", "openai/gpt-3.5-turbo"),
        ("gpt-4", "openai/gpt-4"),
        ("gpt-4o", "openai/gpt-4o"),
        ("gpt-5", "openai/gpt-5"),
        ("claude-sonnet-4-20241022", "openrouter/anthropic/claude-sonnet-4.5"),
        ("claude-sonnet-4.5-20250929", "openrouter/anthropic/claude-sonnet-4.5"),
        ("openrouter/gpt-4o", "openrouter/openai/gpt-4o"),
        ("openrouter/google/gemma-2-9b:free", "openrouter/google/gemma-2-9b-it:free"),
    ],
)
def test_names_that_requirements_print_are_known(snapshot: Snapshot, name: str, model_id: str) -> None:
    assert model_id in {snapshot.models[row].id for row in snapshot.resolve(name)}


def test_printed_figures_that_the_price_library_contradicts_stand_in_a_note(snapshot: Snapshot) -> None:
    (row,) = snapshot.resolve("openai/gpt-5")
    model = snapshot.models[row]
    assert model.prices is not None
    assert model.prices.input_nanos_per_million == 1_250_000_000
    assert "$10 in and $30 out" in model.note
    assert {snapshot.models[row].latency_ms for row in snapshot.resolve("gpt-3.5-turbo")} == {400}


def test_the_same_weights_on_two_hosts_share_a_family(snapshot: Snapshot) -> None:
    models = [snapshot.models[row] for row in snapshot.resolve("gpt-5")]
    assert {model.provider_id for model in models} == {"openai", "openrouter"}
    assert {model.family for model in models} == {"gpt-5"}


def test_embeddings_are_listed_and_not_served(snapshot: Snapshot) -> None:
    (row,) = snapshot.resolve("text-embedding-3-small")
    assert snapshot.models[row].type == ModelType.MODEL_TYPE_EMBEDDING
    assert not snapshot.columns.routable[row]


def test_retired_models_are_listed_and_not_served(snapshot: Snapshot) -> None:
    (row,) = snapshot.resolve("gemini-1.5-pro")
    assert snapshot.models[row].life_cycle == LifeCycle.LIFE_CYCLE_RETIRED
    assert not snapshot.columns.routable[row]


def test_the_sandbox_is_what_the_simulated_provider_serves(snapshot: Snapshot) -> None:
    sandbox = snapshot.providers["sandbox"]
    assert sandbox.simulated
    assert sandbox.auth.scheme is AuthScheme.NONE
    models = {model.external_id: model for model in snapshot.models if model.provider_id == "sandbox"}
    assert set(models) == {"swift", "steady", "sage", "free"}
    sage = models["sage"].prices
    assert sage is not None
    assert sage.tiers == (PriceTier(200_000, 10_000_000_000, 40_000_000_000),)
    assert models["free"].cost_tier == CostTier.COST_TIER_FREE


def test_the_rows_of_the_sandbox_agree_with_what_it_simulates(snapshot: Snapshot) -> None:
    rows = {model.external_id: model for model in snapshot.models if model.provider_id == "sandbox"}
    assert rows.keys() == MODELS.keys()
    for name, simulated in MODELS.items():
        row = rows[name]
        assert row.prices is not None
        assert row.prices.input_nanos_per_million == simulated.prices.input_nanos * 10**6
        assert row.prices.output_nanos_per_million == simulated.prices.output_nanos * 10**6
        assert row.prices.cache_read_nanos_per_million == (
            None if simulated.prices.cached_nanos is None else simulated.prices.cached_nanos * 10**6
        )
        assert [tier.above_input_tokens for tier in row.prices.tiers] == [simulated.long_above_tokens] * bool(
            simulated.long_prices
        )
        assert row.context_window_tokens == simulated.context_tokens
        assert row.max_output_tokens == simulated.max_output_tokens
        assert (row.latency_ms, row.tokens_per_second) == (simulated.first_ms, simulated.tokens_per_second)
