"""The built-in rows keep what the catalog promises."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from pointsman.v1.model_pb2 import Capability, CostTier, LifeCycle, ModelType
from pointsman_server.adapters.dialects import DIALECTS, QUIRKS
from pointsman_server.catalog.assembly import assemble
from pointsman_server.catalog.loader import load
from pointsman_server.catalog.model import Access, AuthScheme, PriceTier
from pointsman_server.catalog.prices import PriceLibrary
from pointsman_server.catalog.snapshot import Snapshot
from pointsman_server.policy.model import Verdict
from pointsman_server.router.model import Facts
from pointsman_server.router.router import Router
from pointsman_server.sandbox.models import MODELS
from pointsman_server.secrets.environment import EnvironmentKeys

NOW = datetime(2026, 11, 20, tzinfo=UTC)
PRICES = PriceLibrary()
LOCAL = {"ollama": 11434, "vllm": 8000, "llamacpp": 8080, "localai": 8080, "tgi": 8080}
PURPOSE_NAMES = ("gemini-2-5-pro-1m", "claude-sonnet-4-5-200k", "chatgpt-5-pro", "gemini-2-flash", "glm-4-6-200k")


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    environment = {"OPENAI_API_KEY": "k"}
    return assemble(load(environment, dialects=QUIRKS), EnvironmentKeys(environment), {}, prices=PRICES, now=NOW)


def test_every_provider_of_the_list_is_there(snapshot: Snapshot) -> None:
    hosted = {
        "openai", "anthropic", "gemini", "openrouter", "xai", "zai", "azure", "mistral", "groq", "deepseek", "together",
        "fireworks", "cerebras",
    }  # fmt: skip
    assert set(snapshot.provider_ids) == {*hosted, "sandbox", "local", *LOCAL}


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
        ("ANTHROPIC_BASE_URL", "anthropic"),
        ("GEMINI_BASE_URL", "gemini"),
        ("XAI_BASE_URL", "xai"),
        ("ZAI_BASE_URL", "zai"),
        ("MISTRAL_BASE_URL", "mistral"),
        ("GROQ_BASE_URL", "groq"),
        ("DEEPSEEK_BASE_URL", "deepseek"),
        ("TOGETHER_BASE_URL", "together"),
        ("FIREWORKS_BASE_URL", "fireworks"),
        ("CEREBRAS_BASE_URL", "cerebras"),
        ("AZURE_OPENAI_ENDPOINT", "azure"),
        ("LOCAL_MODEL_ENDPOINT", "local"),
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
    serve = {snapshot.models[row].provider_id for row in rows if snapshot.columns.routable[row]}
    assert "openrouter" in serve
    assert len(serve) > 1
    assert not any(snapshot.columns.simulated[row] for row in rows)


@pytest.mark.parametrize(
    ("name", "model_id"),
    [
        ("gpt-4-turbo-preview", "openai/gpt-4-turbo-preview"),
        ("gpt-3.5-turbo", "openai/gpt-3.5-turbo"),
        ("gpt-4", "openai/gpt-4"),
        ("gpt-4o", "openai/gpt-4o"),
        ("gpt-5", "openai/gpt-5"),
        ("claude-sonnet-4-20241022", "anthropic/claude-sonnet-5-5"),
        ("claude-sonnet-4-20241022", "openrouter/anthropic/claude-sonnet-4.5"),
        ("claude-sonnet-4.5-20250929", "anthropic/claude-sonnet-4-5-20250929"),
        ("claude-sonnet-4-5-200k", "anthropic/claude-sonnet-4-5-20250929"),
        ("claude-sonnet-4-5-1m", "anthropic/claude-sonnet-5-5"),
        ("claude-sonnet-4-5-1m", "anthropic/claude-sonnet-4-5-1m"),
        ("claude-opus-4", "anthropic/claude-opus-4-20250514"),
        ("claude-opus-4-20250514", "anthropic/claude-opus-4-20250514"),
        ("claude-3-opus", "anthropic/claude-3-opus-20240229"),
        ("claude-3-opus-20240229", "anthropic/claude-3-opus-20240229"),
        ("claude-3-sonnet", "anthropic/claude-3-sonnet-20240229"),
        ("claude-3-sonnet-20240229", "anthropic/claude-3-sonnet-20240229"),
        ("claude-3-haiku", "anthropic/claude-3-haiku-20240307"),
        ("claude-3-haiku-20240307", "anthropic/claude-3-haiku-20240307"),
        ("gemini-2.5-pro", "gemini/gemini-2.5-pro"),
        ("gemini-2-5-pro-1m", "gemini/gemini-2.5-pro"),
        ("gemini-2.0-flash-exp", "gemini/gemini-2.0-flash"),
        ("gemini-2-flash", "gemini/gemini-3.5-flash-lite"),
        ("gemini-1.5-pro", "gemini/gemini-1.5-pro"),
        ("gemini-pro-1.5", "gemini/gemini-1.5-pro"),
        ("gemini-1.5-flash", "gemini/gemini-1.5-flash"),
        ("glm-4-6", "zai/glm-4.6"),
        ("glm-4-6-200k", "zai/glm-4.6"),
        ("grok-3", "xai/grok-3"),
        ("chatgpt-5-pro", "openai/gpt-5"),
        ("claude-3.5-sonnet", "openrouter/anthropic/claude-3.5-sonnet"),
        ("openrouter/claude-3.5-sonnet", "openrouter/anthropic/claude-3.5-sonnet"),
        ("openrouter/glm-4.5-air", "openrouter/z-ai/glm-4.5-air"),
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


@pytest.mark.parametrize(
    ("family", "hosts"),
    [
        ("gpt-5", {"openai", "azure", "openrouter"}),
        ("claude-sonnet-4.5", {"anthropic", "openrouter"}),
        ("gemini-2.5-pro", {"gemini", "openrouter"}),
        ("glm-4.6", {"zai", "openrouter"}),
        ("glm-5.3", {"zai", "together", "fireworks"}),
        ("grok-4.7", {"xai", "openrouter"}),
        ("gpt-oss-120b", {"groq", "together", "fireworks", "cerebras"}),
        ("deepseek-v4.1-flash", {"deepseek", "together", "fireworks"}),
        ("llama-3.3-70b-instruct", {"together", "openrouter"}),
    ],
)
def test_the_same_weights_on_several_hosts_share_a_family(snapshot: Snapshot, family: str, hosts: set[str]) -> None:
    assert {model.provider_id for model in snapshot.models if model.family == family} == hosts


def test_the_same_weights_have_the_same_vocabulary(snapshot: Snapshot) -> None:
    by_family: dict[str, set[str]] = {}
    for model in snapshot.models:
        by_family.setdefault(model.family, set()).add(model.tokenizer)
    assert all(len(tokenizers) == 1 for family, tokenizers in by_family.items() if family)


@pytest.mark.parametrize(
    ("purpose", "leader"),
    [
        ("spec-generation", "gemini/gemini-3.8-flash"),
        ("insight-extraction", "gemini/gemini-3.8-flash"),
        ("task-breakdown", "anthropic/claude-sonnet-5-5"),
        ("code-generation", "anthropic/claude-sonnet-5-5"),
        ("validation", "anthropic/claude-sonnet-5-5"),
        ("strategic-planning", "openai/gpt-5"),
        ("fast-processing", "gemini/gemini-3.5-flash-lite"),
        ("experimentation", "openrouter/google/gemma-2-9b-it:free"),
    ],
)
def test_with_every_key_a_purpose_goes_to_the_makers_own_host(purpose: str, leader: str) -> None:
    keys = {variable: "k" for row in load({}, dialects=QUIRKS) for variable in row.provider.auth.environment}
    everything = assemble(load(keys, dialects=QUIRKS), EnvironmentKeys(keys), {}, prices=PRICES, now=NOW)
    router = Router(overhead_tokens={name: dialect.overhead_tokens for name, dialect in DIALECTS.items()})
    facts = Facts(1_000, 250, "bytes", None, frozenset(), purpose=purpose)
    made = router.plan(facts, Verdict(None, 4_096, max_attempts=4, allow_fallback=True), everything, seed=1)
    assert made.attempts[0].model.id == leader
    assert not made.skipped_preferences


def test_embeddings_are_listed_and_not_served(snapshot: Snapshot) -> None:
    (row,) = snapshot.resolve("text-embedding-3-small")
    assert snapshot.models[row].type == ModelType.MODEL_TYPE_EMBEDDING
    assert not snapshot.columns.routable[row]


def test_retired_models_are_listed_and_not_served(snapshot: Snapshot) -> None:
    rows = snapshot.resolve("gemini-1.5-pro")
    assert {snapshot.models[row].provider_id for row in rows} == {"gemini", "openrouter"}
    assert {snapshot.models[row].life_cycle for row in rows} == {LifeCycle.LIFE_CYCLE_RETIRED}
    assert not any(snapshot.columns.routable[row] for row in rows)


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
