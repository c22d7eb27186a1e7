"""What cannot be priced has no way to a provider: several choices, service tiers, server-side tools, unknown extras."""

from __future__ import annotations

import json

import pytest
from google.protobuf.json_format import Parse, ParseError
from pointsman.v1.completion_pb2 import CompletionSpecification, Sampling
from pointsman.v1.content_pb2 import Message, Part, Role, TextPart, Tool
from pointsman_server.adapters.base import Target
from pointsman_server.adapters.dialects import DIALECTS
from pointsman_server.catalog.model import Auth, AuthScheme, Model, Provider

SENT = {
    "openai": {
        *("model", "messages", "stream", "stream_options", "max_completion_tokens", "tools", "tool_choice"),
        *("temperature", "top_p", "frequency_penalty", "presence_penalty", "seed", "stop", "response_format"),
        "reasoning_effort",
    },
    "anthropic": {
        *("model", "messages", "system", "stream", "max_tokens", "tools", "tool_choice", "temperature", "top_p"),
        *("top_k", "stop_sequences", "thinking", "output_config", "output_format"),
    },
    "gemini": {"contents", "systemInstruction", "generationConfig", "tools", "toolConfig"},
}
SPECIFICATION = CompletionSpecification(
    system_text="be brief",
    messages=[Message(role=Role.ROLE_USER, parts=[Part(text=TextPart(text="hello"))])],
    tools=[Tool(name="look", description="looks", parameters_json_schema='{"type": "object"}')],
    sampling=Sampling(temperature=0.5, top_p=0.5, top_k=3, frequency_penalty=0.1, presence_penalty=0.1),
    stop_sequences=["end"],
    seed=7,
)


def body(dialect: str) -> dict[str, object]:
    provider = Provider("p", "P", dialect, "https://p.example/v1", Auth(scheme=AuthScheme.NONE))
    target = Target(provider, Model("p/m", "p", "m", "m", "M"), 100)
    sent: dict[str, object] = json.loads(DIALECTS[dialect].encode(SPECIFICATION, target, None).call.body)
    return sent


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_request_holds_nothing_but_what_the_bound_prices(dialect: str) -> None:
    sent = body(dialect)
    assert sent.keys() <= SENT[dialect]
    generation = sent.get("generationConfig", {})
    assert isinstance(generation, dict)
    assert generation.get("candidateCount", 1) == 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_only_tools_are_the_callers_own(dialect: str) -> None:
    (tool,) = body(dialect)["tools"]  # type: ignore[misc]
    kinds = {"openai": {"type", "function"}, "anthropic": {"name", "description", "input_schema"}}
    assert tool.keys() <= kinds.get(dialect, {"functionDeclarations"})


@pytest.mark.parametrize("extra", ["n", "service_tier", "candidate_count", "web_search_options", "extra_body"])
def test_the_contract_has_no_field_for_it(extra: str) -> None:
    with pytest.raises(ParseError, match="no field named"):
        Parse(json.dumps({extra: 2}), CompletionSpecification())
