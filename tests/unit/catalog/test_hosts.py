"""The built-in hosts: what differs between them is data, and their calls are what each of them documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from pointsman.v1.completion_pb2 import CompletionSpecification, ReasoningEffort, Sampling
from pointsman.v1.content_pb2 import Message, Part, Role, TextPart
from pointsman.v1.model_pb2 import LifeCycle, ProviderState
from pointsman_server.adapters.base import Encoded, HttpCall, Target
from pointsman_server.adapters.dialects import DIALECTS, QUIRKS
from pointsman_server.catalog.assembly import assemble
from pointsman_server.catalog.loader import load
from pointsman_server.catalog.model import Access
from pointsman_server.catalog.snapshot import Snapshot
from pointsman_server.secrets.environment import EnvironmentKeys
from pointsman_server.secrets.model import Secret

from tests.unit.catalog.test_built_in import NOW, PRICES


@dataclass(frozen=True)
class Host:
    """What a host documents of itself."""

    chat: str
    model: str
    keys: tuple[str, ...]
    key_header: tuple[str, str] = ("authorization", "Bearer k")
    models: str = ""
    other_headers: dict[str, str] = field(default_factory=dict)


HOSTS = {
    "openai": Host("https://api.openai.com/v1/chat/completions", "gpt-5-mini", ("OPENAI_API_KEY",)),
    "anthropic": Host(
        "https://api.anthropic.com/v1/messages",
        "claude-sonnet-5-5",
        ("ANTHROPIC_API_KEY",),
        other_headers={"anthropic-version": "2026-10-21"},
    ),
    "gemini": Host(
        "https://generativelanguage.googleapis.com/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse",
        "gemini-3.8-flash",
        ("GOOGLE_API_KEY", "GOOGLE_AI_API_KEY", "GEMINI_API_KEY"),
        ("x-goog-api-key", "k"),
    ),
    "openrouter": Host("https://openrouter.ai/api/v1/chat/completions", "openai/gpt-4o", ("OPENROUTER_API_KEY",)),
    "xai": Host("https://api.x.ai/v1/chat/completions", "grok-4.7", ("XAI_API_KEY", "GROK_API_KEY")),
    "zai": Host("https://api.z.ai/api/paas/v4/chat/completions", "glm-4.6", ("ZAI_API_KEY",)),
    "azure": Host(
        "https://acme.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
        "gpt-4o",
        ("AZURE_OPENAI_API_KEY", "AZURE_API_KEY"),
        ("api-key", "k"),
        models="https://acme.openai.azure.com/openai/models?api-version=2024-10-21",
    ),
    "mistral": Host("https://api.mistral.ai/v1/chat/completions", "mistral-large-4", ("MISTRAL_API_KEY",)),
    "groq": Host("https://api.groq.com/openai/v1/chat/completions", "openai/gpt-oss-120b", ("GROQ_API_KEY",)),
    "deepseek": Host("https://api.deepseek.com/chat/completions", "deepseek-flash", ("DEEPSEEK_API_KEY",)),
    "together": Host("https://api.together.xyz/v1/chat/completions", "zai-org/GLM-5.3", ("TOGETHER_API_KEY",)),
    "fireworks": Host(
        "https://api.fireworks.ai/inference/v1/chat/completions",
        "accounts/fireworks/models/glm-5p3",
        ("FIREWORKS_API_KEY",),
    ),
    "cerebras": Host("https://api.cerebras.ai/v1/chat/completions", "gpt-oss-120b", ("CEREBRAS_API_KEY",)),
}
CAP = 10_000
ENDPOINT = {"AZURE_OPENAI_ENDPOINT": "https://acme.openai.azure.com/"}


def catalog(**environment: str) -> Snapshot:
    """The built-in catalog; on Azure somebody has deployed something."""
    whole = ENDPOINT | environment
    return assemble(load(whole, dialects=QUIRKS), EnvironmentKeys(whole), {}, prices=PRICES, now=NOW)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return catalog()


def encoded(snapshot: Snapshot, provider_id: str, model: str, specification: CompletionSpecification) -> Encoded:
    (row,) = snapshot.resolve(f"{provider_id}/{model}")
    provider = snapshot.providers[provider_id]
    return DIALECTS[provider.dialect].encode(specification, Target(provider, snapshot.models[row], CAP), Secret("k"))


def saying(**fields: object) -> CompletionSpecification:
    message = Message(role=Role.ROLE_USER, parts=[Part(text=TextPart(text="hello"))])
    return CompletionSpecification(messages=[message], **fields)  # type: ignore[arg-type]  # any field


@pytest.mark.parametrize("name", HOSTS)
def test_a_completion_is_asked_for_as_the_host_documents(snapshot: Snapshot, name: str) -> None:
    host = HOSTS[name]
    call = encoded(snapshot, name, host.model, saying()).call
    assert (call.method, call.url) == ("POST", host.chat)
    header, value = host.key_header
    assert call.headers[header] == value
    assert call.headers.items() >= host.other_headers.items()
    assert snapshot.providers[name].access is Access.PUBLIC


@pytest.mark.parametrize("name", HOSTS)
def test_the_models_are_listed_as_the_host_documents(snapshot: Snapshot, name: str) -> None:
    host, provider = HOSTS[name], snapshot.providers[name]
    call: HttpCall = DIALECTS[provider.dialect].list_models(provider, Secret("k"))
    assert call.method == "GET"
    assert call.headers[host.key_header[0]] == host.key_header[1]
    if host.models:
        assert call.url == host.models
    assert urlsplit(call.url).path.endswith("/models")


@pytest.mark.parametrize(("name", "variable"), [(name, key) for name, host in HOSTS.items() for key in host.keys])
def test_every_name_of_a_key_makes_its_provider_active(name: str, variable: str) -> None:
    status = catalog(**{variable: "k"}).statuses[name]
    assert (status.state, status.key_source) == (ProviderState.PROVIDER_STATE_ACTIVE, variable)


@pytest.mark.parametrize("name", [name for name, host in HOSTS.items() if len(host.keys) > 1])
def test_of_several_names_of_a_key_the_first_wins_and_a_blank_one_counts_as_unset(name: str) -> None:
    first, second, *_ = HOSTS[name].keys
    assert catalog(**{second: "b", first: "a"}).statuses[name].key_source == first
    assert catalog(**{second: "b", first: " "}).statuses[name].key_source == second


@pytest.mark.parametrize("name", HOSTS)
def test_without_a_key_the_reason_names_every_variable(snapshot: Snapshot, name: str) -> None:
    assert snapshot.statuses[name].state_reason == f"set {' or '.join(HOSTS[name].keys)}"


def test_azure_needs_its_address_too() -> None:
    rows = {row.provider.id: row for row in load({"AZURE_OPENAI_API_KEY": "k"}, dialects=QUIRKS)}
    obstacle = rows["azure"].obstacle
    assert obstacle is not None
    assert obstacle.state_reason == "set AZURE_OPENAI_ENDPOINT"
    newer = catalog(AZURE_OPENAI_API_KEY="k", OPENAI_API_VERSION="2025-04-01-preview")
    assert encoded(newer, "azure", "gpt-4o", saying()).call.url.endswith("api-version=2025-04-01-preview")


def test_what_nobody_confirmed_is_listed_and_not_routed_to(snapshot: Snapshot) -> None:
    rows = [row for row, m in enumerate(snapshot.models) if m.life_cycle == LifeCycle.LIFE_CYCLE_UNCONFIRMED]
    names = {snapshot.models[row].id for row in rows}
    assert "anthropic/claude-sonnet-4-5-1m" in names
    assert {m.id for m in snapshot.models if m.provider_id == "azure"} <= names
    assert not any(snapshot.columns.routable[row] for row in rows)


@pytest.mark.parametrize(
    ("name", "cap"),
    [
        *((name, "max_tokens") for name in ("zai", "mistral", "deepseek", "together", "fireworks", "anthropic")),
        *((name, "max_completion_tokens") for name in ("openai", "openrouter", "xai", "groq", "cerebras")),
    ],
)
def test_the_output_cap_goes_by_the_name_that_the_host_takes(snapshot: Snapshot, name: str, cap: str) -> None:
    body = encoded(snapshot, name, HOSTS[name].model, saying()).call.body
    assert f'"{cap}":{CAP}'.encode() in body.replace(b" ", b"")


@pytest.mark.parametrize(
    ("name", "dropped"),
    [
        ("anthropic", {"temperature", "frequency_penalty"}),
        ("openai", {"temperature", "frequency_penalty", "stop_sequences"}),
        ("xai", {"frequency_penalty", "stop_sequences"}),
        ("cerebras", {"frequency_penalty"}),
        ("zai", {"frequency_penalty", "seed", "reasoning_effort"}),
        ("mistral", {"seed"}),
        ("deepseek", {"seed"}),
    ],
)
def test_what_a_host_refuses_is_left_out_with_a_warning(snapshot: Snapshot, name: str, dropped: set[str]) -> None:
    asked = saying(
        sampling=Sampling(temperature=0.5, frequency_penalty=0.5),
        stop_sequences=["END"],
        seed=7,
        reasoning_effort=ReasoningEffort.REASONING_EFFORT_LOW,
    )
    warnings = encoded(snapshot, name, HOSTS[name].model, asked).warnings
    assert {warning.field.rpartition(".")[2] for warning in warnings} >= dropped


def test_models_that_think_by_a_budget_say_so_in_their_own_row(snapshot: Snapshot) -> None:
    low = saying(reasoning_effort=ReasoningEffort.REASONING_EFFORT_LOW)
    for name, old, new, word in (
        ("anthropic", "claude-haiku-4-5-20251001", "claude-haiku-5-5", b"budget_tokens"),
        ("gemini", "gemini-2.5-flash", "gemini-3.8-flash", b"thinkingBudget"),
    ):
        assert word in encoded(snapshot, name, old, low).call.body
        assert word not in encoded(snapshot, name, new, low).call.body
