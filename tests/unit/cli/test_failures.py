"""What a person reads when a call fails."""

import subprocess
import sys
from datetime import timedelta

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from invocation import Run, invoke
from pointsman.cli.failures import CURES
from pointsman.v1.completion_pb2 import (
    FAILURE_KIND_RATE_LIMITED,
    FAILURE_KIND_UNAVAILABLE,
    AttemptFailure,
    CompletionFailure,
)
from pointsman.v1.error_reason_pb2 import ErrorReason
from pointsman.v1.usage_pb2 import TokenUsage
from scripted_server import Hold, Script, refusal, response, started, text


def test_every_reason_has_a_cure() -> None:
    reasons = {name.removeprefix("ERROR_REASON_") for name in ErrorReason.keys()} - {"UNSPECIFIED"}  # noqa: SIM118  # no dict
    assert set(CURES) == reasons


def test_every_attempt_is_told(run: Run, script: Script) -> None:
    failure = CompletionFailure(
        completion_id="cmp_1",
        usage=TokenUsage(input_tokens=12),
        cost_nanos=1_000,
        attempts=[
            AttemptFailure(
                provider_id="a", model_id="a/one", kind=FAILURE_KIND_RATE_LIMITED, retry_after=Duration(seconds=20)
            ),
            AttemptFailure(provider_id="b", model_id="b/two", kind=FAILURE_KIND_UNAVAILABLE),
        ],
    )
    script.refusals["Complete"] = [
        refusal(
            grpc.StatusCode.UNAVAILABLE,
            "ALL_PROVIDERS_FAILED",
            "both attempts failed",
            metadata={"decision_id": "dec_1"},
            retry_after=timedelta(seconds=20),
            failure=failure,
        )
    ]
    outcome = run("chat", "hi")
    assert outcome.code == 1
    assert outcome.err.splitlines() == [
        "ALL_PROVIDERS_FAILED: both attempts failed",
        "  a/one: rate limited, again in 20.0 s",
        "  b/two: unavailable",
        "  spent: 12 in + 0 out tokens, $0.000001",
        "  wait: 20.0 s",
        "  cure: try again later",
        "  decision: dec_1",
    ]


def test_what_stands_in_the_way_is_told(run: Run, script: Script) -> None:
    script.refusals["Complete"] = [
        refusal(
            grpc.StatusCode.FAILED_PRECONDITION,
            "NO_ELIGIBLE_MODEL",
            "no model is eligible",
            preconditions=(("capability", "3 models", "a/one: no vision"),),
        )
    ]
    assert "  capability: 3 models: a/one: no vision\n" in run("complete", "hi").err


def test_a_reason_that_the_message_gives_is_not_told_twice(run: Run, script: Script) -> None:
    script.refusals["Complete"] = [
        refusal(
            grpc.StatusCode.PERMISSION_DENIED,
            "POLICY_REFUSED",
            "Policy refuses this call: it is Sunday.",
            preconditions=(("allowed_hours", "", "it is Sunday."), ("max_images", "", "three are too many.")),
        )
    ]
    assert run("chat", "hi").err.splitlines()[:2] == [
        "POLICY_REFUSED: Policy refuses this call: it is Sunday.",
        "  max_images: three are too many.",
    ]


def test_a_field_that_the_message_names_is_not_told_twice(run: Run, script: Script) -> None:
    script.refusals["Complete"] = [
        refusal(
            grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", "a: is 2; and more", fields={"a": "is 2", "b": "is 3"}
        )
    ]
    assert run("complete", "hi").err.splitlines()[:2] == ["INVALID_FIELD: a: is 2; and more", "  b: is 3"]


def test_no_server_is_one_clear_line() -> None:
    outcome = invoke("--address", "127.0.0.1:1", "chat", "hi")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == "no server at 127.0.0.1:1: start one with `make run` or `pointsman-server serve`\n"


def test_the_address_of_the_environment_is_used_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POINTSMAN_ADDRESS", "unix:/nowhere/s")
    assert "no server at unix:/nowhere/s" in invoke("route", "hi").err


def test_a_connection_that_breaks_is_told(run: Run, script: Script) -> None:
    script.steps = (response(started(), text("Hel")), refusal(grpc.StatusCode.UNAVAILABLE, "", "socket closed"))
    outcome = run("complete", "hi")
    assert (outcome.code, outcome.out) == (1, "Hel\n")
    assert outcome.err == "UNAVAILABLE: socket closed\n"


def test_a_timeout_is_told(run: Run, script: Script) -> None:
    script.steps = (Hold(),)
    outcome = run("--timeout", "0.05", "complete", "hi")
    assert outcome.code == 1
    assert outcome.err.startswith("DEADLINE_EXCEEDED: ")


@pytest.mark.parametrize("arguments", [("nonsense",), ("complete", "--nonsense"), ("--timeout", "0", "models")])
def test_a_usage_error_is_two(arguments: tuple[str, ...]) -> None:
    outcome = invoke(*arguments)
    assert outcome.code == 2
    assert "Error: " in outcome.err


def test_version_and_help() -> None:
    assert invoke("--version").out.startswith("pointsman ")
    for command in ("chat", "complete", "route", "models", "providers", "usage", "feedback"):
        outcome = invoke(command, "--help")
        assert outcome.code == 0
        assert f"Usage: pointsman {command}" in outcome.out


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_the_extra_it_says_what_to_install(missing: str) -> None:
    program = "import sys; sys.modules[sys.argv[1]] = None; from pointsman.cli import main; sys.argv[1:] = []; main()"
    found = subprocess.run([sys.executable, "-c", program, missing], capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert found.stderr == f"the command line needs {missing}: pip install 'pointsman[cli]'\n"


def test_a_closed_pipe_ends_it_quietly(address: str, script: Script) -> None:
    script.steps = (response(started(), *[text("x" * 1_000 + "\n") for _ in range(1_000)]),)
    command = [sys.executable, "-m", "pointsman.cli", "--address", address, "complete", "hi"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(30) == 1
        assert process.stderr.read() == b""


def test_every_budget_that_is_short_is_told(run: Run, script: Script) -> None:
    script.refusals["Complete"] = [
        refusal(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            "BUDGET_EXHAUSTED",
            "no model fits",
            quotas={"user:ada": "monthly has 2 nanos left", "provider:b": "b has too little left"},
        )
    ]
    told = run("chat", "hi").err.splitlines()
    assert told[:3] == [
        "BUDGET_EXHAUSTED: no model fits",
        "  user:ada: monthly has 2 nanos left",
        "  provider:b: b has too little left",
    ]
