"""Writes answers and errors as JSON, errors in the form of the Connect protocol."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from google.protobuf.json_format import MessageToDict, MessageToJson
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, PreconditionFailure, RetryInfo
from pointsman.v1.completion_pb2 import CompletionFailure
from starlette.responses import JSONResponse, Response

from pointsman_server.errors import PointsmanError, Status
from pointsman_server.services.boundary import REQUEST_ID_KEY
from pointsman_server.services.status import status_of

_CODES: Mapping[Status, tuple[str, int]] = {
    Status.CANCELLED: ("canceled", 499),
    Status.UNKNOWN: ("unknown", 500),
    Status.INVALID_ARGUMENT: ("invalid_argument", 400),
    Status.DEADLINE_EXCEEDED: ("deadline_exceeded", 504),
    Status.NOT_FOUND: ("not_found", 404),
    Status.ALREADY_EXISTS: ("already_exists", 409),
    Status.PERMISSION_DENIED: ("permission_denied", 403),
    Status.RESOURCE_EXHAUSTED: ("resource_exhausted", 429),
    Status.FAILED_PRECONDITION: ("failed_precondition", 400),
    Status.ABORTED: ("aborted", 409),
    Status.OUT_OF_RANGE: ("out_of_range", 400),
    Status.UNIMPLEMENTED: ("unimplemented", 501),
    Status.INTERNAL: ("internal", 500),
    Status.UNAVAILABLE: ("unavailable", 503),
    Status.DATA_LOSS: ("data_loss", 500),
    Status.UNAUTHENTICATED: ("unauthenticated", 401),
}
"""The Connect protocol's name and HTTP status of each gRPC status."""

_HTTP_STATUS_BY_REASON: Mapping[str, int] = {
    # The caller's own credential is fine: the server behind us refuses ours.
    "PROVIDER_KEY_REJECTED": 502,
    "MESSAGE_TOO_LARGE": 413,
}
_DETAIL_TYPES: Mapping[str, type[Message]] = {
    detail.DESCRIPTOR.full_name: detail
    for detail in (BadRequest, CompletionFailure, ErrorInfo, PreconditionFailure, RetryInfo)
}
# Nothing here is for a cache or for a browser's guess at its type.
_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


def message_response(message: Message, request_id: str) -> Response:
    """An answer."""
    body = MessageToJson(message, indent=None, always_print_fields_with_no_presence=False)
    return Response(body, media_type="application/json", headers=_HEADERS | {REQUEST_ID_KEY: request_id})


def json_response(content: Mapping[str, object], http_status: int) -> Response:
    """A JSON object that is no message of the contract."""
    return JSONResponse(content, http_status, headers=_HEADERS)


def error_response(
    error: PointsmanError, request_id: str, http_status: int | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """An error: ``{"code", "message", "details": [{"type", "value", "debug"}]}``.

    ``value`` is the detail's bytes in base64 without padding, ``debug`` the same as JSON.
    """
    status = status_of(error, request_id)
    code, usual = _CODES[error.status]
    details = []
    for packed in status.details:
        name = packed.TypeName()
        detail = _DETAIL_TYPES[name].FromString(packed.value)
        value = base64.b64encode(packed.value).decode().rstrip("=")
        details.append({"type": name, "value": value, "debug": MessageToDict(detail)})
    return JSONResponse(
        {"code": code, "message": status.message, "details": details},
        http_status or _HTTP_STATUS_BY_REASON.get(error.reason, usual),
        headers={**_HEADERS, REQUEST_ID_KEY: request_id, **(headers or {})},
    )
