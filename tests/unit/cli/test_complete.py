"""``pointsman complete``."""

import json
from pathlib import Path

import grpc
import pytest
from invocation import Run
from pointsman import assistant
from pointsman.v1.completion_pb2 import (
    DELIVERY_WHOLE,
    FAILURE_KIND_RATE_LIMITED,
    PROFILE_CHEAPEST,
    CompletionEvent,
    Queued,
    ReasoningDelta,
    RouteChanged,
    Started,
    ToolCallDelta,
)
from pointsman.v1.completion_pb2 import Warning as Remark
from scripted_server import Script, finished, refusal, response, started, text

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8
FAILED = RouteChanged(
    failed_attempt=1, failed_model_id="a/one", kind=FAILURE_KIND_RATE_LIMITED, model_id="b/two", continues=False
)


def test_the_answer_goes_to_output_and_its_figures_to_error(run: Run) -> None:
    outcome = run("complete", "hi")
    assert (outcome.code, outcome.out) == (0, "Hello!\n")
    assert "openai/gpt-4o-mini · 12 in + 34 out tokens · $0.000123 · 1.2 s (first token 340 ms)" in outcome.err
    assert "\x1b" not in outcome.out + outcome.err


def test_every_option_reaches_the_server(run: Run, script: Script, tmp_path: Path) -> None:
    picture = tmp_path / "cat.png"
    picture.write_bytes(PNG)
    run(
        "complete", "What is it?", "--model", "a/one", "--provider", "a", "--profile", "cheapest", "--purpose",
        "vision", "--system", "Be short", "--max-tokens", "9", "--image", str(picture), "--label", "team=red=1",
        "--task", "LLM2_DRAFT", "--project", "apollo",
    )  # fmt: skip
    asked = script.requests[0].specification
    assert (asked.system_text, asked.max_output_tokens, asked.purpose) == ("Be short", 9, "vision")
    assert (asked.task_code, asked.project_id) == ("LLM2_DRAFT", "apollo")
    assert (asked.hints.pinned_models, asked.hints.pinned_providers) == (["a/one"], ["a"])
    assert asked.hints.profile == PROFILE_CHEAPEST
    assert dict(asked.labels) == {"team": "red=1"}
    assert [part.WhichOneof("kind") for part in asked.messages[0].parts] == ["text", "image"]
    assert asked.messages[0].parts[1].image.data == PNG


def test_nothing_is_set_that_was_not_asked_for(run: Run, script: Script) -> None:
    run("complete", "hi")
    asked = script.requests[0].specification
    assert not asked.HasField("max_output_tokens")
    assert not asked.HasField("output_format")
    assert not asked.tools


@pytest.mark.parametrize(
    ("arguments", "stdin", "prompt"),
    [
        ((), "from stdin", "from stdin"),
        (("--file", "-"), "from stdin", "from stdin"),
        (("argument", "--file", "-"), "from stdin", "argument\n\nfrom stdin"),
        (("argument",), "not read", "argument"),
    ],
)
def test_where_the_prompt_comes_from(
    run: Run, script: Script, arguments: tuple[str, ...], stdin: str, prompt: str
) -> None:
    assert run("complete", *arguments, stdin=stdin).code == 0
    assert script.requests[0].specification.messages[0].parts[0].text.text == prompt


def test_schema_and_tools_come_from_files(run: Run, script: Script, tmp_path: Path) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object"}')
    tools = tmp_path / "tools.json"
    weather = {"name": "weather", "description": "tells it", "parameters": {"type": "object"}, "strict": True}
    tools.write_text(json.dumps([weather, {"type": "function", "function": {"name": "now"}}]))
    assert run("complete", "hi", "--schema", str(schema), "--tools", str(tools)).code == 0
    asked = script.requests[0].specification
    assert asked.output_format.json_schema.json_schema == '{"type": "object"}'
    assert [(tool.name, tool.parameters_json_schema, tool.strict) for tool in asked.tools] == [
        ("weather", '{"type": "object"}', True),
        ("now", "", False),
    ]


@pytest.mark.parametrize(
    ("content", "option", "complaint"),
    [
        ("{", "--schema", "no JSON"),
        ("[]", "--schema", "a JSON Schema is an object"),
        ("{}", "--tools", "must be a list of objects"),
        ('[{"description": "nameless"}]', "--tools", "a tool needs a name"),
        ('[{"name": "x", "parameters": []}]', "--tools", "parameters that are an object"),
        ("\udcff", "--file", "invalid start byte"),
        ("text", "--image", "media type"),
    ],
)
def test_a_file_that_is_wrong_is_a_usage_error(
    run: Run, tmp_path: Path, content: str, option: str, complaint: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content.encode(errors="surrogateescape"))
    outcome = run("complete", "hi", option, str(path))
    assert outcome.code == 2
    assert complaint in outcome.err
    assert option in outcome.err
    assert outcome.out == ""


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("hi", "--file", "/nowhere"), "No such file"),
        (("hi", "--image", "/nowhere.png"), "No such file"),
        (("hi", "--label", "team"), "not KEY=VALUE"),
        (("hi", "--profile", "quick"), "balanced, best, cheapest"),
        (("hi", "--max-tokens", "0"), "--max-tokens"),
        (("hi", "--json", "--events"), "not both"),
        (("caf\udce9",), "not UTF-8"),
        ((), "the prompt is empty"),
    ],
)
def test_a_wrong_option_is_a_usage_error(run: Run, arguments: tuple[str, ...], complaint: str) -> None:
    outcome = run("complete", *arguments)
    assert outcome.code == 2
    assert complaint in outcome.err
    assert "Traceback" not in outcome.err


def test_json_is_one_object(run: Run, script: Script) -> None:
    script.steps = (response(started(), finished(message=assistant("whole"))),)
    outcome = run("complete", "hi", "--json")
    answer = json.loads(outcome.out)
    assert answer["completionId"] == "cmp_1"
    assert answer["message"]["parts"] == [{"text": {"text": "whole"}}]
    assert answer["finished"]["costNanos"] == "123000"
    assert "message" not in answer["finished"]
    assert (outcome.err, script.requests[0].delivery) == ("", DELIVERY_WHOLE)


def test_events_are_lines_of_json(run: Run) -> None:
    lines = [json.loads(line) for line in run("complete", "hi", "--events").out.splitlines()]
    assert [line["sequence"] for line in lines] == [0, 1, 2, 3, 4]
    assert lines[1]["event"]["textDelta"] == {"text": "Hel"}
    assert lines[-1]["event"]["finished"]["modelId"] == "openai/gpt-4o-mini"


def test_tool_calls_are_written_and_reasoning_is_not(run: Run, script: Script) -> None:
    thought = CompletionEvent(part_index=0, reasoning_delta=ReasoningDelta(text="secret thought"))
    call = CompletionEvent(
        part_index=2, tool_call_delta=ToolCallDelta(id="c1", name="weather", arguments_json='{"city":"Paris"}')
    )
    bare = CompletionEvent(part_index=3, tool_call_delta=ToolCallDelta(id="c2", name="now"))
    script.steps = (response(started(), thought, text("Let me see", 1), call, bare, finished()),)
    assert run("complete", "hi").out == 'Let me see\nweather({"city":"Paris"})\nnow({})\n'


def test_warnings_and_waits_are_remarks(run: Run, script: Script) -> None:
    warned = started()
    warned.started.warnings.append(Remark(field="specification.seed", message="was left out"))
    warned.started.warnings.append(Remark(message="by the way"))
    waiting = CompletionEvent(queued=Queued())
    checked = finished(warnings=[Remark(field="answer", message="check_personal_data: email 1")])
    script.steps = (response(waiting, warned, text("hi"), checked),)
    outcome = run("complete", "hi")
    assert outcome.out == "hi\n"
    assert outcome.err.splitlines()[:4] == [
        "waiting, about 0 ms",
        "specification.seed: was left out",
        "by the way",
        "answer: check_personal_data: email 1",
    ]


def test_a_change_of_route_before_the_text_is_a_remark(run: Run, script: Script) -> None:
    change = CompletionEvent(attempt=2, route_changed=FAILED)
    script.steps = (response(started(), change, text("two"), finished()),)
    outcome = run("complete", "hi")
    assert (outcome.code, outcome.out) == (0, "two\n")
    assert "a/one failed (rate limited): b/two took over" in outcome.err


def test_another_try_of_the_same_model_is_told_as_one(run: Run, script: Script) -> None:
    change = CompletionEvent(attempt=2, route_changed=FAILED)
    change.route_changed.model_id = change.route_changed.failed_model_id
    script.steps = (response(started(), change, text("two"), finished()),)
    assert "a/one failed (rate limited): a/one was tried again" in run("complete", "hi").err


def test_void_text_in_a_pipe_fails(run: Run, script: Script) -> None:
    change = CompletionEvent(attempt=2, route_changed=FAILED)
    script.steps = (response(started(), text("one"), change, text("two"), finished()),)
    outcome = run("complete", "hi")
    assert (outcome.code, outcome.out) == (1, "one\n")
    assert "b/two starts again, and what was written is void" in outcome.err


def test_what_the_model_writes_reaches_a_pipe_unchanged(run: Run, script: Script) -> None:
    script.steps = (response(CompletionEvent(started=Started()), text("[bold]\x1b[31mred :smile:\t \r\n"), finished()),)
    assert run("complete", "hi").out == "[bold]\x1b[31mred :smile:\t \r\n"


def test_a_refusal_says_reason_fields_and_cure(run: Run, script: Script) -> None:
    script.refusals["Complete"] = [
        refusal(
            grpc.StatusCode.INVALID_ARGUMENT,
            "INVALID_FIELD",
            "the request is wrong",
            fields={"specification.max_output_tokens": "must be at least 1"},
            metadata={"request_id": "req_1"},
        )
    ]
    outcome = run("complete", "hi")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == (
        "INVALID_FIELD: the request is wrong\n"
        "  specification.max_output_tokens: must be at least 1\n"
        "  cure: mend the named fields\n"
        "  request: req_1\n"
    )
