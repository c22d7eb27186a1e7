"""Decides on a request as a provider would: its size, its limits, its answer. No sockets, no wire."""

from __future__ import annotations

import json
from dataclasses import dataclass

from pointsman_server.sandbox.answer import Answer, compose
from pointsman_server.sandbox.conversation import Ask, Refusal, Turn
from pointsman_server.sandbox.faults import Fault
from pointsman_server.sandbox.models import MODELS, SandboxModel
from pointsman_server.sandbox.prompt_cache import PromptCache
from pointsman_server.sandbox.tokens import count


@dataclass(frozen=True, slots=True)
class Generation:
    """An answer and the input that it took; ``input_tokens`` are without the cached ones."""

    model: SandboxModel
    input_tokens: int
    cached_tokens: int
    answer: Answer


def find_model(model_id: str) -> SandboxModel:
    """The model of that id.

    Raises:
        Refusal: there is none.
    """
    model = MODELS.get(model_id)
    if model is None:
        message = f"The model '{model_id[:80]}' does not exist or you do not have access to it."
        raise Refusal(404, message, param="model", code="model_not_found")
    return model


def generate(ask: Ask, fault: Fault, cache: PromptCache) -> Generation:
    """Answers.

    Raises:
        Refusal: the model cannot take this request.
    """
    model = find_model(ask.model)
    _check_abilities(ask, model)
    turn_tokens = input_tokens(ask)
    total = sum(turn_tokens)
    cap_tokens = _cap(ask, model, total)
    answer = compose(ask, model, cap_tokens, text=fault.text, tokens=fault.tokens)
    cached = cache.cached_tokens(ask, turn_tokens) if model.caches else 0
    return Generation(model, total - cached, cached, answer)


def input_tokens(ask: Ask) -> list[int]:
    """The tokens of each turn; what stands before the conversation (tools, schema) counts with the first."""
    before = "".join(f"{tool.name}{tool.description}{_compact(tool.schema)}" for tool in ask.tools)
    if ask.schema:
        before += _compact(ask.schema)
    tokens = [_turn_tokens(turn) for turn in ask.turns]
    tokens[0] += count(before)
    return tokens


def _compact(schema: object) -> str:
    return json.dumps(schema, separators=(",", ":"), ensure_ascii=False)


def _turn_tokens(turn: Turn) -> int:
    return count(turn.text) + count(turn.extra) + sum(_media_tokens(kind, size) for kind, size in turn.media)


def _media_tokens(kind: str, size_bytes: int) -> int:
    # Never more tokens than bytes, so that a bound by bytes holds.
    return min(size_bytes, 256) if kind == "image" else size_bytes // 100 + 1


def _check_abilities(ask: Ask, model: SandboxModel) -> None:
    for turn in ask.turns:
        for kind, _ in turn.media:
            if kind not in model.media:
                message = f"Invalid content: the model '{model.id}' takes no {kind} input."
                raise Refusal(400, message, param="messages", code="unsupported_content")
    if not model.tools and (ask.tools or ask.schema is not None):
        param = "tools" if ask.tools else "response_format"
        message = f"Unsupported parameter: '{param}' is not supported with the model '{model.id}'."
        raise Refusal(400, message, param=param, code="unsupported_parameter")
    if ask.effort not in (None, "none") and not model.reasons:
        message = f"Unsupported parameter: the model '{model.id}' does not reason."
        raise Refusal(400, message, param="reasoning_effort", code="unsupported_parameter")


def _cap(ask: Ask, model: SandboxModel, total_input_tokens: int) -> int:
    asked = ask.max_output_tokens
    if asked is not None and asked > model.max_output_tokens:
        message = f"max_tokens is too large: {asked}. This model writes at most {model.max_output_tokens} tokens."
        raise Refusal(400, message, param="max_tokens", code="invalid_value")
    room = model.context_tokens - total_input_tokens
    if room < (asked or 1):
        message = (
            f"This model's maximum context length is {model.context_tokens} tokens. However, you requested "
            f"{total_input_tokens + (asked or 0)} tokens ({total_input_tokens} in the messages, {asked or 0} in the "
            "completion). Please reduce the length of the messages or completion."
        )
        raise Refusal(400, message, param="messages", code="context_length_exceeded")
    return min(asked or model.max_output_tokens, room)
