"""Gemini's generateContent wire, as Google's server writes it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, Final
from urllib.parse import parse_qsl

from pointsman_server.sandbox import gemini_signature
from pointsman_server.sandbox.answer import Answer, Delta, Finish
from pointsman_server.sandbox.conversation import Ask, Refusal
from pointsman_server.sandbox.gemini_request import read_request
from pointsman_server.sandbox.models import MODELS, SandboxModel
from pointsman_server.sandbox.wire import Usage

_STATUSES: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_MESSAGES: Final = {
    "context_length_exceeded": "The input token count exceeds the maximum number of tokens allowed.",
}
"""What Google says where another wire's words would be no sign."""

_REASONS: Final[dict[Finish, str]] = {"stop": "STOP", "tool_calls": "STOP", "length": "MAX_TOKENS"}
_LARGEST_PAGE: Final = 1_000


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


class GeminiWire:
    """Reads requests and writes errors and lists.

    Args:
        model: the one that the path names.
        method: ``generateContent`` or ``streamGenerateContent``; empty for lists.
        query: of the address.
    """

    def __init__(self, model: str = "", method: str = "", query: str = "") -> None:
        self._model = model
        self._stream = method.startswith("stream")
        self._query = dict(parse_qsl(query))

    def read(self, body: bytes) -> Ask:
        if self._stream and self._query.get("alt") != "sse":
            raise Refusal(400, "The sandbox streams with alt=sse only.", param="alt")
        try:
            return read_request(body, self._model, stream=self._stream)
        except RecursionError:
            raise Refusal(400, "The JSON body of the request is nested too deeply.") from None

    def writer(self, ask: Ask, request_id: str, created_s: int) -> GeminiWriter:
        del created_s  # the wire names no time
        return GeminiWriter(ask, request_id)

    def refusal(self, refusal: Refusal) -> bytes:
        return _json(_error(refusal))

    def models(self, models: Iterable[SandboxModel]) -> bytes:
        listed = [_model(model) for model in models]
        size, token = self._query.get("pageSize", "50"), self._query.get("pageToken", "0")
        if not (size.isdigit() and token.isdigit() and 0 < int(size) <= _LARGEST_PAGE):
            raise Refusal(400, "Invalid page_size or page_token.", param="pageToken")
        end = int(token) + int(size)
        page: dict[str, Any] = {"models": listed[int(token) : end]}
        return _json(page | ({"nextPageToken": str(end)} if end < len(listed) else {}))

    def model(self, model: SandboxModel) -> bytes:
        return _json(_model(model))


def _model(model: SandboxModel) -> dict[str, Any]:
    methods = ["generateContent", "countTokens", *(["createCachedContent"] if model.caches else [])]
    return {
        "name": f"models/{model.id}",
        "version": "001",
        "displayName": f"{model.id.title()} (simulated)",
        "inputTokenLimit": model.context_tokens,
        "outputTokenLimit": model.max_output_tokens,
        "supportedGenerationMethods": methods,
        "temperature": 1,
        "maxTemperature": 2,
    } | ({"thinking": True} if model.reasons else {})


def _error(refusal: Refusal) -> dict[str, Any]:
    error: dict[str, Any] = {
        "code": refusal.status,
        "message": _MESSAGES.get(refusal.code or "", refusal.message),
        "status": _STATUSES.get(refusal.status, "UNKNOWN"),
    }
    if refusal.code:
        kind = "type.googleapis.com/google.rpc.ErrorInfo"
        error["details"] = [{"@type": kind, "reason": refusal.code.upper(), "domain": "sandbox"}]
    return {"error": error}


def _usage(usage: Usage) -> dict[str, Any]:
    figure = usage.figure
    prompt = usage.input_tokens + usage.cached_tokens
    total = prompt + usage.output_tokens + usage.reasoning_tokens
    counts = {
        "promptTokenCount": figure(prompt),
        "candidatesTokenCount": figure(usage.output_tokens),
        "totalTokenCount": figure(total),
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": figure(prompt)}],
    }
    if usage.cached_tokens:
        counts["cachedContentTokenCount"] = figure(usage.cached_tokens)
    if usage.reasoning_tokens:
        counts["thoughtsTokenCount"] = figure(usage.reasoning_tokens)
    return counts


class GeminiWriter:
    """Writes one answer. A function call is written whole, once its arguments are; models that reason sign their
    answers and give calls an id, as Gemini 3 does, and others do neither, as the models before it.
    """

    counts_always = True

    def __init__(self, ask: Ask, request_id: str) -> None:
        model = MODELS.get(ask.model)
        self._signs = model is not None and model.reasons
        self._show_reasoning = ask.show_reasoning
        self._end = f',"modelVersion":{quoted(ask.model)},"responseId":{quoted(request_id)}}}'
        self._call: Delta | None = None
        self._arguments = ""
        self._signed = False

    def opening(self, usage: Usage | None) -> bytes:
        del usage  # every chunk reports it
        return b""

    def delta(self, delta: Delta, usage: Usage | None) -> bytes:
        match delta.kind:
            case "text":
                return self._chunk(f'{{"text":{quoted(delta.text)}}}', usage)
            case "reasoning":
                if self._show_reasoning:
                    return self._chunk(f'{{"text":{quoted(delta.text)},"thought":true}}', usage)
            case "call":
                part = self._whole_call()
                self._call = delta
                return self._chunk(part, usage) if part else b""
            case _:
                self._arguments += delta.text
        return b""

    def ending(self, finish: Finish | None, usage: Usage | None, *, done: bool) -> bytes:
        del done  # the wire has no mark of the end but the reason
        part = self._whole_call() or self._last_text()
        return self._chunk(part, usage, f',"finishReason":"{_REASONS[finish]}"' if finish else "")

    def failure(self, refusal: Refusal) -> bytes:
        return b"data: " + _json(_error(refusal)) + b"\r\n\r\n"

    def whole(self, answer: Answer, finish: Finish | None, usage: Usage | None) -> bytes:
        said = {
            kind: "".join(delta.text for delta in answer.deltas if delta.kind == kind) for kind in ("text", "reasoning")
        }
        parts = []
        if said["reasoning"] and self._show_reasoning:
            parts.append(f'{{"text":{quoted(said["reasoning"])},"thought":true}}')
        if said["text"]:
            parts.append(self._last_text(said["text"]))
        for delta in answer.deltas:
            if delta.kind in {"call", "arguments"}:
                if delta.kind == "call" and (part := self._whole_call()):
                    parts.append(part)
                self._call = delta if delta.kind == "call" else self._call
                self._arguments += delta.text if delta.kind == "arguments" else ""
        if part := self._whole_call():
            parts.append(part)
        reason = f',"finishReason":"{_REASONS[finish]}"' if finish else ""
        return self._document(",".join(parts), usage, reason).encode()

    def _chunk(self, part: str, usage: Usage | None, reason: str = "") -> bytes:
        return f"data: {self._document(part, usage, reason)}\r\n\r\n".encode()

    def _document(self, parts: str, usage: Usage | None, reason: str) -> str:
        counts = f',"usageMetadata":{json.dumps(_usage(usage), separators=(",", ":"))}' if usage else ""
        return (
            f'{{"candidates":[{{"content":{{"parts":[{parts}],"role":"model"}}{reason},"index":0}}]{counts}{self._end}'
        )

    def _last_text(self, said: str = "") -> str:
        if not self._signs or self._signed:
            return f'{{"text":{quoted(said)}}}'
        return f'{{"text":{quoted(said)},"thoughtSignature":"{gemini_signature.issue(gemini_signature.TEXT)}"}}'

    def _whole_call(self) -> str:
        """The call whose arguments are written, as a part; empty: there is none, or the cap cut its arguments."""
        call, arguments = self._call, self._arguments
        self._call, self._arguments = None, ""
        if call is None:
            return ""
        try:
            args = json.loads(arguments)
        except ValueError:
            return ""
        part: dict[str, Any] = {"functionCall": {"name": call.text, "args": args}}
        if self._signs:
            part["functionCall"]["id"] = call.call_id
            if not self._signed:
                part["thoughtSignature"] = gemini_signature.issue(gemini_signature.of_call(call.text, args))
            self._signed = True
        return json.dumps(part, separators=(",", ":"))
