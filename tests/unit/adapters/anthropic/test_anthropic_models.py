"""Model lists: pages, what they tell of each model, and what they are when they are none."""

import json
from typing import Any

import pytest
from pointsman.v1.completion_pb2 import FailureKind
from pointsman.v1.model_pb2 import Capability, LifeCycle
from pointsman_server.adapters.anthropic import AnthropicDialect
from pointsman_server.adapters.anthropic_quirks import QUIRKS
from pointsman_server.adapters.base import ModelPage, ProviderFailure
from pointsman_server.catalog.model import Model


def yes(supported: bool = True) -> dict[str, bool]:  # noqa: FBT001, FBT002  # its only argument
    return {"supported": supported}


def thinking(*types: str) -> dict[str, Any]:
    return {
        "supported": bool(types),
        "types": {kind: yes(kind in types) for kind in ("adaptive", "enabled", "disabled")},
    }


def listed(*models: Any, **more: Any) -> ModelPage:
    return AnthropicDialect().models(json.dumps({"data": list(models)} | more).encode())


def row(**fields: Any) -> dict[str, Any]:
    [model] = listed({"id": "claude-x", "type": "model"} | fields).models
    return dict(model.row)


def test_what_a_list_tells() -> None:
    found = row(
        display_name="Claude X",
        lifecycle="deprecated",
        max_input_tokens=1_000_000,
        max_tokens=128_000,
        capabilities={
            "image_input": yes(),
            "pdf_input": yes(),
            "structured_outputs": yes(),
            "thinking": thinking("adaptive", "disabled"),
            "batch": yes(),
        },
    )
    assert found == {
        "display_name": "Claude X",
        "life_cycle": LifeCycle.LIFE_CYCLE_DEPRECATED,
        "context_window_tokens": 1_000_000,
        "max_output_tokens": 128_000,
        "capabilities": {
            Capability.CAPABILITY_TEXT,
            Capability.CAPABILITY_FUNCTION_CALLING,
            Capability.CAPABILITY_PROMPT_CACHE,
            Capability.CAPABILITY_VISION,
            Capability.CAPABILITY_DOCUMENTS,
            Capability.CAPABILITY_STRUCTURED_OUTPUT,
            Capability.CAPABILITY_REASONING,
            Capability.CAPABILITY_LONG_CONTEXT,
        },
        "quirks": frozenset(),
    }
    Model("h/claude-x", "h", "claude-x", "claude-x", **found)


@pytest.mark.parametrize(
    ("types", "quirks"),
    [
        (("adaptive", "enabled", "disabled"), set()),
        (("enabled", "disabled"), {"thinking_budget"}),
        (("adaptive",), {"always_thinks"}),
        ((), set()),
    ],
)
def test_the_generations_of_thinking(types: tuple[str, ...], quirks: set[str]) -> None:
    assert row(capabilities={"thinking": thinking(*types)})["quirks"] == quirks
    assert quirks <= QUIRKS.keys()


def test_what_a_list_does_not_tell_stays_unknown() -> None:
    assert row() == {}
    assert row(max_tokens="many", max_input_tokens=0, lifecycle="born", display_name="\n", capabilities=[]) == {}


def test_pages() -> None:
    page = listed({"id": "a"}, {"id": "b"}, has_more=True, first_id="a", last_id="b")
    assert ([model.external_id for model in page.models], page.next_page) == (["a", "b"], "b")
    assert listed({"id": "a"}, has_more=False, last_id="a").next_page is None
    assert listed({"id": "a"}, has_more=True, last_id=None).next_page is None
    assert listed({"id": "a"}, has_more="yes", last_id="a").next_page is None


def test_what_has_no_usable_id_is_passed_over() -> None:
    page = listed({"id": ""}, {"id": 3}, "x", None, {"id": "a\nb"}, {"id": "x" * 300}, {"id": "a"}, {"id": "a"})
    assert [model.external_id for model in page.models] == ["a"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"data":{}}', b"\xff", b"[" * 100_000])
def test_what_is_no_list(body: bytes) -> None:
    with pytest.raises(ProviderFailure) as failed:
        AnthropicDialect().models(body)
    assert failed.value.kind == FailureKind.FAILURE_KIND_GARBAGE
