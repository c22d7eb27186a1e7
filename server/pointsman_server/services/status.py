"""Writes an error as ``google.rpc.Status``, for every transport alike, within 4 KB.

What is too much is left out in this order: field, precondition and quota violations and attempts beyond ten each;
then, while the status is still too large, the last entry of the longest of these lists; then metadata beyond
``request_id`` and ``decision_id``, last first. Single texts are cut before. Where entries were left out, metadata
``<list>_total`` says how many there are.
"""

from __future__ import annotations

from collections.abc import MutableSequence
from datetime import timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, PreconditionFailure, QuotaFailure, RetryInfo
from google.rpc.status_pb2 import Status
from pointsman.v1.completion_pb2 import CompletionFailure

from pointsman_server.errors import PointsmanError

DOMAIN = "pointsman"
MAX_STATUS_BYTES = 4_096
MAX_EXAMPLES = 10
_MAX_MESSAGE_BYTES = 512
_MAX_TEXT_BYTES = 256
_MAX_KEY_BYTES = 64
_KEPT_METADATA = ("request_id", "decision_id")


def status_of(error: PointsmanError, request_id: str) -> Status:
    """Returns the status with its details."""
    details = _Details(error, request_id)
    status = details.status()
    while status.ByteSize() > MAX_STATUS_BYTES and details.trim():
        status = details.status()
    return status


class _Details:
    """The details of one status, which can be made smaller step by step."""

    def __init__(self, error: PointsmanError, request_id: str) -> None:
        self._error = error
        self._message = cut(error.message, _MAX_MESSAGE_BYTES)
        self._metadata = {"request_id": request_id} | {
            cut(key, _MAX_KEY_BYTES): cut(value, _MAX_TEXT_BYTES) for key, value in error.metadata.items()
        }
        self._fields = [
            BadRequest.FieldViolation(
                field=cut(violation.field, _MAX_TEXT_BYTES), description=cut(violation.description, _MAX_TEXT_BYTES)
            )
            for violation in error.fields[:MAX_EXAMPLES]
        ]
        self._preconditions = [
            PreconditionFailure.Violation(
                type=cut(violation.type, _MAX_KEY_BYTES),
                subject=cut(violation.subject, _MAX_TEXT_BYTES),
                description=cut(violation.description, _MAX_TEXT_BYTES),
            )
            for violation in error.preconditions[:MAX_EXAMPLES]
        ]
        self._quotas = [
            QuotaFailure.Violation(
                subject=cut(violation.subject, _MAX_KEY_BYTES), description=cut(violation.description, _MAX_TEXT_BYTES)
            )
            for violation in error.quotas[:MAX_EXAMPLES]
        ]
        self._failure = CompletionFailure()
        if error.failure is not None:
            self._failure.CopyFrom(error.failure)
            del self._failure.attempts[MAX_EXAMPLES:]

    def trim(self) -> bool:
        """Leaves one thing out, and says whether there was one."""
        lists: tuple[MutableSequence[Any], ...] = (
            self._fields,
            self._preconditions,
            self._quotas,
            self._failure.attempts,
        )
        longest = max(lists, key=len)
        if longest:
            del longest[-1]
            return True
        spare = [key for key in self._metadata if key not in _KEPT_METADATA]
        if spare:
            del self._metadata[spare[-1]]
        return bool(spare)

    def status(self) -> Status:
        status = Status(code=int(self._error.status), message=self._message)
        for detail in self._messages():
            status.details.add().Pack(detail)
        return status

    def _messages(self) -> list[Message]:
        metadata = self._metadata | self._totals()
        details: list[Message] = [ErrorInfo(reason=self._error.reason, domain=DOMAIN, metadata=metadata)]
        if self._error.retry_after is not None:
            details.append(RetryInfo(retry_delay=_duration(self._error.retry_after)))
        if self._error.failure is not None:
            details.append(self._failure)
        if self._fields:
            details.append(BadRequest(field_violations=self._fields))
        if self._preconditions:
            details.append(PreconditionFailure(violations=self._preconditions))
        if self._quotas:
            details.append(QuotaFailure(violations=self._quotas))
        return details

    def _totals(self) -> dict[str, str]:
        attempts = self._error.failure.attempts if self._error.failure is not None else ()
        lists = {
            "field_violations_total": (len(self._fields), len(self._error.fields)),
            "precondition_violations_total": (len(self._preconditions), len(self._error.preconditions)),
            "quota_violations_total": (len(self._quotas), len(self._error.quotas)),
            "attempts_total": (len(self._failure.attempts), len(attempts)),
        }
        return {name: str(total) for name, (kept, total) in lists.items() if kept < total}


def cut(text: str, most: int) -> str:
    """The text in at most ``most`` bytes of UTF-8, whole characters only."""
    encoded = text.encode()
    return text if len(encoded) <= most else encoded[: most - 3].decode(errors="ignore") + "…"


def _duration(wait: timedelta) -> Duration:
    duration = Duration()
    duration.FromTimedelta(max(wait, timedelta(0)))
    return duration
