"""The errors that a call can raise, decoded from the details of its gRPC status.

PointsmanError
├── InvalidRequest       INVALID_ARGUMENT, OUT_OF_RANGE: mend the request; ``fields`` names what is wrong
├── PreconditionFailed   FAILED_PRECONDITION: something must change first; ``preconditions`` says what
├── NotFound             NOT_FOUND
├── Conflict             ALREADY_EXISTS, ABORTED
├── NotAllowed           PERMISSION_DENIED
│   └── NotAuthenticated     UNAUTHENTICATED: who calls is not known; ``cure`` says what to do
│       ├── CredentialMissing    the call brought no token
│       ├── CredentialInvalid    the token is malformed, unknown, revoked or another server's
│       ├── CredentialExpired    its time is over
│       └── CredentialUnusable   no call was made: the token, or the file that holds it, cannot be used
├── Exhausted            RESOURCE_EXHAUSTED: too much, or too fast; ``retry_after`` says for how long
├── FeatureNotAvailable  UNIMPLEMENTED
├── Unavailable          UNAVAILABLE: worth another try
│   ├── ServerUnreachable    no Pointsman answered
│   ├── ConnectionLost       it did, then the connection broke
│   └── CredentialUnverifiable   whether the token is genuine cannot be known now; ``retry_after`` says when
├── DeadlineExceeded     DEADLINE_EXCEEDED
├── Cancelled            CANCELLED
├── ServerFailed         INTERNAL, UNKNOWN, DATA_LOSS: a defect; ``request_id`` finds it in the server's log
├── StreamIncomplete     the stream ended well, but without Finished
└── TextVoided           another model starts the answer again, after text had been handed out
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar, NamedTuple, TypeVar, cast

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.message import DecodeError, Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, PreconditionFailure, QuotaFailure, RetryInfo
from google.rpc.status_pb2 import Status

from pointsman.v1.completion_pb2 import CompletionFailure

_DETAILS_KEY = "grpc-status-details-bin"
_REQUEST_ID_KEY = "x-request-id"
_DOMAIN = "pointsman"

_Detail = TypeVar("_Detail", bound=Message)


class FieldViolation(NamedTuple):
    """One wrong field: its path in the request, and what it must be."""

    path: str
    description: str


class Precondition(NamedTuple):
    """One thing in the way: its kind (a filter's name), what it concerns, and the figures."""

    type: str
    subject: str
    description: str


class Quota(NamedTuple):
    """One budget that left no room: whose it is, and what is left of it."""

    subject: str
    description: str


@dataclass(frozen=True, slots=True)
class ErrorDetails:
    """What a server said about an error beside its status and message."""

    reason: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[FieldViolation, ...] = ()
    preconditions: tuple[Precondition, ...] = ()
    quotas: tuple[Quota, ...] = ()
    retry_after: timedelta | None = None
    failure: CompletionFailure | None = None
    request_id: str = ""


class PointsmanError(Exception):
    """A call that failed.

    Attributes:
        status: the gRPC status.
        reason: a value of ``error_reason.proto`` without its prefix; empty where no Pointsman answered.
        message: what a person reads.
        metadata: figures and names that belong to the reason.
        fields: the wrong fields.
        preconditions: what stands in the way.
        quotas: the budgets that left no room, one for each model of the plan.
        retry_after: how long to wait before another try.
        failure: what a failed completion tried, used and cost.
        request_id: finds the call in the server's log.
        cure: what to do, where it is the caller's token that is wrong.
    """

    cure: ClassVar[str] = ""

    def __init__(self, status: grpc.StatusCode, message: str, details: ErrorDetails | None = None) -> None:
        super().__init__(message)
        details = details or ErrorDetails()
        self.status = status
        self.message = message
        self.reason = details.reason
        self.metadata = details.metadata
        self.fields = details.fields
        self.preconditions = details.preconditions
        self.quotas = details.quotas
        self.retry_after = details.retry_after
        self.failure = details.failure
        self.request_id = details.request_id

    def __str__(self) -> str:
        violations = [f"{path}: {description}" for path, description in self.fields]
        cure = [f"cure: {self.cure}"] if self.cure else []
        return "; ".join([f"{self.reason or self.status.name}: {self.message}", *violations, *cure])


class InvalidRequest(PointsmanError):
    """The request is wrong."""


class PreconditionFailed(PointsmanError):
    """Something must change before such a call can succeed."""


class NotFound(PointsmanError):
    """The thing does not exist, or is not the caller's to see."""


class Conflict(PointsmanError):
    """The call contradicts an earlier one."""


class NotAllowed(PointsmanError):
    """The caller may not do this."""


class NotAuthenticated(NotAllowed):
    """Who calls is not known."""

    cure = "give the client a token, set POINTSMAN_TOKEN, or run `pointsman login`"


class CredentialMissing(NotAuthenticated):
    """The call brought no token."""


class CredentialInvalid(NotAuthenticated):
    """The token is malformed, unknown, revoked or another server's; which, the server does not say."""

    cure = "take a valid token; an administrator issues one with `pointsman key create`"


class CredentialExpired(NotAuthenticated):
    """The token is genuine, and its time is over."""

    cure = "have a new token issued; `pointsman login` stores it"


class CredentialUnusable(NotAuthenticated):
    """The token, or the file that holds it, cannot be used; no call was made."""

    cure = ""  # the message says it

    def __init__(self, message: str) -> None:
        super().__init__(grpc.StatusCode.UNAUTHENTICATED, message)


class Exhausted(PointsmanError):
    """Too much, or too fast."""


class FeatureNotAvailable(PointsmanError):
    """The server does not have this yet."""


class Unavailable(PointsmanError):
    """It did not work now; another try may."""


class ServerUnreachable(Unavailable):
    """No Pointsman answered."""


class ConnectionLost(Unavailable):
    """The connection broke in the middle of an answer."""


class CredentialUnverifiable(Unavailable):
    """Whether the token is genuine cannot be known now."""

    cure = "try again after the wait"


class DeadlineExceeded(PointsmanError):
    """The time for the call passed."""


class Cancelled(PointsmanError):
    """The call was cancelled, by this side or by the server."""


class ServerFailed(PointsmanError):
    """A defect in the server."""


class StreamIncomplete(PointsmanError):
    """The stream ended without Finished."""


class TextVoided(PointsmanError):
    """Another model starts the answer again: the text that was handed out is void."""


_CLASSES: dict[grpc.StatusCode, type[PointsmanError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidRequest,
    grpc.StatusCode.OUT_OF_RANGE: InvalidRequest,
    grpc.StatusCode.FAILED_PRECONDITION: PreconditionFailed,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.ALREADY_EXISTS: Conflict,
    grpc.StatusCode.ABORTED: Conflict,
    grpc.StatusCode.PERMISSION_DENIED: NotAllowed,
    grpc.StatusCode.UNAUTHENTICATED: NotAuthenticated,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Exhausted,
    grpc.StatusCode.UNIMPLEMENTED: FeatureNotAvailable,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
    grpc.StatusCode.CANCELLED: Cancelled,
}

_CREDENTIAL_CLASSES: dict[str, type[PointsmanError]] = {
    "CREDENTIAL_MISSING": CredentialMissing,
    "CREDENTIAL_INVALID": CredentialInvalid,
    "CREDENTIAL_EXPIRED": CredentialExpired,
    "CREDENTIAL_UNVERIFIABLE": CredentialUnverifiable,
}


def decode(error: grpc.RpcError, *, answered: bool = False) -> PointsmanError:
    """The error that a gRPC error stands for; ``answered``: whether part of an answer had come before it."""
    call = cast("grpc.Call", error)
    trailers = {item[0]: item[1] for item in call.trailing_metadata() or ()}
    try:
        details = _details(trailers)
    except DecodeError:  # a stranger's trailer, not a Pointsman's
        details = ErrorDetails()
    status = call.code()
    kind = _CREDENTIAL_CLASSES.get(details.reason) or _CLASSES.get(status, ServerFailed)
    if kind is Unavailable and not details.reason:
        kind = ConnectionLost if answered else ServerUnreachable
    return kind(status, call.details() or status.name, details)


@contextmanager
def translated() -> Iterator[None]:
    """Turns the gRPC errors of its block into ours."""
    try:
        yield
    except grpc.RpcError as error:
        raise decode(error) from error


def _details(trailers: Mapping[str, str | bytes]) -> ErrorDetails:
    trailer = trailers.get(_DETAILS_KEY, b"")
    details = Status.FromString(trailer if isinstance(trailer, bytes) else trailer.encode()).details
    info = _first(details, ErrorInfo)
    metadata = dict(info.metadata) if info and info.domain == _DOMAIN else {}
    retry = _first(details, RetryInfo)
    return ErrorDetails(
        reason=info.reason if info and info.domain == _DOMAIN else "",
        metadata=metadata,
        fields=tuple(
            FieldViolation(violation.field, violation.description)
            for violation in (_first(details, BadRequest) or BadRequest()).field_violations
        ),
        preconditions=tuple(
            Precondition(violation.type, violation.subject, violation.description)
            for violation in (_first(details, PreconditionFailure) or PreconditionFailure()).violations
        ),
        quotas=tuple(
            Quota(violation.subject, violation.description)
            for violation in (_first(details, QuotaFailure) or QuotaFailure()).violations
        ),
        retry_after=retry.retry_delay.ToTimedelta() if retry else None,
        failure=_first(details, CompletionFailure),
        request_id=metadata.get("request_id") or _text(trailers.get(_REQUEST_ID_KEY, "")),
    )


def _first(details: Iterable[Any], kind: type[_Detail]) -> _Detail | None:
    for packed in details:
        detail = kind()
        if packed.Unpack(detail):
            return detail
    return None


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")
