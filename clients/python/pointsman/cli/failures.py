"""What a person reads when a call fails: the reason, what was wrong, and the cure."""

from __future__ import annotations

from collections.abc import Iterator

from pointsman.address import target
from pointsman.channel import ROOT_CERTIFICATES_VARIABLE
from pointsman.cli.figures import cost, elapsed, milliseconds, tokens
from pointsman.cli.names import name_of
from pointsman.errors import NotAuthenticated, PointsmanError, ServerUnreachable
from pointsman.v1.completion_pb2 import CompletionFailure, FailureKind

# One for each value of error_reason.proto, in this program's words; a test holds them complete.
CURES = {
    "INVALID_FIELD": "mend the named fields",
    "FEATURE_NOT_AVAILABLE": "leave the field out",
    "MESSAGE_TOO_LARGE": "send less",
    "NO_ELIGIBLE_MODEL": "loosen what stands in the way, or configure a provider; `pointsman route` shows every reason",
    "UNKNOWN_PIN": "`pointsman models` and `pointsman providers` list the names",
    "PIN_NOT_ELIGIBLE": "name another model, or change what the request needs",
    "ALL_PROVIDERS_FAILED": "try again later",
    "PROVIDER_KEY_REJECTED": "set a valid key for the provider where the server runs",
    "PROVIDER_REFUSED_REQUEST": "change the request, or name another model",
    "STREAM_BROKEN": "ask again; what came so far was charged",
    "DEADLINE_EXCEEDED": "allow more time with --timeout",
    "CANCELLED": "ask again",
    "NOT_FOUND": "list what exists",
    "REQUEST_ID_REUSED": "use a fresh id for another request",
    "REQUEST_ALREADY_SERVED": "use a fresh id to ask, and to pay, anew",
    "REQUEST_ID_IN_USE": "wait for the first call, or try again later",
    "PLAN_OUTDATED": "try again",
    "SHUTTING_DOWN": "try again in a moment",
    "STORE_UNAVAILABLE": "free disk space where the server runs, then try again",
    "HOST_NOT_ALLOWED": "add the name to POINTSMAN_HTTP_ALLOWED_HOSTS where the server runs",
    "INVALID_HTTP_REQUEST": "send application/json",
    "OVERLOADED": "try again later",
    "BUDGET_EXHAUSTED": "wait, lower --max-tokens, or have the limit raised; `pointsman budget list` shows it",
    "TOO_MANY_BUDGETS": "change or delete a budget of that scope; `pointsman budget list` shows them",
    "ROLE_REQUIRED": "ask an administrator to do it",
    "CREDENTIAL_MISSING": (
        "`pointsman login` stores a token; POINTSMAN_DATA_DIR says where that of a local server is,"
        " and `pointsman-server admin-token` makes a new one where it was lost"
    ),
    "CREDENTIAL_INVALID": "take a valid token; an administrator issues one with `pointsman key create`",
    "CREDENTIAL_EXPIRED": "have a new token issued, then `pointsman login`",
    "CREDENTIAL_UNVERIFIABLE": "try again after the wait",
    "NOT_ACTIVE": "ask the administrator",
    "FOREIGN_TENANT": "leave --tenant out",
    "GRANT_EXCEEDED": "ask somebody who has it to grant it",
    "NOT_A_MEMBER": "have an administrator run `pointsman project add-member`",
    "POLICY_REFUSED": "change what stands in the way; `pointsman policy explain` shows every limit and what set it",
    "RULES_CONTRADICT": "change or delete the rule that is named; `pointsman policy list` shows them",
    "IN_USE": "end the use first",
    "NAME_TAKEN": "choose another name, or change the one that exists",
    "CONTENT_REFUSED": "take out what was found, or have the rule changed",
    "SIGN_UP_REFUSED": "have a new access token issued",
    "LIMIT_SET_ELSEWHERE": "change the rule with `pointsman policy set`, or the plan with `pointsman plan apply`",
    "KILL_SWITCH": "wait until it is released; `pointsman kill list` shows the kill switches in force",
    "LOCKED_OUT": "make another user an administrator first, or have another administrator do it",
    "INTERNAL": "report it with the request id",
}


def explain(error: PointsmanError, address: str, token_source: str) -> str:
    """The lines for standard error."""
    if isinstance(error, ServerUnreachable) and target(address).tls:
        return (
            f"no server that can prove itself at {address}: {error.message}\n  cure: where its authority is your own,"
            f" name its file with {ROOT_CERTIFICATES_VARIABLE} or `pointsman login --root-certificates`"
        )
    if isinstance(error, ServerUnreachable):
        return f"no server at {address}: start one with `make run` or `pointsman-server serve`"
    lines = list(_lines(error))
    if isinstance(error, NotAuthenticated):
        lines.insert(1, f"token: {token_source or 'none'}, for {address}")
    return "\n  ".join(lines)


def failure_kind(kind: FailureKind.ValueType) -> str:
    """Why an attempt failed, in words."""
    return name_of(FailureKind, kind).replace("-", " ")


def _lines(error: PointsmanError) -> Iterator[str]:
    yield f"{error.reason or error.status.name}: {error.message}"
    violations = [f"{path}: {description}" for path, description in error.fields]
    yield from (violation for violation in violations if violation not in error.message)
    for precondition in error.preconditions:
        if not precondition.description or precondition.description not in error.message:
            yield ": ".join(filter(None, precondition))
    for quota in error.quotas:
        yield ": ".join(quota)
    if error.failure is not None:
        yield from _attempts(error.failure)
    if error.retry_after is not None:
        yield f"wait: {milliseconds(round(error.retry_after.total_seconds() * 1000))}"
    if error.reason in CURES:
        yield f"cure: {CURES[error.reason]}"
    if decision_id := error.metadata.get("decision_id"):
        yield f"decision: {decision_id}"
    if error.request_id:
        yield f"request: {error.request_id}"


def _attempts(failure: CompletionFailure) -> Iterator[str]:
    for attempt in failure.attempts:
        again = f", again in {elapsed(attempt.retry_after)}" if attempt.HasField("retry_after") else ""
        yield f"{attempt.model_id or attempt.provider_id}: {failure_kind(attempt.kind)}{again}"
    if failure.attempts:
        yield f"spent: {tokens(failure.usage)}, {cost(failure, 'cost_nanos')}"
