"""A status and its details become an error that a program can act on."""

from datetime import timedelta
from pathlib import Path

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from pointsman import Client
from pointsman.errors import (
    Cancelled,
    Conflict,
    DeadlineExceeded,
    Exhausted,
    FeatureNotAvailable,
    FieldViolation,
    InvalidRequest,
    NotAllowed,
    NotFound,
    PointsmanError,
    Precondition,
    PreconditionFailed,
    ServerFailed,
    ServerUnreachable,
    Unavailable,
)
from pointsman.v1.completion_pb2 import FAILURE_KIND_RATE_LIMITED, AttemptFailure, CompletionFailure
from scripted_server import Hold, Refusal, Script, refusal


def raised(script: Script, address: str, answer: Refusal) -> PointsmanError:
    script.refusals["Route"] = [answer]
    with Client(address) as client, pytest.raises(PointsmanError) as caught:
        client.route("hi")
    return caught.value


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (grpc.StatusCode.INVALID_ARGUMENT, InvalidRequest),
        (grpc.StatusCode.FAILED_PRECONDITION, PreconditionFailed),
        (grpc.StatusCode.NOT_FOUND, NotFound),
        (grpc.StatusCode.ALREADY_EXISTS, Conflict),
        (grpc.StatusCode.PERMISSION_DENIED, NotAllowed),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, Exhausted),
        (grpc.StatusCode.UNIMPLEMENTED, FeatureNotAvailable),
        (grpc.StatusCode.UNAVAILABLE, Unavailable),
        (grpc.StatusCode.DEADLINE_EXCEEDED, DeadlineExceeded),
        (grpc.StatusCode.CANCELLED, Cancelled),
        (grpc.StatusCode.INTERNAL, ServerFailed),
    ],
)
def test_a_status_has_its_class(
    script: Script, address: str, code: grpc.StatusCode, kind: type[PointsmanError]
) -> None:
    error = raised(script, address, refusal(code, "SOME_REASON", "why"))
    assert type(error) is kind
    assert (error.status, error.reason, error.message) == (code, "SOME_REASON", "why")


def test_every_detail_is_decoded(script: Script, address: str) -> None:
    failure = CompletionFailure(
        completion_id="cmp_1",
        cost_nanos=5,
        attempts=[AttemptFailure(provider_id="a", model_id="a/b", kind=FAILURE_KIND_RATE_LIMITED)],
    )
    error = raised(
        script,
        address,
        refusal(
            grpc.StatusCode.UNAVAILABLE,
            "ALL_PROVIDERS_FAILED",
            "every attempt failed",
            metadata={"decision_id": "dec_1", "request_id": "req_1"},
            fields={"specification.messages": "at least one"},
            preconditions=(("vision", "3 models", "the model has no vision"),),
            retry_after=timedelta(seconds=2.5),
            failure=failure,
        ),
    )
    assert error.metadata["decision_id"] == "dec_1"
    assert error.request_id == "req_1"
    assert error.fields == (FieldViolation("specification.messages", "at least one"),)
    assert error.preconditions == (Precondition("vision", "3 models", "the model has no vision"),)
    assert error.retry_after == timedelta(seconds=2.5)
    assert error.failure == failure
    assert str(error) == "ALL_PROVIDERS_FAILED: every attempt failed; specification.messages: at least one"
    assert isinstance(error.__cause__, grpc.RpcError)


def test_the_request_id_may_come_in_a_trailer(script: Script, address: str) -> None:
    answer = Refusal(grpc.StatusCode.INTERNAL, trailers=(("x-request-id", "req_7"),))
    assert raised(script, address, answer).request_id == "req_7"


def test_another_programs_reason_is_not_taken_for_ours(script: Script, address: str) -> None:
    stranger = ErrorInfo(reason="THEIRS", domain="example.com", metadata={"request_id": "x"})
    error = raised(script, address, Refusal(grpc.StatusCode.NOT_FOUND, details=(stranger,)))
    assert (error.reason, error.metadata, error.request_id) == ("", {}, "")


def test_rubbish_in_the_details_hides_nothing(script: Script, address: str) -> None:
    answer = Refusal(grpc.StatusCode.NOT_FOUND, "gone", trailers=(("grpc-status-details-bin", b"\xff\xff"),))
    error = raised(script, address, answer)
    assert isinstance(error, NotFound)
    assert (error.message, error.reason) == ("gone", "")


def test_nobody_there(socket: Path) -> None:
    with Client(f"unix:{socket}") as client, pytest.raises(ServerUnreachable) as caught:
        client.route("hi")
    assert caught.value.status is grpc.StatusCode.UNAVAILABLE


def test_a_deadline_that_passes_here(script: Script, address: str) -> None:
    script.steps = (Hold(),)
    with Client(address, timeout=0.05) as client, pytest.raises(DeadlineExceeded):
        client.complete("hi").final()


def test_short_budgets_are_told_one_by_one(script: Script, address: str) -> None:
    short = {"tenant": "monthly has 2 nanos left", "global": "all has too little left"}
    error = raised(script, address, refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, "BUDGET_EXHAUSTED", quotas=short))
    assert error.quotas == tuple(short.items())
