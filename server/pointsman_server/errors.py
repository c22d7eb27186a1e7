"""The errors that callers see. Each carries a gRPC status and a reason of ``error_reason.proto``.

PointsmanError
├── InvalidRequest          INVALID_ARGUMENT      INVALID_FIELD
├── UnknownPin              INVALID_ARGUMENT      UNKNOWN_PIN
├── InvalidHttpRequest      INVALID_ARGUMENT      INVALID_HTTP_REQUEST
├── MessageTooLarge         INVALID_ARGUMENT      MESSAGE_TOO_LARGE
├── FeatureNotAvailable     UNIMPLEMENTED         FEATURE_NOT_AVAILABLE
├── Overloaded              RESOURCE_EXHAUSTED    OVERLOADED
├── BudgetExhausted         RESOURCE_EXHAUSTED    BUDGET_EXHAUSTED
├── NoEligibleModel         FAILED_PRECONDITION   NO_ELIGIBLE_MODEL
├── PinNotEligible          FAILED_PRECONDITION   PIN_NOT_ELIGIBLE
├── TooManyBudgets          FAILED_PRECONDITION   TOO_MANY_BUDGETS
├── ProviderKeyRejected     FAILED_PRECONDITION   PROVIDER_KEY_REJECTED
├── ProviderRefusedRequest  FAILED_PRECONDITION   PROVIDER_REFUSED_REQUEST
├── AllProvidersFailed      UNAVAILABLE           ALL_PROVIDERS_FAILED
├── StreamBroken            UNAVAILABLE           STREAM_BROKEN
├── ShuttingDown            UNAVAILABLE           SHUTTING_DOWN
├── StoreUnavailable        UNAVAILABLE           STORE_UNAVAILABLE
├── PlanOutdated            UNAVAILABLE           PLAN_OUTDATED
├── DeadlineExceeded        DEADLINE_EXCEEDED     DEADLINE_EXCEEDED
├── CallCancelled           CANCELLED             CANCELLED
├── NotFound                NOT_FOUND             NOT_FOUND
├── RequestIdReused         ALREADY_EXISTS        REQUEST_ID_REUSED
├── RequestAlreadyServed    ALREADY_EXISTS        REQUEST_ALREADY_SERVED
├── RequestIdInUse          ABORTED               REQUEST_ID_IN_USE
├── HostNotAllowed          PERMISSION_DENIED     HOST_NOT_ALLOWED
├── RoleRequired            PERMISSION_DENIED     ROLE_REQUIRED
├── CredentialMissing       UNAUTHENTICATED       CREDENTIAL_MISSING
├── CredentialInvalid       UNAUTHENTICATED       CREDENTIAL_INVALID
├── CredentialExpired       UNAUTHENTICATED       CREDENTIAL_EXPIRED
├── CredentialUnverifiable  UNAVAILABLE           CREDENTIAL_UNVERIFIABLE
├── NotActive               PERMISSION_DENIED     NOT_ACTIVE
├── ForeignTenant           PERMISSION_DENIED     FOREIGN_TENANT
├── GrantExceeded           PERMISSION_DENIED     GRANT_EXCEEDED
├── NotAMember              PERMISSION_DENIED     NOT_A_MEMBER
├── PolicyRefused           PERMISSION_DENIED     POLICY_REFUSED
├── RulesContradict         FAILED_PRECONDITION   RULES_CONTRADICT
├── InUse                   FAILED_PRECONDITION   IN_USE
├── NameTaken               ALREADY_EXISTS        NAME_TAKEN
├── ContentRefused          PERMISSION_DENIED     CONTENT_REFUSED
├── SignUpRefused           FAILED_PRECONDITION   SIGN_UP_REFUSED
├── LockedOut               FAILED_PRECONDITION   LOCKED_OUT
├── LimitSetElsewhere       FAILED_PRECONDITION   LIMIT_SET_ELSEWHERE
├── KillSwitchPulled        FAILED_PRECONDITION   KILL_SWITCH
└── InternalError           INTERNAL              INTERNAL

ConfigurationError stands apart: it stops the start and never reaches a caller.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import ClassVar

from pointsman.v1.completion_pb2 import CompletionFailure


class Status(IntEnum):
    """The gRPC status codes, by their numbers on the wire."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One field that is wrong: its path in the request, what was wrong and what to do."""

    field: str
    description: str


@dataclass(frozen=True, slots=True)
class PreconditionViolation:
    """One thing that stands in the way: its kind (a filter's name), how many it concerns, and examples."""

    type: str
    subject: str
    description: str


@dataclass(frozen=True, slots=True)
class QuotaViolation:
    """One limit that left no room: whose it is, and what is left of it."""

    subject: str
    description: str


class PointsmanError(Exception):
    """An error for the caller. The message is safe to send: no exception text, no provider text, no content."""

    status: ClassVar[Status] = Status.UNKNOWN
    reason: ClassVar[str] = "UNSPECIFIED"

    def __init__(
        self,
        message: str,
        *,
        metadata: Mapping[str, str] | None = None,
        fields: tuple[FieldViolation, ...] = (),
        preconditions: tuple[PreconditionViolation, ...] = (),
        quotas: tuple[QuotaViolation, ...] = (),
        retry_after: timedelta | None = None,
        failure: CompletionFailure | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.metadata: Mapping[str, str] = dict(metadata or {})
        self.fields = fields
        self.preconditions = preconditions
        self.quotas = quotas
        self.retry_after = retry_after
        self.failure = failure


class InvalidRequest(PointsmanError):
    """Fields of the request are wrong; ``fields`` names each."""

    status = Status.INVALID_ARGUMENT
    reason = "INVALID_FIELD"


class UnknownPin(PointsmanError):
    """A pinned model or provider is not in the catalog."""

    status = Status.INVALID_ARGUMENT
    reason = "UNKNOWN_PIN"


class InvalidHttpRequest(PointsmanError):
    """The HTTP request's method, Content-Type or body is not what the endpoint takes."""

    status = Status.INVALID_ARGUMENT
    reason = "INVALID_HTTP_REQUEST"


class FeatureNotAvailable(PointsmanError):
    """The request uses a field whose feature this server does not have yet."""

    status = Status.UNIMPLEMENTED
    reason = "FEATURE_NOT_AVAILABLE"


class MessageTooLarge(PointsmanError):
    """The request is larger than the server accepts; ``fields`` names its largest field."""

    status = Status.INVALID_ARGUMENT
    reason = "MESSAGE_TOO_LARGE"


class Overloaded(PointsmanError):
    """The server holds as many calls as it can."""

    status = Status.RESOURCE_EXHAUSTED
    reason = "OVERLOADED"


class BudgetExhausted(PointsmanError):
    """No model of the plan fits every budget, rate and slot that applies; ``quotas`` says what kept each out."""

    status = Status.RESOURCE_EXHAUSTED
    reason = "BUDGET_EXHAUSTED"


class NoEligibleModel(PointsmanError):
    """No model passed every filter."""

    status = Status.FAILED_PRECONDITION
    reason = "NO_ELIGIBLE_MODEL"


class PinNotEligible(PointsmanError):
    """Every pinned model was dropped by a filter."""

    status = Status.FAILED_PRECONDITION
    reason = "PIN_NOT_ELIGIBLE"


class TooManyBudgets(PointsmanError):
    """A scope has as many budgets as it may have."""

    status = Status.FAILED_PRECONDITION
    reason = "TOO_MANY_BUDGETS"


class ProviderKeyRejected(PointsmanError):
    """A provider rejects its key."""

    status = Status.FAILED_PRECONDITION
    reason = "PROVIDER_KEY_REJECTED"


class ProviderRefusedRequest(PointsmanError):
    """The provider refuses this request as it is, and another try would not change that."""

    status = Status.FAILED_PRECONDITION
    reason = "PROVIDER_REFUSED_REQUEST"


class AllProvidersFailed(PointsmanError):
    """Every attempt failed."""

    status = Status.UNAVAILABLE
    reason = "ALL_PROVIDERS_FAILED"


class StreamBroken(PointsmanError):
    """The stream broke after content had reached the caller."""

    status = Status.UNAVAILABLE
    reason = "STREAM_BROKEN"


class ShuttingDown(PointsmanError):
    """The server is draining or not ready."""

    status = Status.UNAVAILABLE
    reason = "SHUTTING_DOWN"


class StoreUnavailable(PointsmanError):
    """The store cannot be written, so the call could not be accounted for."""

    status = Status.UNAVAILABLE
    reason = "STORE_UNAVAILABLE"


class PlanOutdated(PointsmanError):
    """What the call was planned under has changed in the meantime."""

    status = Status.UNAVAILABLE
    reason = "PLAN_OUTDATED"


class DeadlineExceeded(PointsmanError):
    """The caller's deadline or the server's limit for a whole call passed."""

    status = Status.DEADLINE_EXCEEDED
    reason = "DEADLINE_EXCEEDED"


class CallCancelled(PointsmanError):
    """The caller went away."""

    status = Status.CANCELLED
    reason = "CANCELLED"


class NotFound(PointsmanError):
    """The thing does not exist, or is not the caller's to see."""

    status = Status.NOT_FOUND
    reason = "NOT_FOUND"


class RequestIdReused(PointsmanError):
    """The request id was used with another body."""

    status = Status.ALREADY_EXISTS
    reason = "REQUEST_ID_REUSED"


class RequestAlreadyServed(PointsmanError):
    """The call that has this request id is over, and its answer is not held any more."""

    status = Status.ALREADY_EXISTS
    reason = "REQUEST_ALREADY_SERVED"


class RequestIdInUse(PointsmanError):
    """The call that has this request id runs, and cannot be joined here."""

    status = Status.ABORTED
    reason = "REQUEST_ID_IN_USE"


class HostNotAllowed(PointsmanError):
    """The Host header, or the host in the Origin header, is not on the allow-list."""

    status = Status.PERMISSION_DENIED
    reason = "HOST_NOT_ALLOWED"


class RoleRequired(PointsmanError):
    """The caller lacks the role that the method needs."""

    status = Status.PERMISSION_DENIED
    reason = "ROLE_REQUIRED"


class CredentialMissing(PointsmanError):
    """The call brings no credential."""

    status = Status.UNAUTHENTICATED
    reason = "CREDENTIAL_MISSING"


class CredentialInvalid(PointsmanError):
    """The credential is malformed, unknown, revoked or foreign; which, is not said."""

    status = Status.UNAUTHENTICATED
    reason = "CREDENTIAL_INVALID"


class CredentialExpired(PointsmanError):
    """The credential is genuine, and its time is over."""

    status = Status.UNAUTHENTICATED
    reason = "CREDENTIAL_EXPIRED"


class CredentialUnverifiable(PointsmanError):
    """Whether the credential is genuine cannot be known now."""

    status = Status.UNAVAILABLE
    reason = "CREDENTIAL_UNVERIFIABLE"


class NotActive(PointsmanError):
    """The caller's tenant is suspended or closed, or the user is suspended."""

    status = Status.PERMISSION_DENIED
    reason = "NOT_ACTIVE"


class ForeignTenant(PointsmanError):
    """The request names a tenant that is not the caller's own."""

    status = Status.PERMISSION_DENIED
    reason = "FOREIGN_TENANT"


class GrantExceeded(PointsmanError):
    """The request would hand on what the caller does not have."""

    status = Status.PERMISSION_DENIED
    reason = "GRANT_EXCEEDED"


class NotAMember(PointsmanError):
    """The project is not one that the caller may charge."""

    status = Status.PERMISSION_DENIED
    reason = "NOT_A_MEMBER"


class PolicyRefused(PointsmanError):
    """A rule or the plan refuses the call; ``preconditions`` has every reason."""

    status = Status.PERMISSION_DENIED
    reason = "POLICY_REFUSED"


class RulesContradict(PointsmanError):
    """The rule contradicts another, or itself."""

    status = Status.FAILED_PRECONDITION
    reason = "RULES_CONTRADICT"


class LimitSetElsewhere(PointsmanError):
    """A plan or a rule sets the limit, so that it cannot be changed as a budget."""

    status = Status.FAILED_PRECONDITION
    reason = "LIMIT_SET_ELSEWHERE"


class InUse(PointsmanError):
    """Something still uses the thing."""

    status = Status.FAILED_PRECONDITION
    reason = "IN_USE"


class NameTaken(PointsmanError):
    """The chosen name is taken."""

    status = Status.ALREADY_EXISTS
    reason = "NAME_TAKEN"


class ContentRefused(PointsmanError):
    """A content check found what it refuses."""

    status = Status.PERMISSION_DENIED
    reason = "CONTENT_REFUSED"


class SignUpRefused(PointsmanError):
    """The access token was used before, or gives no plan that exists."""

    status = Status.FAILED_PRECONDITION
    reason = "SIGN_UP_REFUSED"


class LockedOut(PointsmanError):
    """The change would lock the caller out of its own tenant, or leave a tenant without an administrator."""

    status = Status.FAILED_PRECONDITION
    reason = "LOCKED_OUT"


class KillSwitchPulled(PointsmanError):
    """A kill switch stops the call, or has ended it."""

    status = Status.FAILED_PRECONDITION
    reason = "KILL_SWITCH"


class InternalError(PointsmanError):
    """A defect; the request id finds it in the log."""

    status = Status.INTERNAL
    reason = "INTERNAL"


class ConfigurationError(Exception):
    """A setting or an operator's file is wrong. Stops the start; the message says where and how to mend it."""
