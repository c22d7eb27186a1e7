"""OpenAI's Chat Completions wire, as a server writes it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, Final

from pointsman_server.sandbox.answer import Answer, Delta, Finish
from pointsman_server.sandbox.conversation import Ask, Refusal
from pointsman_server.sandbox.models import SandboxModel
from pointsman_server.sandbox.openai_request import read_request
from pointsman_server.sandbox.wire import Usage

_RELEASED_S: Final = 1_735_689_600
_ERROR_TYPES: Final = {
    401: "invalid_request_error",
    402: "insufficient_quota",
    403: "permission_error",
    429: "rate_limit_error",
}
_SERVER_ERRORS: Final = 500


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _error(refusal: Refusal) -> dict[str, Any]:
    usual = "server_error" if refusal.status >= _SERVER_ERRORS else "invalid_request_error"
    return {
        "message": refusal.message,
        "type": _ERROR_TYPES.get(refusal.status, usual),
        "param": refusal.param,
        "code": refusal.code,
    }


def _usage(usage: Usage) -> dict[str, Any]:
    figure = usage.figure
    prompt_tokens = usage.input_tokens + usage.cached_tokens
    completion_tokens = usage.output_tokens + usage.reasoning_tokens
    return {
        "prompt_tokens": figure(prompt_tokens),
        "completion_tokens": figure(completion_tokens),
        "total_tokens": figure(prompt_tokens + completion_tokens),
        "prompt_tokens_details": {"cached_tokens": figure(usage.cached_tokens), "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": figure(usage.reasoning_tokens), "audio_tokens": 0},
    }


class OpenAiWire:
    """Reads requests and writes errors and lists."""

    def read(self, body: bytes) -> Ask:
        return read_request(body)

    def writer(self, ask: Ask, request_id: str, created_s: int) -> OpenAiWriter:
        return OpenAiWriter(ask, request_id, created_s)

    def refusal(self, refusal: Refusal) -> bytes:
        return _json({"error": _error(refusal)})

    def models(self, models: Iterable[SandboxModel]) -> bytes:
        return _json({"object": "list", "data": [_model(model) for model in models]})

    def model(self, model: SandboxModel) -> bytes:
        return _json(_model(model))


def _model(model: SandboxModel) -> dict[str, Any]:
    return {"id": model.id, "object": "model", "created": _RELEASED_S, "owned_by": "sandbox"}


class OpenAiWriter:
    """Writes one answer. What all events of a stream share is written once."""

    counts_always = False

    def __init__(self, ask: Ask, request_id: str, created_s: int) -> None:
        self._head = {"id": f"chatcmpl-{request_id}", "created": created_s, "model": ask.model}
        self._announce_usage = ask.report_usage
        shared = json.dumps({**self._head, "object": "chat.completion.chunk"}, separators=(",", ":"))[:-1]
        self._start = f'data: {shared},"choices":[{{"index":0,"delta":'
        self._end = f',"logprobs":null,"finish_reason":null}}]{self._usage_field(None)}}}\n\n'
        self._shared = shared

    def opening(self, usage: Usage | None) -> bytes:
        del usage  # this wire counts at the end
        return f'{self._start}{{"role":"assistant","content":""}}{self._end}'.encode()

    def delta(self, delta: Delta, usage: Usage | None) -> bytes:
        match delta.kind:
            case "text":
                body = f'{{"content":{quoted(delta.text)}}}'
            case "reasoning":
                body = f'{{"reasoning_content":{quoted(delta.text)}}}'
            case _:
                body = json.dumps({"tool_calls": [{"index": delta.call, **_call(delta)}]}, separators=(",", ":"))
        if usage is None:
            return f"{self._start}{body}{self._end}".encode()
        return f'{self._start}{body},"finish_reason":null}}]{self._usage_field(usage)}}}\n\n'.encode()

    def ending(self, finish: Finish | None, usage: Usage | None, *, done: bool) -> bytes:
        events = ""
        if finish is not None:
            reason = f',"logprobs":null,"finish_reason":"{finish}"}}]'
            events += f"{self._start}{{}}{reason}{self._usage_field(None)}}}\n\n"
        if usage is not None:
            events += f'data: {self._shared},"choices":[]{self._usage_field(usage)}}}\n\n'
        return (events + ("data: [DONE]\n\n" if done else "")).encode()

    def failure(self, refusal: Refusal) -> bytes:
        return b"data: " + _json({"error": _error(refusal)}) + b"\n\n"

    def whole(self, answer: Answer, finish: Finish | None, usage: Usage | None) -> bytes:
        choice = {"index": 0, "message": _message(answer.deltas), "logprobs": None, "finish_reason": finish}
        document = {**self._head, "object": "chat.completion", "choices": [choice]}
        return _json(document if usage is None else {**document, "usage": _usage(usage)})

    def _usage_field(self, usage: Usage | None) -> str:
        # A stream that ends with the usage says in each earlier event that it is still to come.
        if usage is not None:
            return f',"usage":{json.dumps(_usage(usage), separators=(",", ":"))}'
        return ',"usage":null' if self._announce_usage else ""


def _call(delta: Delta) -> dict[str, Any]:
    if delta.kind == "arguments":
        return {"function": {"arguments": delta.text}}
    return {"id": delta.call_id, "type": "function", "function": {"name": delta.text, "arguments": ""}}


def _message(deltas: tuple[Delta, ...]) -> dict[str, Any]:
    said = {kind: "".join(delta.text for delta in deltas if delta.kind == kind) for kind in ("text", "reasoning")}
    calls: list[dict[str, Any]] = []
    for delta in deltas:
        if delta.kind == "call":
            calls.append(_call(delta))
        elif delta.kind == "arguments":
            calls[-1]["function"]["arguments"] += delta.text
    message: dict[str, Any] = {"role": "assistant", "content": None if calls else said["text"], "refusal": None}
    if said["reasoning"]:
        message["reasoning_content"] = said["reasoning"]
    return {**message, "tool_calls": calls} if calls else message
