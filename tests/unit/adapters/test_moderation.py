from __future__ import annotations

import json

import pytest
from pointsman_server.adapters import moderation
from pointsman_server.adapters.base import ProviderFailure
from pointsman_server.catalog.model import Provider
from pointsman_server.secrets.model import Secret

PROVIDER = Provider(id="p", display_name="P", dialect="openai", base_url="https://api.example/v1")


def test_the_call_goes_where_the_provider_s_file_says() -> None:
    call = moderation.encode(PROVIDER, Secret("k"), model="m", texts=["a", "ü"])
    assert (call.method, call.url) == ("POST", "https://api.example/v1/moderations")
    assert json.loads(call.body) == {"model": "m", "input": ["a", "ü"]}
    assert call.headers["authorization"] == "Bearer k"


def test_what_is_flagged_is_told_by_text() -> None:
    results = [
        {"flagged": True, "categories": {"hate": True, "sexual": False, "illicit": None}},
        {"flagged": False, "categories": {"hate": False}},
        {"flagged": True, "categories": {}},
    ]
    found = moderation.decode(json.dumps({"results": results}).encode(), 3)
    assert found == [frozenset({"hate"}), frozenset(), frozenset({moderation.FLAGGED})]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"results": 1}',
        b'{"results": [{}]}',
        b'{"results": [1]}',
        b'{"results": []}',
    ],
)
def test_an_answer_of_another_form_is_garbage(body: bytes) -> None:
    with pytest.raises(ProviderFailure, match="GARBAGE"):
        moderation.decode(body, 1)
