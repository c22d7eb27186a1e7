"""Pages of the model list."""

import json
from dataclasses import fields
from typing import Any

import pytest
from pointsman.v1.completion_pb2 import FailureKind
from pointsman.v1.model_pb2 import Capability, ModelType
from pointsman_server.adapters.base import ModelPage, ProviderFailure
from pointsman_server.adapters.gemini import GeminiDialect
from pointsman_server.catalog.model import Auth, AuthScheme, Model, Provider
from pointsman_server.secrets.model import Secret

FLASH = {
    "name": "models/gemini-3.8-flash",
    "version": "001",
    "displayName": "Gemini 3.8 Flash",
    "description": "Stable version.",
    "inputTokenLimit": 1_048_576,
    "outputTokenLimit": 65_536,
    "supportedGenerationMethods": ["generateContent", "countTokens", "createCachedContent", "batchGenerateContent"],
    "temperature": 1,
    "topP": 0.95,
    "topK": 64,
    "maxTemperature": 2,
    "thinking": True,
}


def read(value: Any) -> ModelPage:
    return GeminiDialect().models(value if isinstance(value, bytes) else json.dumps(value).encode())


def rows(*models: Any) -> dict[str, dict[str, Any]]:
    return {model.external_id: dict(model.row) for model in read({"models": list(models)}).models}


def test_a_whole_row() -> None:
    found = rows(FLASH)["gemini-3.8-flash"]
    assert found == {
        "display_name": "Gemini 3.8 Flash",
        "context_window_tokens": 1_048_576,
        "max_output_tokens": 65_536,
        "capabilities": {
            Capability.CAPABILITY_TEXT,
            Capability.CAPABILITY_REASONING,
            Capability.CAPABILITY_PROMPT_CACHE,
            Capability.CAPABILITY_LONG_CONTEXT,
        },
    }
    assert found.keys() <= {field.name for field in fields(Model)}


def test_embeddings_are_listed_as_such_and_what_does_neither_is_not() -> None:
    found = rows(
        {"name": "models/e", "supportedGenerationMethods": ["embedContent"], "inputTokenLimit": 2_048},
        {"name": "models/imagen", "supportedGenerationMethods": ["predict"]},
        {"name": "models/live", "supportedGenerationMethods": ["bidiGenerateContent"]},
        {"name": "models/both", "supportedGenerationMethods": ["generateContent", "embedContent"]},
    )
    assert found == {"e": {"context_window_tokens": 2_048, "type": ModelType.MODEL_TYPE_EMBEDDING}, "both": {}}


@pytest.mark.parametrize(
    ("given", "row"),
    [
        ({}, {}),
        ({"displayName": 1, "inputTokenLimit": "x", "outputTokenLimit": -1, "thinking": "yes"}, {}),
        ({"displayName": "a\nb", "supportedGenerationMethods": [1, None]}, {}),
        ({"inputTokenLimit": "8192"}, {"context_window_tokens": 8_192}),
    ],
)
def test_what_a_list_does_not_say_stays_unknown(given: dict[str, Any], row: dict[str, Any]) -> None:
    assert rows({"name": "models/x"} | given) == {"x": row}


@pytest.mark.parametrize("name", [None, 1, "", "models/", "x\ny", "x" * 999])
def test_elements_without_a_usable_name_are_passed_over(name: Any) -> None:
    assert list(rows({"name": name}, 1, {"name": "models/a"}, {"name": "a"})) == ["a"]


def test_tuned_models_keep_their_kind() -> None:
    assert list(rows({"name": "tunedModels/mine"})) == ["tunedModels/mine"]


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"error":{}}', b'{"models":{}}', b"[]", b"1", b"\xff", b"[" * 99_999]
)
def test_what_is_no_list_is_garbage(body: bytes) -> None:
    with pytest.raises(ProviderFailure) as failed:
        read(body)
    assert failed.value.kind == FailureKind.FAILURE_KIND_GARBAGE


@pytest.mark.parametrize(
    ("token", "next_page"), [("p2", "p2"), ("", None), (None, None), (3, None), ("x" * 9999, None)]
)
def test_pages(token: Any, next_page: str | None) -> None:
    page = read({"models": [FLASH], "nextPageToken": token})
    assert (len(page.models), page.next_page) == (1, next_page)
    assert read({}) == ModelPage(())


def test_the_next_page_is_asked_for_on_another_path_too() -> None:
    auth = Auth(header="x-goog-api-key", scheme=AuthScheme.RAW)
    provider = Provider("h", "H", "gemini", "https://h.example", auth=auth, paths={"models": "/v1/models"})
    call = GeminiDialect().list_models(provider, Secret("k"), "a&b")
    assert call.url == "https://h.example/v1/models?pageSize=1000&pageToken=a%26b"
    assert call.headers["x-goog-api-key"] == "k"
