"""Model lists of many hosts."""

import json
import random
from dataclasses import fields
from typing import Any

import pytest
from pointsman.v1.completion_pb2 import FailureKind
from pointsman.v1.model_pb2 import Capability, ModelType
from pointsman_server.adapters.base import ProviderFailure
from pointsman_server.adapters.openai import OpenAIDialect
from pointsman_server.catalog.model import Model, Prices

OPENROUTER = {
    "id": "anthropic/claude-sonnet-4",
    "canonical_slug": "anthropic/claude-4-sonnet-20250522",
    "name": "Anthropic: Claude Sonnet 4",
    "created": 1747930371,
    "context_length": 1_000_000,
    "architecture": {"modality": "text+image->text", "input_modalities": ["image", "text", "file"]},
    "pricing": {
        "prompt": "0.000003",
        "completion": "0.000015",
        "request": "0.01",
        "image": "0.0048",
        "input_cache_read": "0.0000003",
        "input_cache_write": "0.00000375",
    },
    "top_provider": {"context_length": 200_000, "max_completion_tokens": 64_000, "is_moderated": False},
    "supported_parameters": ["max_tokens", "reasoning", "structured_outputs", "tools", "temperature"],
}


def rows(value: Any) -> dict[str, dict[str, Any]]:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    page = OpenAIDialect().models(body)
    assert page.next_page is None
    return {model.external_id: dict(model.row) for model in page.models}


def row(**given: Any) -> dict[str, Any]:
    return rows({"data": [{"id": "m", **given}]})["m"]


def test_a_rich_row() -> None:
    found = rows({"data": [OPENROUTER]})["anthropic/claude-sonnet-4"]
    assert found == {
        "display_name": "Anthropic: Claude Sonnet 4",
        "context_window_tokens": 200_000,
        "max_output_tokens": 64_000,
        "prices": Prices(
            input_nanos_per_million=3_000_000_000,
            output_nanos_per_million=15_000_000_000,
            cache_read_nanos_per_million=300_000_000,
            cache_write_nanos_per_million=3_750_000_000,
            request_nanos=10_000_000,
            source="provider",
        ),
        "capabilities": {
            Capability.CAPABILITY_TEXT,
            Capability.CAPABILITY_VISION,
            Capability.CAPABILITY_DOCUMENTS,
            Capability.CAPABILITY_FUNCTION_CALLING,
            Capability.CAPABILITY_STRUCTURED_OUTPUT,
            Capability.CAPABILITY_REASONING,
            Capability.CAPABILITY_LONG_CONTEXT,
            Capability.CAPABILITY_PROMPT_CACHE,
        },
    }
    assert found.keys() <= {field.name for field in fields(Model)}


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ({"object": "list", "data": [{"id": "a"}, {"id": "b"}]}, ["a", "b"]),
        ([{"id": "a"}], ["a"]),
        (["a", "b", "a"], ["a", "b"]),
        ({"models": [{"name": "llama3:8b", "model": "llama3:8b"}]}, ["llama3:8b"]),
        ({"data": [{"id": "a"}], "models": [{"name": "b"}]}, ["a"]),
        ({"data": None, "models": [{"name": "b"}]}, ["b"]),
        ({"data": [None, 1, {}, {"id": ""}, {"id": 3}, {"id": "x\ny"}, {"id": "x" * 999}, {"id": "a"}]}, ["a"]),
        ({"data": []}, []),
        (b"\xef\xbb\xbf[]", []),
    ],
)
def test_forms_of_lists(value: Any, ids: list[str]) -> None:
    assert list(rows(value)) == ids


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"data":{}}', b"1", b"\xff", b"[" * 100_000])
def test_what_is_no_list_is_garbage(body: bytes) -> None:
    with pytest.raises(ProviderFailure) as failed:
        OpenAIDialect().models(body)
    assert failed.value.kind == FailureKind.FAILURE_KIND_GARBAGE


@pytest.mark.parametrize(
    ("given", "tokens"),
    [
        ({"max_model_len": 32_768, "root": "/models/x"}, 32_768),
        ({"meta": {"vocab_type": 2, "n_ctx_train": 8192, "n_params": 1}}, 8192),
        ({"meta": {"n_ctx": 4096, "n_ctx_train": 8192}}, 4096),
        ({"context_window": 131_072}, 131_072),
        ({"context_length": "4096"}, 4096),
        ({"context_length": 0}, None),
        ({"context_length": -1, "top_provider": []}, None),
        ({"context_length": True}, None),
    ],
)
def test_context_windows(given: dict[str, Any], tokens: int | None) -> None:
    assert row(**given).get("context_window_tokens") == tokens


@pytest.mark.parametrize(
    ("pricing", "expected"),
    [
        ({"prompt": "0", "completion": "0"}, (0, 0)),
        ({"prompt": "0.00000015", "completion": "0.0000006"}, (150_000_000, 600_000_000)),
        ({"prompt": "1e-16", "completion": "0.0000000000000001"}, (1, 1)),
        ({"prompt": "-1", "completion": "-1"}, None),
        ({"prompt": "0.1"}, None),
        ({"prompt": "nan", "completion": "1"}, None),
        ({"prompt": "inf", "completion": "1"}, None),
        ({"prompt": "1e999999999", "completion": "1"}, None),
        ({"prompt": "free", "completion": None}, None),
        ({"prompt": True, "completion": True}, None),
        ("0.1", None),
    ],
)
def test_prices(pricing: Any, expected: tuple[int, int] | None) -> None:
    prices = row(pricing=pricing).get("prices")
    assert (prices and (prices.input_nanos_per_million, prices.output_nanos_per_million)) == expected


def test_kinds_of_models() -> None:
    assert row(type="embedding")["type"] == ModelType.MODEL_TYPE_EMBEDDING
    assert row(architecture={"output_modalities": ["embeddings"]})["type"] == ModelType.MODEL_TYPE_EMBEDDING
    assert row(architecture={"output_modalities": ["text"]}) == {}
    audio = row(architecture={"input_modalities": ["text", "audio", 7]})
    assert audio == {"capabilities": {Capability.CAPABILITY_TEXT, Capability.CAPABILITY_AUDIO}}


def test_fuzzed_lists_raise_nothing_but_provider_failures() -> None:
    rand = random.Random(2)
    seed = json.dumps({"data": [OPENROUTER]}).encode()
    read = 0
    for _ in range(20_000):
        body = bytearray(seed)
        for _ in range(rand.randint(1, 3)):
            at = rand.randrange(len(body))
            body[at : at + rand.randint(0, 5)] = rand.choice(
                [b"null", b"[]", b'"', b"-1e99", b"9" * 20, b"{}", b"\xff"]
            )
        try:
            read += len(OpenAIDialect().models(bytes(body)).models)
        except ProviderFailure as failure:
            assert failure.kind == FailureKind.FAILURE_KIND_GARBAGE  # noqa: PT017  # most bodies are read
    assert read > 100
