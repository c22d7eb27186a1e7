"""What the sandbox refuses on OpenAI's wire, and how it reads the rest."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman_server.sandbox.conversation import Refusal, Tool
from pointsman_server.sandbox.openai_request import read_request

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 50).decode()
PDF = base64.b64encode(b"%PDF-1.7 nothing").decode()
USER = {"role": "user", "content": "hello"}
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}
CALL = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
CALLING = {"role": "assistant", "content": None, "tool_calls": [CALL]}
ANSWERING = {"role": "tool", "tool_call_id": "call_1", "content": "sunny"}


def body(**fields: Any) -> bytes:
    return json.dumps({"model": "swift", "messages": [USER], **fields}).encode()


def user(*parts: Any) -> list[Any]:
    return [{"role": "user", "content": list(parts)}]


def image(url: Any, **more: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def schema(inner: Any, **more: Any) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": inner, **more}}


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("missing_required_parameter", {"messages": [{"content": "hello"}]}),
    ("missing_required_parameter", {"messages": [{"role": "user"}]}),
    ("missing_required_parameter", {"messages": [{"role": "assistant"}]}),
    ("missing_required_parameter", {"messages": [USER, CALLING, {"role": "tool", "content": "x"}]}),
    ("missing_required_parameter", {"tools": [{"type": "function"}]}),
    ("missing_required_parameter", {"response_format": {"type": "json_schema"}}),
    ("empty_array", {"messages": []}),
    ("empty_array", {"messages": user()}),
    ("array_length", {"stop": ["a", "b", "c", "d", "e"]}),
    ("invalid_type", {"messages": None, "model": 3}),
    ("invalid_type", {"messages": "hello"}),
    ("invalid_type", {"messages": ["hello"]}),
    ("invalid_type", {"messages": [{"role": "user", "content": 3}]}),
    ("invalid_type", {"messages": [{"role": 1, "content": "x"}]}),
    ("invalid_type", {"messages": user("hello")}),
    ("invalid_type", {"messages": user({"type": "text", "text": 3})}),
    ("invalid_type", {"messages": user(image(3))}),
    ("invalid_type", {"stream": "yes"}),
    ("invalid_type", {"temperature": "hot"}),
    ("invalid_type", {"temperature": True}),
    ("invalid_type", {"max_tokens": 1.5}),
    ("invalid_type", {"max_tokens": True}),
    ("invalid_type", {"stop": 3}),
    ("invalid_type", {"tools": {}}),
    ("invalid_type", {"seed": "x"}),
    ("invalid_type", {"metadata": []}),
    ("invalid_value", {"messages": [{"role": "model", "content": "x"}]}),
    ("invalid_value", {"messages": [{"role": "user", "content": "\ud800"}]}),
    ("invalid_value", {"messages": [USER, ANSWERING]}),
    ("invalid_value", {"messages": [USER, CALLING]}),
    ("invalid_value", {"messages": [USER, CALLING, USER]}),
    ("invalid_value", {"messages": [USER, CALLING, ANSWERING, ANSWERING]}),
    ("invalid_value", {"messages": [USER, {**CALLING, "tool_calls": [CALL, CALL]}, ANSWERING]}),
    ("invalid_value", {"messages": [USER, {**CALLING, "tool_calls": [{**CALL, "type": "x"}]}, ANSWERING]}),
    ("invalid_value", {"messages": user({"type": "video", "video": {}})}),
    ("invalid_value", {"messages": [{"role": "system", "content": [image("https://x.example/a.png")]}]}),
    ("invalid_value", {"messages": user(image("ftp://x.example/a.png"))}),
    ("invalid_value", {"messages": user(image(f"data:image/tiff;base64,{PNG}"))}),
    ("invalid_value", {"messages": user(image("data:image/png;base64,@@@"))}),
    ("invalid_value", {"messages": user(image("data:image/png;base64,"))}),
    ("invalid_value", {"messages": user(image("data:image/png;base64,AAAA"))}),
    ("invalid_value", {"messages": user(image(f"data:image/png;base64,{PNG}", detail="most"))}),
    ("invalid_value", {"messages": user({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "ogg"}})}),
    ("invalid_value", {"messages": user({"type": "file", "file": {"file_id": "file-1"}})}),
    ("invalid_value", {"messages": user({"type": "file", "file": {"filename": "a", "file_data": PDF}})}),
    (
        "invalid_value",
        {
            "messages": user(
                {"type": "file", "file": {"filename": "a", "file_data": f"data:application/pdf;base64,{PNG}"}}
            )
        },
    ),
    ("invalid_value", {"temperature": 2.1}),
    ("invalid_value", {"top_p": -0.1}),
    ("invalid_value", {"presence_penalty": 3}),
    ("invalid_value", {"max_tokens": 0}),
    ("invalid_value", {"max_tokens": 5, "max_completion_tokens": 5}),
    ("invalid_value", {"stop": [""]}),
    ("invalid_value", {"stream_options": {"include_usage": True}}),
    ("invalid_value", {"reasoning_effort": "extreme"}),
    ("invalid_value", {"response_format": {"type": "xml"}}),
    ("invalid_value", {"response_format": {"type": "json_schema", "json_schema": {"name": "a b", "schema": {}}}}),
    ("invalid_value", {"tools": [{**TOOL, "type": "retrieval"}]}),
    ("invalid_value", {"tools": [TOOL, TOOL]}),
    ("invalid_value", {"tools": [{"type": "function", "function": {"name": "has space"}}]}),
    ("invalid_value", {"tool_choice": "required"}),
    ("invalid_value", {"tool_choice": "any", "tools": [TOOL]}),
    ("invalid_value", {"tool_choice": {"type": "function", "function": {"name": "other"}}, "tools": [TOOL]}),
    ("invalid_schema", {"response_format": schema({"type": "object", "properties": {}}, strict=True)}),
    (
        "invalid_schema",
        {
            "response_format": schema(
                {"type": "array", "items": {"properties": {"a": {}}, "additionalProperties": False}}, strict=True
            )
        },
    ),
    ("invalid_schema", {"tools": [{"type": "function", "function": {**TOOL["function"], "strict": True}}]}),
    ("unsupported_value", {"n": 2}),
    ("unsupported_value", {"logprobs": True}),
    ("unsupported_value", {"modalities": ["text", "audio"]}),
    ("unknown_parameter", {"top_k": 5}),
    ("unknown_parameter", {"messages": [{**USER, "cache_control": {}}]}),
    ("unknown_parameter", {"messages": user({"type": "text", "text": "x", "cache_control": {}})}),
    ("unknown_parameter", {"stream": True, "stream_options": {"usage": True}}),
]


@pytest.mark.parametrize(("code", "fields"), REFUSED)
def test_a_wrong_request_is_refused(code: str, fields: dict[str, Any]) -> None:
    given_fields = {name: value for name, value in fields.items() if value is not None}
    with pytest.raises(Refusal) as caught:
        read_request(body(**given_fields))
    assert (caught.value.status, caught.value.code) == (400, code)
    assert caught.value.param


@pytest.mark.parametrize("missing", ["model", "messages"])
def test_model_and_messages_must_be_there(missing: str) -> None:
    fields = {name: value for name, value in json.loads(body()).items() if name != missing}
    with pytest.raises(Refusal) as caught:
        read_request(json.dumps(fields).encode())
    assert (caught.value.code, caught.value.param) == ("missing_required_parameter", missing)


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[]", b"3", b"[" * 100_000, b'{"model": "a"'])
def test_a_body_that_is_no_object_is_refused(raw: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        read_request(raw)
    assert caught.value.status == 400


def test_null_is_as_good_as_nothing() -> None:
    names = ("temperature", "stop", "tools", "response_format", "max_tokens", "stream_options", "reasoning_effort")
    assert read_request(body(**dict.fromkeys(names))) == read_request(body())


def test_everything_that_is_understood() -> None:
    pdf = f"data:application/pdf;base64,{PDF}"
    parts = [
        {"type": "text", "text": "look"},
        image(f"data:image/png;base64,{PNG}", detail="low"),
        image("https://x.example/a.png"),
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": pdf}},
    ]
    messages = [
        {"role": "developer", "content": "be brief"},
        *user(*parts),
        {**CALLING, "reasoning_content": "hm"},
        {**ANSWERING, "content": [{"type": "text", "text": "sunny"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "It is sunny."}]},
        {"role": "assistant", "refusal": "no"},
        USER,
    ]
    choice = {"type": "function", "function": {"name": "get_weather"}}
    ask = read_request(
        body(
            messages=messages, tools=[TOOL], tool_choice=choice, parallel_tool_calls=False, max_completion_tokens=7,
            stop="END", temperature=0.5, top_p=1, seed=-1, user="u", n=1, stream=True, reasoning_effort="low",
            stream_options={"include_usage": True}, response_format={"type": "json_object"}, logprobs=False,
            modalities=["text"], verbosity="low", metadata={"a": "b"}, store=False, logit_bias={},
        )
    )  # fmt: skip
    assert [turn.role for turn in ask.turns] == [
        "system",
        "user",
        "assistant",
        "tool",
        "assistant",
        "assistant",
        "user",
    ]
    assert ask.turns[1].text == "look"
    assert [kind for kind, _ in ask.turns[1].media] == ["image", "image", "audio", "document"]
    assert ask.turns[2].extra == "get_weather {}\nhm"
    assert ask.turns[3].text == "sunny"
    assert ask.tools == (Tool("get_weather", {"type": "object"}),)
    assert (ask.tool_choice, ask.parallel_tools, ask.max_output_tokens) == ("=get_weather", False, 7)
    assert (ask.stop, ask.stream, ask.report_usage, ask.effort, ask.schema) == (("END",), True, True, "low", {})
    assert ask.last_user_text == "hello"


@pytest.mark.parametrize(
    ("fields", "reported"),
    [
        ({}, True),
        ({"stream": True}, False),
        ({"stream": True, "stream_options": {}}, False),
        ({"stream": True, "stream_options": {"include_usage": True}}, True),
    ],
)
def test_a_stream_reports_usage_when_it_is_asked_to(fields: dict[str, Any], *, reported: bool) -> None:
    assert read_request(body(**fields)).report_usage is reported


def test_a_strict_schema_that_is_one() -> None:
    inner = {
        "type": "object",
        "properties": {"kind": {"enum": [{"type": "object"}]}, "sub": {"$ref": "#/$defs/sub"}},
        "required": ["kind", "sub"],
        "additionalProperties": False,
        "$defs": {"sub": {"type": "object", "properties": {}, "additionalProperties": False}},
    }
    assert read_request(body(response_format=schema(inner, strict=True))).schema == inner


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_NAMES = st.sampled_from(["model", "messages", "tools", "tool_choice", "stop", "response_format", "stream", "n"])
_NEAR_MESSAGES = st.lists(
    st.dictionaries(
        st.sampled_from(["role", "content", "tool_calls", "tool_call_id"]),
        st.sampled_from(["user", "assistant", "tool", [CALL], "call_1", [{"type": "text", "text": "x"}]]) | _JSON,
    ),
    max_size=3,
)


@given(st.dictionaries(_NAMES, _JSON), _NEAR_MESSAGES)
def test_whatever_comes_is_read_or_refused(fields: dict[str, Any], messages: list[Any]) -> None:
    for tried in (body(**fields), body(messages=messages)):
        assert _status(tried) in (200, 400)


def _status(raw: bytes) -> int:
    try:
        read_request(raw)
    except Refusal as refusal:
        return refusal.status
    return 200
