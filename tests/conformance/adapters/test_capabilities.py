"""One list of capabilities, through every dialect: encoded, taken by the sandbox on a real socket, decoded.

``hosts.HOSTS`` says of each dialect, and of its variants, what it cannot do. Nothing may be left out in silence.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import httpx
import pytest
from pointsman.v1.completion_pb2 import (
    CompletionEvent,
    CompletionSpecification,
    FailureKind,
    FinishReason,
    ReasoningEffort,
    Sampling,
)
from pointsman.v1.content_pb2 import (
    AudioPart,
    CacheBreakpoint,
    CacheLifetime,
    DocumentPart,
    ImageDetail,
    ImagePart,
    JsonObjectFormat,
    JsonSchemaFormat,
    Message,
    OutputFormat,
    Part,
    Role,
    TextPart,
    Tool,
    ToolChoice,
    ToolChoiceMode,
    ToolResultPart,
)
from pointsman.v1.model_pb2 import Capability
from pointsman.v1.usage_pb2 import TokenUsage
from pointsman_server.adapters.base import DecodedEvent, Dialect, ProviderFailure, Stopped, Target, UsageReported
from pointsman_server.adapters.dialects import DIALECTS
from pointsman_server.catalog.model import Auth, AuthScheme, Model, Provider
from pointsman_server.execution.message import MessageBuilder
from pointsman_server.sandbox import MODELS, Fault, Sandbox
from pointsman_server.sandbox.faults import describe
from pointsman_server.sandbox.meter import Entry

from tests.conformance.adapters.hosts import HOSTS, PICTURE_IN_RESULT, Host

CAP = 2_000
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 50
PDF = b"%PDF-1.7" + b"\0" * 50
WAV = b"RIFF" + b"\0" * 60
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
WEATHER = Tool(name="get_weather", description="Tells it.", parameters_json_schema=json.dumps(SCHEMA))
STRICT_WEATHER = Tool(name="get_weather", parameters_json_schema=json.dumps(SCHEMA), strict=True)
TIME = Tool(name="get_time")
ALL = frozenset(Capability.values()) - {Capability.CAPABILITY_UNSPECIFIED}
THINKING = ALL
PLAIN = ALL - {Capability.CAPABILITY_REASONING}


@dataclass
class Answer:
    """What came of one request."""

    message: Message
    reason: str
    usage: TokenUsage
    warned: tuple[str, ...]
    entry: Entry

    @property
    def text(self) -> str:
        return "".join(part.text.text for part in self.message.parts)

    @property
    def thoughts(self) -> str:
        return "".join(part.reasoning.text for part in self.message.parts)

    @property
    def calls(self) -> dict[str, Any]:
        """The arguments of each call, by the tool's name."""
        called = [part.tool_call for part in self.message.parts if part.HasField("tool_call")]
        return {call.name: json.loads(call.arguments_json) for call in called}


Check = Callable[[Answer], bool]


@dataclass(frozen=True)
class Case:
    """A capability: what is asked, of whom, and what shows that it was understood."""

    specification: CompletionSpecification
    check: Check
    model: str = "swift"
    capabilities: frozenset[Capability.ValueType] = PLAIN


def text(words: str, **more: Any) -> Part:
    return Part(text=TextPart(text=words), **more)


def user(*parts: Part, **more: Any) -> Message:
    return Message(role=Role.ROLE_USER, parts=parts, **more)


def asking(*parts: Part, **fields: Any) -> CompletionSpecification:
    return CompletionSpecification(messages=[user(*(parts or (text("hello there"),)))], **fields)


def says(*words: str) -> Check:
    return lambda answer: all(word in answer.text for word in words) and answer.reason == "STOP"


def calls(**expected: set[str]) -> Check:
    """Whether these tools were called, each with these arguments."""
    return lambda answer: (
        answer.reason == "TOOL_CALLS" and {name: set(given) for name, given in answer.calls.items()} == expected
    )


def has_members(*names: str) -> Check:
    return lambda answer: set(json.loads(answer.text)) == set(names)


def choosing(mode: ToolChoiceMode.ValueType, name: str = "", **more: Any) -> dict[str, Any]:
    return {"tools": [WEATHER, TIME], "tool_choice": ToolChoice(mode=mode, tool_name=name, **more)}


IMAGE = Part(image=ImagePart(data=PNG, media_type="image/png"))
REMOTE_IMAGE = Part(image=ImagePart(uri="https://example.com/a.png"))
LOW_IMAGE = Part(image=ImagePart(data=PNG, media_type="image/png", detail=ImageDetail.IMAGE_DETAIL_LOW))
DOCUMENT = Part(document=DocumentPart(data=PDF, media_type="application/pdf", file_name="a.pdf"))
REMOTE_DOCUMENT = Part(document=DocumentPart(uri="https://example.com/a.pdf", media_type="application/pdf"))
TEXT_DOCUMENT = Part(document=DocumentPart(data=b"Hello", media_type="text/plain", file_name="a.txt"))
AUDIO = Part(audio=AudioPart(data=WAV, media_type="audio/wav"))
BREAKPOINT = CacheBreakpoint(lifetime=CacheLifetime.CACHE_LIFETIME_SHORT)
AUTO, NONE, REQUIRED, NAMED = (ToolChoiceMode.Value(f"TOOL_CHOICE_MODE_{name}") for name in (
    "AUTO", "NONE", "REQUIRED", "NAMED"
))  # fmt: skip
BY_SCHEMA = OutputFormat(json_schema=JsonSchemaFormat(name="place", json_schema=json.dumps(SCHEMA)))
EFFORT = {name: ReasoningEffort.Value(f"REASONING_EFFORT_{name}") for name in ("NONE", "LOW", "HIGH")}


def sampled(**fields: Any) -> Case:
    return Case(asking(sampling=Sampling(**fields)), says("hello there"))


CASES = {
    "text": Case(asking(), says("hello there")),
    "system text": Case(asking(system_text="[[sandbox: text=understood]]"), says("understood")),
    "name of a speaker": Case(CompletionSpecification(messages=[user(text("hello"), name="Ann")]), says("hello")),
    "image": Case(asking(IMAGE, text("look")), says("your image"), "steady"),
    "image by address": Case(asking(REMOTE_IMAGE, text("look")), says("your image"), "steady"),
    "image detail": Case(asking(LOW_IMAGE, text("look")), says("your image"), "steady"),
    "audio": Case(asking(AUDIO, text("listen")), says("your audio of 64 bytes"), "steady"),
    "document": Case(asking(DOCUMENT, text("read")), says("your document of 58 bytes"), "sage"),
    "document by address": Case(asking(REMOTE_DOCUMENT, text("read")), says("your document"), "sage"),
    "text document": Case(asking(TEXT_DOCUMENT, text("read")), says("your document of 5 bytes"), "sage"),
    "a tool": Case(asking(text("get_weather"), tools=[WEATHER, TIME]), calls(get_weather={"city", "days"})),
    "a tool without arguments": Case(asking(text("get_time"), tools=[TIME]), calls(get_time=set())),
    "several tools at once": Case(
        asking(text("get_weather and get_time"), tools=[WEATHER, TIME]),
        calls(get_weather={"city", "days"}, get_time=set()),
    ),
    "no tool": Case(asking(text("get_time"), **choosing(NONE)), says("get_time")),
    "some tool": Case(asking(**choosing(REQUIRED)), calls(get_weather={"city", "days"})),
    "a named tool": Case(asking(**choosing(NAMED, "get_time")), calls(get_time=set())),
    "a strict tool": Case(
        asking(text("get_weather"), tools=[STRICT_WEATHER]),
        calls(get_weather={"city", "days"}),
    ),
    "any JSON object": Case(asking(output_format=OutputFormat(json_object=JsonObjectFormat())), says("")),
    "JSON by a schema": Case(asking(output_format=BY_SCHEMA), has_members("city", "days")),
    "stop sequences": Case(asking(stop_sequences=["simulated"]), lambda answer: "simulated" not in answer.text),
    "temperature": sampled(temperature=0.5),
    "top_p": sampled(top_p=0.9),
    "top_k": sampled(top_k=40),
    "penalties": sampled(frequency_penalty=0.1, presence_penalty=0.2),
    "seed": Case(asking(seed=7), says("hello there")),
    "much thinking": Case(
        asking(reasoning_effort=EFFORT["HIGH"]),
        lambda answer: bool(answer.thoughts) and answer.usage.reasoning_tokens > 0,
        "sage",
        THINKING,
    ),
    "no thinking": Case(asking(reasoning_effort=EFFORT["NONE"]), lambda answer: not answer.thoughts, "sage", THINKING),
    "cache breakpoints": Case(
        asking(
            text("hello there", cache_breakpoint=BREAKPOINT),
            system_text="Be brief.",
            system_cache_breakpoint=CacheBreakpoint(lifetime=CacheLifetime.CACHE_LIFETIME_LONG),
        ),
        says("hello there"),
        "steady",
    ),
    "more than four cache breakpoints": Case(
        asking(*[text("hello there", cache_breakpoint=BREAKPOINT)] * 5), says("hello there"), "steady"
    ),
}  # fmt: skip


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(burst=True) as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(verify=False) as client:  # nothing here speaks TLS
        yield client


@dataclass
class Line:
    """One host of the sandbox, ready to be asked."""

    host: Host
    sandbox: Sandbox
    http: httpx.AsyncClient

    @property
    def dialect(self) -> Dialect:
        return DIALECTS[self.host.dialect]

    @property
    def provider(self) -> Provider:
        return Provider(
            "sandbox",
            "Sandbox",
            self.host.dialect,
            self.sandbox.root_url + self.host.path,
            auth=Auth(scheme=AuthScheme.NONE),
            headers=self.host.headers,
            quirks=self.host.quirks,
        )

    async def ask(
        self, specification: CompletionSpecification, model: str, capabilities: frozenset[Capability.ValueType]
    ) -> Answer:
        row = Model(f"sandbox/{model}", "sandbox", model, model, model, capabilities=capabilities)
        encoded = self.dialect.encode(specification, Target(self.provider, row, CAP), None)
        call = encoded.call
        reply = await self.http.request(call.method, call.url, headers=dict(call.headers), content=call.body)
        if reply.status_code != httpx.codes.OK:
            raise self.dialect.failure(reply.status_code, dict(reply.headers), reply.content)
        decoder = self.dialect.decoder(reply.headers["content-type"], self.host.quirks)
        events = [*decoder.feed(reply.content), *decoder.close()]
        warned = tuple(warning.field.removeprefix("specification.") for warning in encoded.warnings)
        return _answer(events, warned, self.sandbox.meter.entries[-1])


def _answer(events: list[DecodedEvent], warned: tuple[str, ...], entry: Entry) -> Answer:
    builder = MessageBuilder()
    for event in events:
        if isinstance(event, CompletionEvent):
            builder.add(event)
    [*_, reason] = [event.reason for event in events if isinstance(event, Stopped)]
    [*_, usage] = [event for event in events if isinstance(event, UsageReported)]
    assert usage.whole
    return Answer(
        builder.message(), FinishReason.Name(reason).removeprefix("FINISH_REASON_"), usage.usage, warned, entry
    )


@pytest.fixture
def line(sandbox: Sandbox, http: httpx.AsyncClient) -> Callable[[str], Line]:
    return lambda name: Line(HOSTS[name], sandbox, http)


def test_every_dialect_is_held_to_the_list() -> None:
    assert {host.dialect for host in HOSTS.values()} == set(DIALECTS)
    assert all(
        set(host.warns) | host.refuses | host.host_refuses | host.beyond_models <= {*CASES, PICTURE_IN_RESULT}
        for host in HOSTS.values()
    )


@pytest.mark.parametrize("capability", CASES)
@pytest.mark.parametrize("name", HOSTS)
async def test_capabilities(name: str, capability: str, line: Callable[[str], Line]) -> None:
    case, host = CASES[capability], HOSTS[name]
    asked = line(name).ask(case.specification, case.model, case.capabilities)
    if capability in host.refuses | host.host_refuses:
        with pytest.raises(ProviderFailure) as refused:
            await asked
        assert refused.value.kind == FailureKind.FAILURE_KIND_INVALID_REQUEST
        assert (refused.value.http_status is None) == (capability in host.refuses)
        return
    answer = await asked
    assert capability in host.beyond_models or case.check(answer), answer
    assert answer.warned == host.warns.get(capability, ())
    assert_counted(answer)


def assert_counted(answer: Answer) -> None:
    """What the dialect reads is what the sandbox counted, class by class."""
    entry, usage = answer.entry, answer.usage
    assert (usage.input_tokens, usage.cache_read_tokens) == (entry.input_tokens, entry.cached_tokens)
    assert (usage.output_tokens, usage.reasoning_tokens) == (entry.output_tokens, entry.reasoning_tokens)


@pytest.mark.parametrize("name", HOSTS)
async def test_cached_input_is_told_apart(name: str, line: Callable[[str], Line]) -> None:
    specification = asking(text("word " * 100, cache_breakpoint=BREAKPOINT))
    first, second = [await line(name).ask(specification, "steady", PLAIN) for _ in range(2)]
    assert first.usage.cache_read_tokens == 0
    assert second.usage.cache_read_tokens > 0
    for answer in (first, second):
        assert_counted(answer)


def talk(message: str) -> CompletionSpecification:
    return asking(text(message), tools=[WEATHER, TIME], reasoning_effort=EFFORT["HIGH"])


def answered(message: Message, words: str = "12 °C") -> Message:
    results = [
        Part(tool_result=ToolResultPart(tool_call_id=part.tool_call.id, parts=[text(words)]))
        for part in message.parts
        if part.HasField("tool_call")
    ]
    return Message(role=Role.ROLE_TOOL, parts=results)


async def converse(lines: list[Line]) -> list[Answer]:
    """A conversation with tools and thoughts, each of whose requests goes down the next line."""
    specification = talk("use get_weather and get_time")
    answers: list[Answer] = []
    for turn, line in enumerate(lines):
        answer = await line.ask(specification, "sage", THINKING)
        answers.append(answer)
        specification.messages.append(answer.message)
        if answer.calls:
            specification.messages.append(answered(answer.message))
        else:
            specification.messages.append(user(text(f"and now, again, get_time, for turn {turn}")))
    return answers


@pytest.mark.parametrize("name", HOSTS)
async def test_a_conversation_with_tools_and_thoughts_goes_round(name: str, line: Callable[[str], Line]) -> None:
    answers = await converse([line(name)] * 5)
    assert [set(answer.calls) for answer in answers] == [
        {"get_weather", "get_time"}, set(), {"get_time"}, set(), {"get_time"}
    ]  # fmt: skip
    assert all(answer.thoughts for answer in answers)
    assert all(answer.warned == () for answer in answers)
    assert "12 °C" in answers[1].text


@pytest.mark.parametrize(("one", "other"), list(permutations(HOSTS, 2)))
async def test_a_conversation_moves_between_dialects(one: str, other: str, line: Callable[[str], Line]) -> None:
    """In the middle of a loop of tools, and back: no host refuses what another dialect made."""
    answers = await converse([line(name) for name in (one, other, one, one, other, other, one)])
    assert [bool(answer.calls) for answer in answers] == [True, False, True, False, True, False, True]
    assert {field for answer in answers for field in answer.warned} <= {"reasoning_effort"}


@pytest.mark.parametrize("name", HOSTS)
async def test_images_and_failures_of_tools(name: str, line: Callable[[str], Line]) -> None:
    asked = asking(text("get_weather and get_time"), tools=[WEATHER, TIME])
    first = await line(name).ask(asked, "steady", PLAIN)
    picture, failed = answered(first.message).parts
    picture.tool_result.parts.append(IMAGE)
    failed.tool_result.is_error = True
    asked.messages.extend([first.message, Message(role=Role.ROLE_TOOL, parts=[picture, failed])])
    answer = await line(name).ask(asked, "steady", PLAIN)
    assert answer.warned == HOSTS[name].warns.get(PICTURE_IN_RESULT, ())


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(status=400), "INVALID_REQUEST"),
        (Fault(status=401), "KEY_REJECTED"),
        (Fault(status=402), "QUOTA_EXHAUSTED"),
        (Fault(status=429, retry_after="7"), "RATE_LIMITED"),
        (Fault(status=500), "UNAVAILABLE"),
        (Fault(status=503, retry_after="7"), "UNAVAILABLE"),
        (Fault(status=504), "TIMEOUT"),
        (Fault(error_after=2), "UNAVAILABLE"),
        (Fault(body="html"), "GARBAGE"),
        (Fault(body="not_json"), "GARBAGE"),
        (Fault(body="empty"), "CUT"),
        (Fault(no_done=True, no_finish=True), "CUT"),
    ],
    ids=lambda value: describe(value) if isinstance(value, Fault) else value,
)
@pytest.mark.parametrize("name", HOSTS)
async def test_failures_mean_the_same(name: str, fault: Fault, kind: str, line: Callable[[str], Line]) -> None:
    asked = line(name)
    asked.sandbox.script.push(fault)
    with pytest.raises(ProviderFailure) as failed:
        await asked.ask(asking(), "swift", PLAIN)
    assert FailureKind.Name(failed.value.kind) == f"FAILURE_KIND_{kind}"
    wait = failed.value.retry_after
    assert (None if wait is None else str(int(wait.total_seconds()))) == fault.retry_after


@pytest.mark.parametrize("name", HOSTS)
async def test_an_unknown_model_and_too_long_a_prompt(name: str, line: Callable[[str], Line]) -> None:
    for model, words, kind in (("none", "x", "MODEL_NOT_FOUND"), ("swift", "word " * 40_000, "CONTEXT_EXCEEDED")):
        with pytest.raises(ProviderFailure) as failed:
            await line(name).ask(asking(text(words)), model, PLAIN)
        assert FailureKind.Name(failed.value.kind) == f"FAILURE_KIND_{kind}"


@pytest.mark.parametrize("name", HOSTS)
async def test_the_models_are_listed(name: str, line: Callable[[str], Line]) -> None:
    asked = line(name)
    found: set[str] = set()
    page = None
    while True:
        call = asked.dialect.list_models(asked.provider, None, page)
        reply = await asked.http.request(call.method, call.url, headers=dict(call.headers))
        models = asked.dialect.models(reply.content)
        found |= {model.external_id.removeprefix("models/") for model in models.models}
        page = models.next_page
        if page is None:
            break
    assert found == set(MODELS)
