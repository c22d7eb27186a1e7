"""Small catalogs, facts and verdicts to route with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from pointsman.v1.model_pb2 import Capability, CostTier, LifeCycle, ModelType, ProviderState
from pointsman_server.catalog.model import Access, Model, Prices, PriceTier, Provider, ProviderStatus
from pointsman_server.catalog.snapshot import Snapshot, build
from pointsman_server.policy.model import Verdict
from pointsman_server.router.model import Facts, Plan, Preferences, Profile
from pointsman_server.router.router import Router

DOLLAR = 1_000_000_000
OVERHEAD_TOKENS = 10
VERDICT = Verdict(max_output_tokens=None, default_output_tokens=1_000, max_attempts=4, allow_fallback=True)
FACTS = Facts(
    input_tokens_bound=1_000,
    input_tokens_expected=250,
    token_counter="bytes",
    max_output_tokens=None,
    required_capabilities=frozenset(),
)
ACTIVE = ProviderStatus(ProviderState.PROVIDER_STATE_ACTIVE)

PROVIDERS = (
    Provider(id="alpha", display_name="Alpha", dialect="openai", base_url="https://alpha.example"),
    Provider(id="beta", display_name="Beta", dialect="openai", base_url="https://beta.example"),
    Provider(id="gamma", display_name="Gamma", dialect="openai", base_url="https://gamma.example"),
    Provider(id="home", display_name="Home", dialect="openai", base_url="http://127.0.0.1:1", access=Access.LOOPBACK),
    Provider(id="asleep", display_name="Asleep", dialect="openai", base_url="https://asleep.example"),
    Provider(
        id="play", display_name="Play", dialect="openai", base_url="http://127.0.0.1:2",
        access=Access.LOOPBACK, simulated=True,
    ),
)  # fmt: skip
STATUSES = {provider.id: ACTIVE for provider in PROVIDERS} | {
    "asleep": ProviderStatus(ProviderState.PROVIDER_STATE_NO_KEY, "set ASLEEP_API_KEY")
}


def model(model_id: str, **fields: Any) -> Model:
    """A chat model; ``model_id`` is ``provider/name``."""
    provider_id, _, name = model_id.partition("/")
    row = Model(id=model_id, provider_id=provider_id, external_id=name, provider_model_id=name, display_name=name)
    return replace(row, **fields)


def priced(dollars: float, **fields: Any) -> Prices:
    """Prices per million tokens; output costs four times the input."""
    return Prices(int(dollars * DOLLAR), int(4 * dollars * DOLLAR), **fields)


def snapshot(*models: Model) -> Snapshot:
    """A catalog of the models, on every provider above."""
    return build(PROVIDERS, STATUSES, models)


def facts(**fields: Any) -> Facts:
    """The facts of a small request; hints may be given by their own names."""
    hints = {name: fields.pop(name) for name in list(fields) if name in Preferences.__dataclass_fields__}
    return replace(FACTS, preferences=Preferences(**hints), **fields)


def plan(models: Iterable[Model], asked: Facts = FACTS, verdict: Verdict = VERDICT, seed: int = 1) -> Plan:
    """Routes."""
    return Router(overhead_tokens={"openai": OVERHEAD_TOKENS}).plan(asked, verdict, snapshot(*models), seed)


def tried(made: Plan) -> list[str]:
    """The models of the attempts."""
    return [attempt.model.id for attempt in made.attempts]


def ranked(made: Plan) -> list[str]:
    """The models of the candidates."""
    return [candidate.model.id for candidate in made.candidates]


def reasons(made: Plan) -> dict[str, int]:
    """The counts of the exclusions by reason."""
    return {exclusion.reason: exclusion.count for exclusion in made.exclusions}


_PRICES = st.integers(0, 40 * DOLLAR)
any_prices = st.builds(
    Prices,
    input_nanos_per_million=_PRICES,
    output_nanos_per_million=_PRICES,
    cache_read_nanos_per_million=st.none() | _PRICES,
    cache_write_nanos_per_million=st.none() | _PRICES,
    cache_write_long_nanos_per_million=st.none() | _PRICES,
    input_audio_nanos_per_million=st.none() | _PRICES,
    output_audio_nanos_per_million=st.none() | _PRICES,
    request_nanos=st.integers(0, DOLLAR // 100),
    tiers=st.lists(
        st.builds(
            PriceTier,
            above_input_tokens=st.integers(0, 300_000),
            input_nanos_per_million=_PRICES,
            output_nanos_per_million=_PRICES,
        ),
        max_size=2,
    ).map(tuple),
)


def _row(provider_id: str, number: int, fields: dict[str, Any]) -> Model:
    return model(f"{provider_id}/m{number}", **fields)


_FIELDS = st.fixed_dictionaries(
    {
        "capabilities": st.frozensets(
            st.sampled_from([Capability.CAPABILITY_TEXT, Capability.CAPABILITY_VISION, Capability.CAPABILITY_AUDIO])
        ),
        "context_window_tokens": st.none() | st.sampled_from([512, 8_192, 128_000, 1_000_000]),
        "max_output_tokens": st.none() | st.sampled_from([1, 256, 8_192]),
        "prices": st.none() | any_prices,
        "cost_tier": st.sampled_from([CostTier.COST_TIER_UNSPECIFIED, CostTier.COST_TIER_FREE]),
        "priority": st.integers(0, 100),
        "latency_ms": st.none() | st.integers(50, 2_000),
        "tokens_per_second": st.none() | st.integers(1, 200),
        "life_cycle": st.sampled_from([LifeCycle.LIFE_CYCLE_ACTIVE, LifeCycle.LIFE_CYCLE_RETIRED]),
        "type": st.sampled_from([ModelType.MODEL_TYPE_CHAT, ModelType.MODEL_TYPE_CHAT, ModelType.MODEL_TYPE_EMBEDDING]),
        "overhead_tokens": st.none() | st.integers(0, 100),
        "image_tokens": st.none() | st.integers(1, 50_000),
        "aliases": st.sampled_from([(), ("shared",), ("claude-sonnet-4-5-200k",), ("glm-4-6-200k",)]),
    }
)
any_models = st.lists(st.tuples(st.sampled_from([provider.id for provider in PROVIDERS]), _FIELDS), max_size=10).map(
    lambda rows: [_row(provider_id, number, fields) for number, (provider_id, fields) in enumerate(rows)]
)

_NAMES = ["shared", "alpha/m0", "beta/m1", "m2", "home/m3", "unknown"]
any_facts = st.builds(
    facts,
    input_tokens_bound=st.integers(0, 250_000),
    input_tokens_expected=st.integers(0, 60_000),
    max_output_tokens=st.none() | st.integers(1, 2**62),
    required_capabilities=st.frozensets(
        st.sampled_from([Capability.CAPABILITY_VISION, Capability.CAPABILITY_AUDIO]), max_size=1
    ),
    purpose=st.sampled_from(["", "experimentation", "code-generation", "unheard-of"]),
    remote_uri_count=st.integers(0, 1),
    image_count=st.integers(0, 3),
    complex_reasoning=st.booleans(),
    pinned_models=st.sampled_from([(), (), ("shared",), ("alpha/m0", "m2")]),
    pinned_providers=st.sampled_from([(), (), ("alpha", "home"), ("play",)]),
    preferred_models=st.lists(st.sampled_from(_NAMES), max_size=3).map(tuple),
    preferred_providers=st.lists(st.sampled_from(["alpha", "home", "nobody"]), max_size=2).map(tuple),
    max_cost_nanos=st.none() | st.integers(0, DOLLAR),
    max_latency_ms=st.none() | st.integers(100, 1_500),
    profile=st.none() | st.sampled_from(Profile),
    allow_fallback=st.none() | st.booleans(),
)
