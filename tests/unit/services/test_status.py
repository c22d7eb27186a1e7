"""Every error becomes a status with its reason and details, in at most 4 KB."""

from datetime import timedelta
from typing import TypeVar

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, PreconditionFailure, QuotaFailure, RetryInfo
from google.rpc.status_pb2 import Status as RpcStatus
from hypothesis import given
from hypothesis import strategies as st
from pointsman.v1.completion_pb2 import AttemptFailure, CompletionFailure, FailureKind
from pointsman.v1.error_reason_pb2 import ErrorReason
from pointsman_server import errors
from pointsman_server.errors import FieldViolation, PointsmanError, PreconditionViolation
from pointsman_server.services.status import MAX_STATUS_BYTES, cut, status_of

M = TypeVar("M", bound=Message)
CLASSES = PointsmanError.__subclasses__()


def detail(status: RpcStatus, kind: type[M]) -> M:
    (packed,) = (packed for packed in status.details if packed.Is(kind.DESCRIPTOR))
    return kind.FromString(packed.value)


def test_every_reason_has_exactly_one_class_and_every_class_a_reason() -> None:
    reasons = {name.removeprefix("ERROR_REASON_") for name in dict(ErrorReason.items())} - {"UNSPECIFIED"}
    assert sorted(cls.reason for cls in CLASSES) == sorted(reasons)


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    for cls in CLASSES:
        assert f"{cls.__name__} {cls.status.name} {cls.reason}" in " ".join((errors.__doc__ or "").split())


@pytest.mark.parametrize("cls", CLASSES)
def test_every_class_becomes_its_status(cls: type[PointsmanError]) -> None:
    status = status_of(cls("what was wrong", metadata={"a": "b"}), "req_1")
    info = detail(status, ErrorInfo)
    assert (status.code, status.message) == (cls.status, "what was wrong")
    assert (info.reason, info.domain) == (cls.reason, "pointsman")
    assert info.metadata == {"a": "b", "request_id": "req_1"}
    assert len(status.details) == 1


def test_all_details_travel() -> None:
    failure = CompletionFailure(
        completion_id="cmp", attempts=[AttemptFailure(provider_id="p", kind=FailureKind.FAILURE_KIND_CUT)]
    )
    error = errors.AllProvidersFailed(
        "no",
        fields=(FieldViolation("a.b", "is wrong"),),
        preconditions=(PreconditionViolation("filter", "3 models", "x"),),
        retry_after=timedelta(seconds=1.5),
        failure=failure,
    )
    status = status_of(error, "req")
    assert detail(status, RetryInfo).retry_delay.ToTimedelta() == timedelta(seconds=1.5)
    assert detail(status, CompletionFailure) == failure
    assert detail(status, BadRequest) == BadRequest(
        field_violations=[BadRequest.FieldViolation(field="a.b", description="is wrong")]
    )
    assert detail(status, PreconditionFailure) == PreconditionFailure(
        violations=[PreconditionFailure.Violation(type="filter", subject="3 models", description="x")]
    )


def test_a_wait_in_the_past_is_no_wait() -> None:
    status = status_of(errors.Overloaded("x", retry_after=timedelta(seconds=-1)), "req")
    assert detail(status, RetryInfo) == RetryInfo(retry_delay=Duration())


def test_at_most_ten_examples_and_the_count_of_the_rest() -> None:
    error = errors.InvalidRequest("x", fields=tuple(FieldViolation(f"f{n}", "y") for n in range(30)))
    status = status_of(error, "req")
    assert [violation.field for violation in detail(status, BadRequest).field_violations] == [
        f"f{n}" for n in range(10)
    ]
    assert detail(status, ErrorInfo).metadata["field_violations_total"] == "30"


def test_what_is_too_much_is_left_out_from_the_longest_list() -> None:
    error = errors.NoEligibleModel(
        "x",
        metadata={"decision_id": "dec"},
        fields=(FieldViolation("kept", "y"),),
        preconditions=(PreconditionViolation("t", "s", "d" * 1000),) * 11,
        failure=CompletionFailure(attempts=[AttemptFailure(provider_id="p" * 1000)] * 12),
    )
    status = status_of(error, "req")
    assert status.ByteSize() <= MAX_STATUS_BYTES
    metadata = detail(status, ErrorInfo).metadata
    assert metadata["precondition_violations_total"] == "11"
    assert metadata["attempts_total"] == "12"
    assert detail(status, BadRequest).field_violations[0].field == "kept"


def test_then_metadata_is_left_out_but_for_the_ids() -> None:
    metadata = {f"key_{n}": "x" * 300 for n in range(40)} | {"decision_id": "dec"}
    status = status_of(errors.NoEligibleModel("x", metadata=metadata, fields=(FieldViolation("a", "b"),)), "req")
    kept = detail(status, ErrorInfo).metadata
    assert MAX_STATUS_BYTES - 400 < status.ByteSize() <= MAX_STATUS_BYTES
    assert (kept["request_id"], kept["decision_id"], kept["field_violations_total"]) == ("req", "dec", "1")
    assert "key_0" in kept
    assert "key_39" not in kept


@given(
    message=st.text(st.characters(exclude_categories=["Cs"]), max_size=2000),
    metadata=st.dictionaries(st.text("äb", max_size=90), st.text("äb", max_size=500), max_size=40),
    count=st.integers(0, 15),
    size=st.integers(0, 2000),
)
def test_never_more_than_four_kilobytes(message: str, metadata: dict[str, str], count: int, size: int) -> None:
    long = "ü" * size
    error = errors.AllProvidersFailed(
        message,
        metadata=metadata | {"decision_id": "dec"},
        fields=(FieldViolation(long, long),) * count,
        preconditions=(PreconditionViolation(long, long, long),) * count,
        retry_after=timedelta(seconds=1),
        failure=CompletionFailure(
            completion_id="cmp", attempts=[AttemptFailure(provider_id=long, model_id=long)] * count
        ),
    )
    status = status_of(error, "r" * 128)
    info = detail(status, ErrorInfo)
    assert status.ByteSize() <= MAX_STATUS_BYTES
    assert (info.metadata["request_id"], info.metadata["decision_id"]) == ("r" * 128, "dec")


def test_texts_are_cut_between_characters() -> None:
    assert cut("äää", 6) == "äää"
    assert cut("ääää", 6) == "ä…"
    assert len(cut("x" * 100, 64).encode()) == 64


def test_quotas_travel_and_beyond_ten_are_counted() -> None:
    quotas = tuple(errors.QuotaViolation(f"user:{number}", "x" * 500) for number in range(12))
    status = status_of(errors.BudgetExhausted("no", metadata={"decision_id": "dec_1"}, quotas=quotas), "req_1")
    assert status.ByteSize() <= MAX_STATUS_BYTES
    told = detail(status, QuotaFailure).violations
    assert told[0].subject == "user:0"
    assert len(told) <= 10
    metadata = detail(status, ErrorInfo).metadata
    assert (metadata["quota_violations_total"], metadata["decision_id"]) == ("12", "dec_1")
