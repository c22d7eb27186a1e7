"""``pointsman chat`` with an argument, and its loop with lines from a pipe."""

from pathlib import Path

import grpc
import pytest
from invocation import Outcome, Run
from pointsman.v1.completion_pb2 import CompletionEvent, ReasoningDelta, RefusalDelta
from pointsman.v1.content_pb2 import ROLE_ASSISTANT, ROLE_USER, OpaqueState
from pointsman.v1.decision_pb2 import Decision
from pointsman.v1.router_service_pb2 import (
    IMPLICIT_SIGNAL_REGENERATE,
    CompleteRequest,
    RecordFeedbackRequest,
    RouteRequest,
)
from scripted_server import Script, finished, refusal, response, started, text

SUMMARY = "openai/gpt-4o-mini · 12 in + 34 out tokens · $0.000123 · 1.2 s (first token 340 ms)"
THOUGHT = CompletionEvent(
    part_index=0,
    reasoning_delta=ReasoningDelta(text="let me think", opaque_state=OpaqueState(dialect="anthropic", data=b"sig")),
)


def converse(run: Run, *lines: str, options: tuple[str, ...] = ()) -> Outcome:
    return run("chat", *options, stdin="\n".join(lines) + "\n")


def texts(request: CompleteRequest) -> list[str]:
    return [part.text.text for message in request.specification.messages for part in message.parts]


def test_one_question_shows_answer_and_figures(run: Run) -> None:
    outcome = run("chat", "hello")
    assert (outcome.code, outcome.out, outcome.err) == (0, f"Hello!\n{SUMMARY}\n", "")


def test_reasoning_is_shown_when_asked_for(run: Run, script: Script) -> None:
    script.steps = (response(started(), THOUGHT, text("Hello!", 1), finished()),)
    assert run("chat", "hello").out.startswith("Hello!\n")
    assert run("chat", "hello", "--show-reasoning").out.startswith("let me think\nHello!\n")


def test_a_models_refusal_is_its_answer(run: Run, script: Script) -> None:
    declines = CompletionEvent(refusal_delta=RefusalDelta(text="I would rather not."))
    script.steps = (response(started(), declines, finished()),)
    assert run("chat", "hello").out.startswith("I would rather not.\n")


def test_a_conversation_carries_its_turns_and_their_opaque_states(run: Run, script: Script) -> None:
    script.steps = (response(started(), THOUGHT, text("Hello!", 1), finished()),)
    outcome = converse(run, "first", "", "second", "/quit", "never asked")
    assert outcome.code == 0
    assert outcome.out.count(SUMMARY) == 2
    _, second = script.requests
    assert [message.role for message in second.specification.messages] == [ROLE_USER, ROLE_ASSISTANT, ROLE_USER]
    assert second.specification.messages[1].parts[0].reasoning.opaque_state.data == b"sig"
    assert texts(second) == ["first", "", "Hello!", "second"]


def test_images_go_with_the_first_question(run: Run, script: Script, tmp_path: Path) -> None:
    picture = tmp_path / "cat.gif"
    picture.write_bytes(b"GIF89a")
    converse(run, "first", "second", options=("--image", str(picture)))
    images = [
        sum(part.HasField("image") for part in request.specification.messages[-1].parts) for request in script.requests
    ]
    assert images == [1, 0]


def test_model_pins_and_unpins(run: Run, script: Script) -> None:
    outcome = converse(run, "/model", "/model a/one", "hi", "/model any", "hi", options=("--model", "b/two"))
    assert [list(request.specification.hints.pinned_models) for request in script.requests] == [["a/one"], []]
    assert outcome.err.splitlines() == ["model: b/two", "model: a/one", "model: any"]


@pytest.mark.parametrize(("command", "rating"), [("/good", 1.0), ("/bad", 0.0)])
def test_an_answer_is_rated(run: Run, script: Script, command: str, rating: float) -> None:
    outcome = converse(run, "hi", command)
    feedback = script.requests[1]
    assert isinstance(feedback, RecordFeedbackRequest)
    assert (feedback.completion_id, feedback.rating, feedback.HasField("rating")) == ("cmp_1", rating, True)
    assert outcome.err == f"noted: openai/gpt-4o-mini rated {rating:g}\n"


def test_regenerate_tells_the_router_and_asks_the_same_again(run: Run, script: Script) -> None:
    converse(run, "one", "two", "/regenerate", "three")
    _, second, feedback, again, third = script.requests
    assert isinstance(feedback, RecordFeedbackRequest)
    assert (feedback.completion_id, feedback.signal) == ("cmp_1", IMPLICIT_SIGNAL_REGENERATE)
    assert again == second
    assert texts(third) == ["one", "Hello!", "two", "Hello!", "three"]


def test_route_explains_the_last_question_or_another(run: Run, script: Script) -> None:
    script.decision = Decision(decision_id="dec_1", plan=["openai/gpt-4o-mini"], explanation="it is the only one")
    outcome = converse(run, "/route", "/route what if", "hi", "/route")
    hypothetical, _, last = script.requests
    assert isinstance(hypothetical, RouteRequest)
    assert texts(hypothetical) == ["what if"]
    assert texts(last) == ["hi"]
    assert outcome.out.count("it is the only one") == 2
    assert "there is no question yet" in outcome.err


def test_reset_forgets(run: Run, script: Script) -> None:
    outcome = converse(run, "one", "/reset", "two", "/reset", "/good", "/regenerate")
    assert texts(script.requests[1]) == ["two"]
    assert "no answer to rate yet" in outcome.err
    assert "no answer to replace yet" in outcome.err
    assert len(script.requests) == 2


def test_help_lists_every_command_and_a_wrong_one_is_told(run: Run, script: Script) -> None:
    outcome = converse(run, "/help", "/nonsense")
    for command in ("/model", "/good", "/bad", "/regenerate", "/route", "/reset", "/quit"):
        assert command in outcome.err
    assert "no command /nonsense" in outcome.err
    assert script.requests == []


def test_a_failed_turn_leaves_the_conversation_as_it_was(run: Run, script: Script) -> None:
    script.refusals["Complete"] = [refusal(grpc.StatusCode.UNAVAILABLE, "OVERLOADED", "too many calls")]
    outcome = converse(run, "refused", "accepted")
    assert outcome.code == 0
    assert "OVERLOADED: too many calls" in outcome.err
    assert texts(script.requests[1]) == ["accepted"]


def test_a_wrong_option_is_refused_before_the_first_question(run: Run, script: Script) -> None:
    assert run("chat", "--profile", "quick").code == 2
    assert script.requests == []
