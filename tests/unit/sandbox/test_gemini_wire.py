"""The official google-genai SDK, unchanged, against the sandbox, and what its Gemini wire refuses."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import pytest
from google import genai
from google.genai import errors, types
from pointsman_server.sandbox import Fault, Sandbox
from pointsman_server.sandbox.conversation import Ask, Refusal
from pointsman_server.sandbox.gemini_request import read_request
from pointsman_server.sandbox.gemini_schema import json_schema
from pointsman_server.sandbox.gemini_signature import TEXT, issue, of_call
from pydantic import BaseModel

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 50
WEATHER = {
    "name": "get_weather",
    "parametersJsonSchema": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"enum": ["C", "F"]}},
        "required": ["city", "unit"],
    },
}
PLACEHOLDER = "skip_thought_signature_validator"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(burst=True) as running:
        yield running


@pytest.fixture
async def sdk(sandbox: Sandbox) -> AsyncIterator[Any]:
    # Its own choice, aiohttp, warns of how it is used; and certificates, which nobody needs here, take long to load.
    with httpx.Client(verify=False) as unused:
        async with httpx.AsyncClient(verify=False) as http:
            options = types.HttpOptions(
                base_url=sandbox.root_url, api_version="v1beta", httpx_client=unused, httpx_async_client=http
            )
            async with genai.Client(api_key="none", http_options=options).aio as client:
                yield client.models


def config(**fields: Any) -> types.GenerateContentConfig:
    return types.GenerateContentConfig(**fields)


def tools(**fields: Any) -> types.GenerateContentConfig:
    return config(tools=[types.Tool(function_declarations=[types.FunctionDeclaration(**cast(Any, WEATHER))])], **fields)


async def collect(sdk: Any, **parameters: Any) -> list[types.GenerateContentResponse]:
    return [chunk async for chunk in await sdk.generate_content_stream(**parameters)]


def parts(chunks: list[types.GenerateContentResponse]) -> list[types.Part]:
    return [
        part for chunk in chunks for candidate in chunk.candidates or [] for part in cast(Any, candidate).content.parts
    ]


async def test_a_whole_answer(sandbox: Sandbox, sdk: Any) -> None:
    answer = await sdk.generate_content(model="swift", contents="hello there")
    assert "hello there" in answer.text
    assert answer.candidates[0].finish_reason == types.FinishReason.STOP
    entry = sandbox.meter.entries[0]
    assert (answer.model_version, answer.response_id) == ("swift", entry.id)
    usage = answer.usage_metadata
    assert (usage.prompt_token_count, usage.candidates_token_count) == (entry.input_tokens, entry.output_tokens)
    assert usage.total_token_count == entry.input_tokens + entry.output_tokens
    assert (usage.thoughts_token_count, usage.cached_content_token_count) == (None, None)
    assert (entry.outcome, entry.streamed) == ("ended", False)


async def test_a_stream_counts_in_every_chunk(sandbox: Sandbox, sdk: Any) -> None:
    whole = await sdk.generate_content(model="swift", contents="hello there")
    chunks = await collect(sdk, model="swift", contents="hello there")
    assert "".join(chunk.text or "" for chunk in chunks) == whole.text
    counts = [cast(Any, chunk.usage_metadata).candidates_token_count for chunk in chunks]
    assert counts[:-1] == list(range(1, len(counts)))
    assert chunks[-1].usage_metadata == whole.usage_metadata
    reasons = [cast(Any, chunk.candidates)[0].finish_reason for chunk in chunks]
    assert reasons == [None] * (len(chunks) - 1) + [types.FinishReason.STOP]
    assert sandbox.meter.entries[0].cost_nanos == sandbox.meter.entries[1].cost_nanos


async def test_thoughts_are_shown_on_request_and_cost_the_same(sandbox: Sandbox, sdk: Any) -> None:
    for shown in (True, False):
        thinking = types.ThinkingConfig(include_thoughts=shown, thinking_level=types.ThinkingLevel.LOW)
        chunks = await collect(sdk, model="sage", contents="hello there", config=config(thinking_config=thinking))
        thoughts = [part for part in parts(chunks) if part.thought]
        assert len(thoughts) == (8 if shown else 0)
        usage = chunks[-1].usage_metadata
        assert usage is not None
        assert usage.thoughts_token_count == 8
        assert cast(Any, usage.total_token_count) == (
            cast(Any, usage.prompt_token_count) + cast(Any, usage.candidates_token_count) + 8
        )
        assert parts(chunks)[-1].thought_signature == base64.b64decode(issue(TEXT))
    first, second = sandbox.meter.entries
    assert first.cost_nanos == second.cost_nanos


@pytest.mark.parametrize(("budget", "thoughts"), [(0, None), (-1, 16), (500, 8), (8_192, 16), (9_000, 32)])
async def test_budgets(sdk: Any, budget: int, thoughts: int | None) -> None:
    thinking = types.ThinkingConfig(thinking_budget=budget)
    answer = await sdk.generate_content(model="sage", contents="hello", config=config(thinking_config=thinking))
    assert answer.usage_metadata.thoughts_token_count == thoughts


async def test_cached_input_is_within_the_prompt(sandbox: Sandbox, sdk: Any) -> None:
    system = config(system_instruction="be brief and kind " * 40)
    for _ in range(2):
        answer = await sdk.generate_content(model="steady", contents="hello", config=system)
    entry = sandbox.meter.entries[1]
    usage = answer.usage_metadata
    assert usage.cached_content_token_count == entry.cached_tokens > 100
    assert usage.prompt_token_count == entry.cached_tokens + entry.input_tokens


@pytest.mark.parametrize("model", ["swift", "sage"])
@pytest.mark.parametrize("streamed", [False, True])
async def test_tools_both_ways(sdk: Any, model: str, streamed: bool) -> None:  # noqa: FBT001  # pytest passes it
    asked = types.Content(role="user", parts=[types.Part(text="get_weather in Reykjavik")])
    if streamed:
        given = parts(await collect(sdk, model=model, contents=[asked], config=tools()))
    else:
        answer = await sdk.generate_content(model=model, contents=[asked], config=tools())
        given = answer.candidates[0].content.parts
    [call] = [part for part in given if part.function_call]
    function = call.function_call
    assert function is not None
    assert (function.name, function.args) == ("get_weather", {"city": "get_weather", "unit": "C"})
    assert bool(function.id) == bool(call.thought_signature) == (model == "sage")
    result = types.FunctionResponse(id=function.id, name=function.name, response={"output": "minus 3"})
    history = [
        asked,
        types.Content(role="model", parts=given),
        types.Content(role="user", parts=[types.Part(function_response=result)]),
    ]
    second = await sdk.generate_content(model=model, contents=history, config=tools())
    assert '"minus 3"' in second.text


async def test_images_for_models_that_see(sdk: Any) -> None:
    contents = ["look", types.Part.from_bytes(data=PNG, mime_type="image/png")]
    answer = await sdk.generate_content(model="steady", contents=contents)
    assert "image of 58 bytes" in answer.text
    by_address = [types.Part.from_uri(file_uri="https://example.com/a.png", mime_type="image/png")]
    assert "image" in (await sdk.generate_content(model="steady", contents=by_address)).text
    with pytest.raises(errors.ClientError) as caught:
        await sdk.generate_content(model="swift", contents=contents)
    assert (caught.value.code, caught.value.status) == (400, "INVALID_ARGUMENT")


class Finding(BaseModel):
    line: int
    note: str | None
    tags: list[str]


class Review(BaseModel):
    findings: list[Finding]
    verdict: str


@pytest.mark.parametrize("name", ["response_schema", "response_json_schema"])
async def test_structured_output_is_parsed(sdk: Any, name: str) -> None:
    schema: Any = Review if name == "response_schema" else Review.model_json_schema()
    asked = config(response_mime_type="application/json", **{name: schema})
    answer = await sdk.generate_content(model="swift", contents="hello there", config=asked)
    assert Review.model_validate_json(answer.text).verdict == "hello"
    if name == "response_schema":
        assert isinstance(answer.parsed, Review)


async def test_any_json_and_stop_sequences_and_caps(sdk: Any) -> None:
    answer = await sdk.generate_content(
        model="swift", contents="hello", config=config(response_mime_type="application/json")
    )
    assert json.loads(answer.text) == {"answer": "hello"}
    stopped = await sdk.generate_content(model="swift", contents="hello", config=config(stop_sequences=["said"]))
    assert stopped.text == "You "
    capped = await sdk.generate_content(model="swift", contents="hello", config=config(max_output_tokens=2))
    assert (capped.text, capped.candidates[0].finish_reason) == ("You said", types.FinishReason.MAX_TOKENS)


async def test_a_call_that_the_cap_cuts_is_left_out(sdk: Any) -> None:
    for model in ("swift", "sage"):
        asked = tools(max_output_tokens=20 if model == "sage" else 5)
        answer = await sdk.generate_content(model=model, contents="get_weather", config=asked)
        assert answer.function_calls is None
        assert answer.candidates[0].finish_reason == types.FinishReason.MAX_TOKENS


async def test_the_model_list_has_pages(sdk: Any) -> None:
    for size in (1, 3, 50):
        listed = [model async for model in await sdk.list(config={"page_size": size, "query_base": True})]
        assert [model.name for model in listed] == ["models/swift", "models/steady", "models/sage", "models/free"]
    sage = await sdk.get(model="sage")
    assert (sage.input_token_limit, sage.output_token_limit, sage.thinking) == (1_048_576, 32_768, True)
    assert "createCachedContent" in (await sdk.get(model="steady")).supported_actions
    with pytest.raises(errors.ClientError) as caught:
        await sdk.get(model="nope")
    assert caught.value.status == "NOT_FOUND"


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        (Fault(status=429, retry_after="7"), 429, "RESOURCE_EXHAUSTED"),
        (Fault(status=503), 503, "UNAVAILABLE"),
        (Fault(status=401, code="api_key_invalid"), 401, "UNAUTHENTICATED"),
        (Fault(status=418), 418, "UNKNOWN"),
    ],
)
async def test_scripted_statuses(sandbox: Sandbox, sdk: Any, fault: Fault, code: int, status: str) -> None:
    sandbox.script.push(fault)
    with pytest.raises(errors.APIError) as caught:
        await sdk.generate_content(model="swift", contents="hello")
    assert (caught.value.code, caught.value.status) == (code, status)
    details = cast(Any, caught.value.details)["error"].get("details", [{}])
    assert details[0].get("reason") == ("API_KEY_INVALID" if fault.code else None)


async def test_scripted_errors_inside_a_stream(sandbox: Sandbox, sdk: Any) -> None:
    sandbox.script.push(Fault(error_after=2))
    with pytest.raises(errors.APIError) as caught:
        await collect(sdk, model="swift", contents="hello")
    assert (caught.value.code, caught.value.status) == (500, "INTERNAL")
    sandbox.script.push(Fault(cut_after=2))
    with pytest.raises(httpx.RemoteProtocolError):
        await collect(sdk, model="swift", contents="hello")
    assert [entry.outcome for entry in sandbox.meter.entries] == ["failed", "failed"]


@pytest.mark.parametrize(("usage", "prompt"), [("missing", None), ("zero", 0), ("huge", 10**12)])
async def test_scripted_usage(sandbox: Sandbox, sdk: Any, usage: Any, prompt: int | None) -> None:
    sandbox.script.push(Fault(usage=usage))
    chunks = await collect(sdk, model="swift", contents="hello")
    told = {chunk.usage_metadata and chunk.usage_metadata.prompt_token_count for chunk in chunks}
    assert told == {prompt}


async def test_a_stream_without_a_reason(sandbox: Sandbox, sdk: Any) -> None:
    sandbox.script.push(Fault(no_finish=True))
    chunks = await collect(sdk, model="swift", contents="hello")
    assert {cast(Any, chunk.candidates)[0].finish_reason for chunk in chunks} == {None}


async def test_what_no_wire_knows(sandbox: Sandbox) -> None:
    async with httpx.AsyncClient(base_url=sandbox.root_url) as client:
        unknown = await client.post("/v1beta/models/swift:embedContent", json={})
        assert (unknown.status_code, unknown.json()["error"]["status"]) == (404, "NOT_FOUND")
        array = await client.post("/v1beta/models/swift:streamGenerateContent", json={"contents": []})
        assert (array.status_code, array.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
        deep = b'{"contents":' + b"[" * 600 + b"]" * 600 + b"}"
        nested = await client.post("/v1beta/models/swift:generateContent", content=deep)
        assert nested.status_code == 400
        page = await client.get("/v1beta/models?pageSize=x")
        assert page.status_code == 400
        long = {"contents": [{"parts": [{"text": "word " * 9_000}]}]}
        body = (await client.post("/v1beta/models/free:generateContent", json=long)).json()["error"]
        assert "exceeds the maximum number of tokens" in body["message"]


def user(*given: Any) -> dict[str, Any]:
    return {"role": "user", "parts": list(given) or [{"text": "hello"}]}


def model(*given: Any) -> dict[str, Any]:
    return {"role": "model", "parts": list(given)}


def called(name: str = "f", call_id: str = "", signature: str = "", **args: Any) -> dict[str, Any]:
    call = {"name": name, "args": args} | ({"id": call_id} if call_id else {})
    return {"functionCall": call} | ({"thoughtSignature": signature} if signature else {})


def answered(name: str = "f", call_id: str = "", **more: Any) -> dict[str, Any]:
    function = {"name": name, "response": {"output": "1"}} | ({"id": call_id} if call_id else {})
    return {"functionResponse": function | more}


def read(*contents: Any, model_id: str = "swift", **fields: Any) -> Ask:
    body = {"contents": list(contents) or [user()]} | fields
    return read_request(json.dumps(body).encode(), model_id, stream=False)


def refused(*contents: Any, model_id: str = "swift", **fields: Any) -> str:
    with pytest.raises(Refusal) as caught:
        read(*contents, model_id=model_id, **fields)
    assert caught.value.status == 400
    return caught.value.message


def test_turns() -> None:
    ask = read(
        user({"text": "a"}, {"text": "b"}),
        model({"text": "hm", "thought": True}, {"text": "c"}, called("f", x=1), called("g")),
        user(answered("g"), answered("f", response={"error": "no"}), {"text": "see"}),
        systemInstruction={"role": "user", "parts": [{"text": "s"}]},
    )
    assert [(turn.role, turn.text, turn.extra) for turn in ask.turns] == [
        ("system", "s", ""),
        ("user", "a\nb", ""),
        ("assistant", "c", 'hm\nf {"x": 1}\ng {}'),
        ("tool", 'see\n1\n{"error": "no"}', ""),
    ]


@pytest.mark.parametrize(
    "contents",
    [
        [model({"text": "a"})],
        [user(), model({"text": "a"})],
        [user(answered())],
        [user(), model(called()), user()],
        [user(), model(called()), model({"text": "a"}), user()],
        [user(), model(called(), called()), user(answered())],
        [user(), model(called()), user(answered(), answered())],
        [user(), model(called()), user(answered("g"))],
        [user(), model(called("f", "1")), user(answered("f", "2"))],
        [user(), model(called("f", "1")), user(answered("f"))],
        [user(), model({"text": "a"}), model(called()), user(answered())],
        [user(), model(called()), user(answered()), user(answered())],
        [model(called()), user(answered())],
        [user(called())],
        [user({"text": "a", "thought": True})],
        [user(), model({"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}), user()],
        [user({"text": "a", "inlineData": {}})],
        [user({})],
        [user({"words": "a"})],
        [{"role": "assistant", "parts": [{"text": "a"}]}],
        [{"role": "user", "parts": []}],
        [{"role": "user", "content": "a"}],
        [user(), model({"functionCall": {"args": {}}}), user(answered())],
        [user(), model({"functionCall": {"name": "f", "args": "{}"}}), user(answered())],
        [user(), model(called()), user(answered("f", response="1"))],
        [user({"inlineData": {"mimeType": "image/png", "data": "AAAA"}})],
        [user({"inlineData": {"mimeType": "application/pdf", "data": "AAAA"}})],
        [user({"inlineData": {"mimeType": "video/mp4", "data": "AAAA"}})],
        [user({"inlineData": {"mimeType": "image/png", "data": "%"}})],
        [user({"fileData": {"fileUri": "file:///etc/passwd"}})],
        [user({"text": "a", "mediaResolution": {"level": "BEST"}})],
    ],
)
def test_conversations_that_the_wire_does_not_allow(contents: list[Any]) -> None:
    assert refused(*contents)


def test_media() -> None:
    image = {"inlineData": {"mimeType": "image/png", "data": base64.urlsafe_b64encode(PNG).decode()}}
    pdf = {"inlineData": {"mimeType": "application/pdf", "data": base64.b64encode(b"%PDF-1.7").decode()}}
    sound = {"inlineData": {"mimeType": "audio/wav", "data": "UklGRg=="}}
    level = {"mediaResolution": {"level": "MEDIA_RESOLUTION_LOW"}}
    [turn] = read(user(image | level, pdf, sound)).turns
    assert turn.media == (("image", 58), ("document", 8), ("audio", 4))
    held = answered("f", parts=[image])
    assert read(user(), model(called()), user(held)).turns[-1].media == (("image", 58),)


@pytest.mark.parametrize(
    ("signature", "fine"),
    [
        ("", False),
        (issue(of_call("f", {"x": 1})), True),
        (PLACEHOLDER, True),
        (base64.urlsafe_b64encode(PLACEHOLDER.encode()).decode(), True),
        (issue(of_call("f", {"x": 2})), False),
        (issue(TEXT), False),
        ("!", False),
    ],
)
def test_the_first_call_of_the_turn_is_signed(signature: str, fine: bool) -> None:  # noqa: FBT001  # pytest passes it
    first, second = called("f", "1", signature, x=1), called("f", "2", x=2)
    contents = [user(), model(first, second), user(answered("f", "1"), answered("f", "2"))]
    if fine:
        assert len(read(*contents, model_id="sage").turns) == 3
    else:
        assert "ignature" in refused(*contents, model_id="sage")


def test_only_the_current_turn_needs_signatures_and_only_where_the_model_reasons() -> None:
    contents = [user(), model(called()), user(answered())]
    assert refused(*contents, model_id="sage")
    assert read(*contents)
    assert read(*contents, model({"text": "a"}), user(), model_id="sage")
    later = [model(called("f", "", PLACEHOLDER)), user(answered()), model(called()), user(answered())]
    assert refused(user(), *later, model_id="sage")
    assert refused(user(), model({"text": "a", "thoughtSignature": "AAAA"}), user())


@pytest.mark.parametrize(
    "fields",
    [
        {"model": "swift"},
        {"systemInstruction": "a"},
        {"systemInstruction": {"parts": [{"inlineData": {}}]}},
        {"generationConfig": {"temperature": 3}},
        {"generationConfig": {"topK": 0}},
        {"generationConfig": {"seed": 2**31}},
        {"generationConfig": {"candidateCount": 2}},
        {"generationConfig": {"max_output_tokens": 0}},
        {"generationConfig": {"maxOutputTokens": 0}},
        {"generationConfig": {"stopSequences": ["a"] * 6}},
        {"generationConfig": {"stopSequences": [""]}},
        {"generationConfig": {"responseMimeType": "text/html"}},
        {"generationConfig": {"responseJsonSchema": {}}},
        {"generationConfig": {"responseMimeType": "application/json", "responseJsonSchema": {}, "responseSchema": {}}},
        {"generationConfig": {"thinkingConfig": {"includeThoughts": True}}},
        {"tools": [{"functionDeclarations": []}]},
        {"tools": [{"functionDeclarations": [{"name": "1"}]}]},
        {"tools": [{"functionDeclarations": [WEATHER, WEATHER]}]},
        {"tools": [{"functionDeclarations": [WEATHER | {"parameters": {}}]}]},
        {"tools": [{"googleSearch": {}}]},
        {"toolConfig": {"functionCallingConfig": {"mode": "ANY"}}},
        {"toolConfig": {"functionCallingConfig": {"mode": "MUST"}}},
        {"toolConfig": {"functionCallingConfig": {"mode": "AUTO", "allowedFunctionNames": ["f"]}}},
        {
            "tools": [{"functionDeclarations": [WEATHER]}],
            "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["g"]}},
        },
    ],
)
def test_fields_that_the_wire_does_not_allow(fields: dict[str, Any]) -> None:
    assert refused(**fields)


@pytest.mark.parametrize(
    "thinking",
    [
        {"thinkingLevel": "LOW", "thinkingBudget": 1},
        {"thinkingLevel": "BEST"},
        {"thinkingBudget": -2},
        {"thinkingBudget": 0, "includeThoughts": True},
        {"thinking": True},
    ],
)
def test_thinking_that_the_wire_does_not_allow(thinking: dict[str, Any]) -> None:
    assert refused(model_id="sage", generationConfig={"thinkingConfig": thinking})


@pytest.mark.parametrize(
    ("calling", "choice", "names"),
    [
        ({}, "auto", ["f", "g"]),
        ({"mode": "VALIDATED"}, "auto", ["f", "g"]),
        ({"mode": "NONE"}, "none", ["f", "g"]),
        ({"mode": "ANY"}, "required", ["f", "g"]),
        ({"mode": "ANY", "allowedFunctionNames": ["g"]}, "=g", ["g"]),
        ({"mode": "VALIDATED", "allowedFunctionNames": ["g"]}, "auto", ["g"]),
    ],
)
def test_tool_choice(calling: dict[str, Any], choice: str, names: list[str]) -> None:
    declared = [{"functionDeclarations": [{"name": "f"}]}, {"functionDeclarations": [{"name": "g"}]}]
    ask = read(tools=declared, toolConfig={"functionCallingConfig": calling})
    assert (ask.tool_choice, [tool.name for tool in ask.tools]) == (choice, names)


def test_names_may_be_written_either_way_but_callers_names_stay() -> None:
    schema = {"type": "OBJECT", "properties": {"a_b": {"type": "ARRAY", "min_items": 1, "items": {"type": "STRING"}}}}
    ask = read(
        user(),
        model({"function_call": {"name": "f", "args": {"x_y": 1}}}),
        user({"function_response": {"name": "f", "response": {"a_b": 1}}}),
        system_instruction={"parts": [{"text": "s"}]},
        tools=[{"function_declarations": [{"name": "f", "parameters": schema}]}],
        generation_config={"max_output_tokens": 7},
    )
    assert [(turn.text, turn.extra) for turn in ask.turns[2:]] == [("", 'f {"x_y": 1}'), ('{"a_b": 1}', "")]
    assert ask.tools[0].schema["properties"] == {"a_b": {"type": "array", "minItems": 1, "items": {"type": "string"}}}
    assert ask.max_output_tokens == 7


def test_openapi_schemas_become_json_schemas() -> None:
    openapi = {
        "type": "OBJECT",
        "properties": {
            "type": {"type": "STRING", "nullable": True, "enum": ["A"]},
            "list": {"type": "ARRAY", "items": {"type": "INTEGER"}, "minItems": "2"},
        },
        "required": ["type"],
        "propertyOrdering": ["type", "list"],
    }
    assert json_schema(openapi) == {
        "type": "object",
        "properties": {
            "type": {"type": ["string", "null"], "enum": ["A"]},
            "list": {"type": "array", "items": {"type": "integer"}, "minItems": 2},
        },
        "required": ["type"],
    }
