"""Anthropic's Messages wire, as a server writes it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, Final
from urllib.parse import parse_qs

from pointsman_server.sandbox.answer import Answer, Delta, Finish
from pointsman_server.sandbox.anthropic_request import read_request
from pointsman_server.sandbox.anthropic_signature import sign
from pointsman_server.sandbox.conversation import Ask, Refusal
from pointsman_server.sandbox.http1 import Request
from pointsman_server.sandbox.models import SandboxModel
from pointsman_server.sandbox.wire import Usage

VERSION_HEADER: Final = "anthropic-version"
_VERSIONS: Final = frozenset({"2023-06-01", "2026-10-21"})
_RELEASED: Final = "2025-01-01T00:00:00Z"
_ERROR_TYPES: Final = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_SERVER_ERRORS: Final = 500
_STOP_REASONS: Final[dict[Finish, str]] = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _event(kind: str, **fields: object) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), _json({"type": kind, **fields}))


def _error(refusal: Refusal) -> dict[str, Any]:
    usual = "api_error" if refusal.status >= _SERVER_ERRORS else "invalid_request_error"
    message = refusal.message
    if refusal.code == "context_length_exceeded":  # this wire says so in words alone
        message = f"prompt is too long: {message}"
    error: dict[str, Any] = {"type": _ERROR_TYPES.get(refusal.status, usual), "message": message}
    return {"type": "error", "error": error | ({"details": {"error_code": refusal.code}} if refusal.code else {})}


def _usage(usage: Usage, *, output: bool) -> dict[str, Any]:
    figure = usage.figure
    output_tokens = usage.output_tokens + usage.reasoning_tokens if output else 1
    return {
        "input_tokens": figure(usage.input_tokens),
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": figure(usage.cached_tokens),
        "output_tokens": figure(output_tokens),
    } | ({"output_tokens_details": {"thinking_tokens": figure(usage.reasoning_tokens)}} if output else {})


class AnthropicWire:
    """Reads one request, and writes errors and lists."""

    def __init__(self, request: Request) -> None:
        self._version = request.headers.get(VERSION_HEADER)
        self._query = parse_qs(request.query)

    def read(self, body: bytes) -> Ask:
        if self._version not in _VERSIONS:
            raise Refusal(400, f"{VERSION_HEADER}: header is required, and must name a version that exists.")
        return read_request(body, self._version)

    def writer(self, ask: Ask, request_id: str, created_s: int) -> AnthropicWriter:
        del created_s  # this wire tells no times
        return AnthropicWriter(ask, request_id)

    def refusal(self, refusal: Refusal) -> bytes:
        return _json(_error(refusal))

    def models(self, models: Iterable[SandboxModel]) -> bytes:
        listed = sorted(models, key=lambda model: model.id)
        after = self._query.get("after_id", [""])[0]
        rest = [model for model in listed if model.id > after]
        page = rest[: self._limit()]
        ids = [model.id for model in page]
        return _json(
            {
                "data": [_model(model) for model in page],
                "has_more": len(page) < len(rest),
                "first_id": ids[0] if ids else None,
                "last_id": ids[-1] if ids else None,
            }
        )

    def model(self, model: SandboxModel) -> bytes:
        return _json(_model(model))

    def _limit(self) -> int:
        limit = self._query.get("limit", ["20"])[0]
        if not limit.isdigit() or not 1 <= int(limit) <= 1000:  # noqa: PLR2004  # the wire's largest page
            raise Refusal(400, "limit: must be a number from 1 to 1000")
        return int(limit)


def _model(model: SandboxModel) -> dict[str, Any]:
    def can(ability: bool) -> dict[str, bool]:  # noqa: FBT001  # its only argument
        return {"supported": ability}

    types = {"enabled": can(model.reasons), "adaptive": can(model.reasons), "disabled": can(True)}
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.id.title(),
        "created_at": _RELEASED,
        "lifecycle": "active",
        "max_input_tokens": model.context_tokens,
        "max_tokens": model.max_output_tokens,
        "capabilities": {
            "image_input": can("image" in model.media),
            "pdf_input": can("document" in model.media),
            "structured_outputs": can(model.tools),
            "thinking": {"supported": model.reasons, "types": types},
        },
    }


class AnthropicWriter:
    """Writes one answer as blocks: each run of thoughts or text is one, and so is each tool call."""

    counts_always = False

    def __init__(self, ask: Ask, request_id: str) -> None:
        self._head = {"id": f"msg_{request_id}", "type": "message", "role": "assistant", "model": ask.model}
        self._index = -1
        self._kind = ""
        self._thoughts: list[str] = []
        self._piece = ""

    def opening(self, usage: Usage | None) -> bytes:
        message: dict[str, Any] = {**self._head, "content": [], "stop_reason": None, "stop_sequence": None}
        if usage is not None:
            message["usage"] = _usage(usage, output=False)
        return _event("message_start", message=message) + _event("ping")

    def delta(self, delta: Delta, usage: Usage | None) -> bytes:
        written = b""
        if delta.kind == "call":
            written = self._stop() + self._start(delta.kind, _call(delta))
        elif delta.kind not in (self._kind, "arguments"):
            written = self._stop() + self._start(delta.kind, _EMPTY[delta.kind])
        if delta.kind != "call":
            written += f"{self._piece}{quoted(delta.text)}}}}}\n\n".encode()
        if delta.kind == "reasoning":
            self._thoughts.append(delta.text)
        if usage is not None:
            written += _event("message_delta", delta={}, usage=_usage(usage, output=True))
        return written

    def ending(self, finish: Finish | None, usage: Usage | None, *, done: bool) -> bytes:
        written = self._stop()
        if finish is not None or usage is not None:
            reason = {"stop_reason": finish and _STOP_REASONS[finish], "stop_sequence": None}
            counted = {} if usage is None else {"usage": _usage(usage, output=True)}
            written += _event("message_delta", delta=reason, **counted)
        return written + (_event("message_stop") if done else b"")

    def failure(self, refusal: Refusal) -> bytes:
        return _event("error", **{name: value for name, value in _error(refusal).items() if name != "type"})

    def whole(self, answer: Answer, finish: Finish | None, usage: Usage | None) -> bytes:
        reason = finish and _STOP_REASONS[finish]
        message = {**self._head, "content": _content(answer.deltas), "stop_reason": reason, "stop_sequence": None}
        return _json(message if usage is None else {**message, "usage": _usage(usage, output=True)})

    def _start(self, kind: str, block: dict[str, Any]) -> bytes:
        self._index += 1
        self._kind = kind
        form, member = _PIECES["arguments" if kind == "call" else kind]
        self._piece = (
            'event: content_block_delta\ndata: {"type":"content_block_delta",'
            f'"index":{self._index},"delta":{{"type":"{form}","{member}":'
        )
        return _event("content_block_start", index=self._index, content_block=block)

    def _stop(self) -> bytes:
        if self._index < 0:
            return b""
        written = b""
        if self._kind == "reasoning":
            signature = {"type": "signature_delta", "signature": sign("".join(self._thoughts))}
            written = _event("content_block_delta", index=self._index, delta=signature)
            self._thoughts.clear()
        return written + _event("content_block_stop", index=self._index)


_EMPTY: Final[dict[str, dict[str, Any]]] = {
    "text": {"type": "text", "text": ""},
    "reasoning": {"type": "thinking", "thinking": "", "signature": ""},
}
_PIECES: Final = {
    "text": ("text_delta", "text"),
    "reasoning": ("thinking_delta", "thinking"),
    "arguments": ("input_json_delta", "partial_json"),
}


def _call(delta: Delta) -> dict[str, Any]:
    return {"type": "tool_use", "id": f"toolu_{delta.call_id}", "name": delta.text, "input": {}}


def _content(deltas: tuple[Delta, ...]) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    arguments = ""
    for delta in deltas:
        kind = "thinking" if delta.kind == "reasoning" else delta.kind
        if kind == "call":
            blocks.append(_call(delta))
            arguments = ""
        elif kind == "arguments":
            arguments += delta.text
            blocks[-1]["input"] = _whole_object(arguments)
        elif blocks and blocks[-1]["type"] == kind:
            blocks[-1][kind] += delta.text
        else:
            blocks.append({"type": kind, kind: delta.text})
    for block in blocks:
        if block["type"] == "thinking":
            block["signature"] = sign(block["thinking"])
    return blocks


def _whole_object(arguments: str) -> dict[str, Any]:
    """The arguments once they are whole; a call that the output cap cut has none."""
    try:
        value: dict[str, Any] = json.loads(arguments)
    except ValueError:
        return {}
    return value
