"""What the simulated models answer, and what they take and charge."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pointsman_server.catalog
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman_server.sandbox.answer import Answer
from pointsman_server.sandbox.conversation import Ask, Refusal, Tool, Turn
from pointsman_server.sandbox.engine import generate, input_tokens
from pointsman_server.sandbox.faults import NO_FAULT, Fault
from pointsman_server.sandbox.meter import Meter
from pointsman_server.sandbox.models import MODELS
from pointsman_server.sandbox.prompt_cache import PromptCache
from pointsman_server.sandbox.tokens import count

LONG = "a word after another " * 40
WEATHER = Tool("get_weather", {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]})
CLOCK = Tool("get_time", {})


def ask(text: str = "hello Pointsman", model: str = "swift", **fields: Any) -> Ask:
    return Ask(model=model, turns=(Turn("user", text),), **fields)


def answer(asked: Ask, fault: Fault = NO_FAULT) -> Answer:
    return generate(asked, fault, PromptCache()).answer


def text_of(found: Answer, kind: str = "text") -> str:
    return "".join(delta.text for delta in found.deltas if delta.kind == kind)


def refusal(asked: Ask) -> Refusal:
    with pytest.raises(Refusal) as caught:
        answer(asked)
    return caught.value


class TestText:
    def test_it_echoes_the_last_user_message(self) -> None:
        assert "hello Pointsman" in text_of(answer(ask()))
        assert answer(ask()) == answer(ask())
        assert answer(ask()).finish == "stop"

    @pytest.mark.parametrize("cap", [1, 2, 7])
    def test_it_stops_at_the_cap(self, cap: int) -> None:
        found = answer(ask(max_output_tokens=cap))
        assert (sum(delta.tokens for delta in found.deltas), found.finish) == (cap, "length")

    def test_a_cap_that_just_fits_ends_normally(self) -> None:
        found = answer(ask(max_output_tokens=len(answer(ask()).deltas)))
        assert found.finish == "stop"

    def test_it_stops_at_a_stop_sequence(self) -> None:
        found = answer(ask(stop=("zebra", "simulated", "swift")))
        assert text_of(found) == 'You said: "hello Pointsman". I am '
        assert found.finish == "stop"

    @pytest.mark.parametrize("tokens", [0, 1, 20, 500])
    def test_it_has_as_many_tokens_as_told(self, tokens: int) -> None:
        assert len(answer(ask(), Fault(tokens=tokens)).deltas) == tokens

    def test_it_says_what_it_is_told(self) -> None:
        assert text_of(answer(ask(), Fault(text="exactly this"))) == "exactly this"

    def test_it_says_what_it_sees(self) -> None:
        seen = Ask(model="steady", turns=(Turn("user", "look", media=(("image", 70),)),))
        assert "I see your image of 70 bytes." in text_of(answer(seen))


class TestReasoning:
    @pytest.mark.parametrize(("effort", "tokens"), [("none", 0), ("low", 8), (None, 16), ("high", 32)])
    def test_effort_sets_how_long_it_thinks(self, effort: str | None, tokens: int) -> None:
        found = answer(ask(model="sage", effort=effort))
        assert sum(delta.kind == "reasoning" for delta in found.deltas) == tokens
        assert "hello" in text_of(found)

    def test_thinking_counts_towards_the_cap(self) -> None:
        found = answer(ask(model="sage", max_output_tokens=10))
        assert (text_of(found), len(found.deltas), found.finish) == ("", 10, "length")

    def test_other_models_refuse_an_effort(self) -> None:
        assert refusal(ask(effort="high")).code == "unsupported_parameter"


class TestTools:
    def test_a_tool_that_the_user_names_is_called(self) -> None:
        found = answer(ask("please get_weather in Lisbon", tools=(WEATHER, CLOCK)))
        assert (text_of(found, "call"), found.finish) == ("get_weather", "tool_calls")
        assert set(json.loads(text_of(found, "arguments"))) == {"city"}

    def test_no_tool_is_called_unasked(self) -> None:
        assert answer(ask(tools=(WEATHER,))).finish == "stop"
        assert answer(ask("get_weather", tools=(WEATHER,), tool_choice="none")).finish == "stop"

    def test_a_required_call_is_made(self) -> None:
        assert text_of(answer(ask(tools=(WEATHER, CLOCK), tool_choice="required")), "call") == "get_weather"
        assert text_of(answer(ask(tools=(WEATHER, CLOCK), tool_choice="=get_time")), "call") == "get_time"

    def test_several_tools_are_called_unless_only_one_may_be(self) -> None:
        both = ask("get_weather and get_time", tools=(WEATHER, CLOCK))
        calls = [delta for delta in answer(both).deltas if delta.kind == "call"]
        assert [(call.text, call.call) for call in calls] == [("get_weather", 0), ("get_time", 1)]
        assert len({call.call_id for call in calls}) == 2
        one = ask("get_weather and get_time", tools=(WEATHER, CLOCK), parallel_tools=False)
        assert text_of(answer(one), "call") == "get_weather"

    def test_a_result_is_talked_about(self) -> None:
        turns = (Turn("user", "get_weather"), Turn("assistant", "", extra="get_weather {}"), Turn("tool", "sunny"))
        found = answer(Ask(model="swift", turns=turns, tools=(WEATHER,)))
        assert "sunny" in text_of(found)
        assert found.finish == "stop"


class TestJson:
    def test_an_answer_by_schema_satisfies_it(self) -> None:
        schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 3}}, "required": ["n"]}
        assert json.loads(text_of(answer(ask(schema=schema)))) == {"n": 3}

    def test_any_object_will_do(self) -> None:
        assert json.loads(text_of(answer(ask(schema={})))) == {"answer": "hello Pointsman"}

    def test_a_wrong_schema_is_refused(self) -> None:
        assert refusal(ask(schema={"type": "strin"})).status == 400


class TestLimits:
    def test_an_unknown_model(self) -> None:
        found = refusal(ask(model="gpt"))
        assert (found.status, found.code) == (404, "model_not_found")

    @pytest.mark.parametrize("model", list(MODELS))
    @pytest.mark.parametrize("kind", ["image", "audio", "document"])
    def test_only_some_models_take_media(self, model: str, kind: str) -> None:
        asked = Ask(model=model, turns=(Turn("user", "look", media=((kind, 100),)),))
        if kind in MODELS[model].media:
            assert kind in text_of(answer(asked))
        else:
            assert refusal(asked).code == "unsupported_content"

    def test_the_free_model_has_no_tools(self) -> None:
        assert refusal(ask(model="free", tools=(WEATHER,))).param == "tools"
        assert refusal(ask(model="free", schema={})).param == "response_format"

    def test_more_output_than_the_model_writes(self) -> None:
        assert refusal(ask(max_output_tokens=4_097)).param == "max_tokens"

    def test_more_than_the_context_holds(self) -> None:
        model = MODELS["free"]
        fits = "a" * 8 * (model.context_tokens - 1)
        assert len(answer(ask(fits, model="free")).deltas) == 1
        assert refusal(ask(fits + "b" * 8, model="free")).code == "context_length_exceeded"
        assert refusal(ask(fits, model="free", max_output_tokens=2)).code == "context_length_exceeded"


class TestInput:
    @given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 5_000))
    def test_input_has_no_more_tokens_than_bytes(self, text: str, size: int) -> None:
        media = tuple((kind, size) for kind in ("image", "audio", "document"))
        asked = Ask(model="sage", turns=(Turn("user", text, media=media),))
        assert sum(input_tokens(asked)) <= len(text.encode()) + 3 * size

    def test_tools_and_schemas_are_input(self) -> None:
        plain = sum(input_tokens(ask()))
        assert sum(input_tokens(ask(tools=(WEATHER,)))) > plain
        assert sum(input_tokens(ask(schema={"type": "object"}))) > plain


class TestPromptCache:
    def test_a_repeated_beginning_is_cached(self) -> None:
        cache = PromptCache()
        first = Ask(model="steady", turns=(Turn("system", LONG), Turn("user", "one")))
        second = Ask(model="steady", turns=(Turn("system", LONG), Turn("user", "two")))
        total = count(LONG) + 1
        assert (generate(first, NO_FAULT, cache).cached_tokens, total > 64) == (0, True)
        found = generate(second, NO_FAULT, cache)
        assert (found.cached_tokens, found.input_tokens) == (count(LONG), 1)

    def test_one_token_is_always_new(self) -> None:
        cache = PromptCache()
        for expected in (0, count(LONG) - 1):
            assert generate(ask(LONG, model="steady"), NO_FAULT, cache).cached_tokens == expected

    def test_short_beginnings_and_other_models_are_not(self) -> None:
        cache = PromptCache()
        for model, text in (("steady", "hello"), ("swift", LONG)):
            for _ in range(2):
                assert generate(ask(text, model=model), NO_FAULT, cache).cached_tokens == 0

    def test_it_forgets(self) -> None:
        cache = PromptCache()
        generate(ask(LONG, model="steady"), NO_FAULT, cache)
        cache.clear()
        assert generate(ask(LONG, model="steady"), NO_FAULT, cache).cached_tokens == 0
        for number in range(1_100):
            generate(ask(f"{number} {LONG}", model="steady"), NO_FAULT, cache)
        assert generate(ask(f"0 {LONG}", model="steady"), NO_FAULT, cache).cached_tokens == 0


class TestMeter:
    @pytest.mark.parametrize(
        ("model", "tokens", "cost_nanos"),
        [
            ("swift", (1_000_000, 0, 1_000_000), 500_000_000),
            ("steady", (1_000_000, 1_000_000, 1_000_000), 5_100_000_000),
            ("sage", (200_000, 0, 1), 1_000_020_000),
            ("sage", (200_001, 0, 1), 2_000_050_000),
            ("sage", (1, 2, 0), 15_000),
            ("free", (9, 9, 9), 0),
        ],
    )
    def test_costs_are_exact(self, model: str, tokens: tuple[int, int, int], cost_nanos: int) -> None:
        assert MODELS[model].cost_nanos(*tokens) == cost_nanos

    def test_it_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("pointsman_server.sandbox.meter._MOST_ENTRIES", 3)
        meter = Meter()
        for number in range(5):
            with meter.open(str(number)):
                assert meter.at_once == 1
        assert [entry.id for entry in meter.entries] == ["2", "3", "4"]
        assert meter.report()["forgotten"] == 2


def test_the_catalog_names_the_same_models_prices_and_limits() -> None:
    path = Path(pointsman_server.catalog.__file__).parent / "providers" / "sandbox.toml"
    rows = {row["external_id"]: row for row in tomllib.loads(path.read_text())["models"]}
    assert set(rows) == set(MODELS)
    for name, model in MODELS.items():
        row, prices = rows[name], rows[name]["prices"]
        assert row["context_window_tokens"] == model.context_tokens
        assert row["max_output_tokens"] == model.max_output_tokens
        assert row["latency_ms"] == model.first_ms
        assert row["tokens_per_second"] == model.tokens_per_second
        assert _nanos_per_token(prices["input"]) == model.prices.input_nanos
        assert _nanos_per_token(prices["output"]) == model.prices.output_nanos
        assert ("cache_read" in prices) == model.caches
        abilities = set(row["capabilities"])
        assert {kind for kind, name in _MEDIA.items() if name in abilities} == model.media
        assert ("reasoning" in abilities) == model.reasons
        assert ("function_calling" in abilities) == model.tools


_MEDIA = {"image": "vision", "audio": "audio", "document": "documents"}


def _nanos_per_token(dollars_per_million: str | int) -> int:
    return round(float(dollars_per_million) * 1_000)
