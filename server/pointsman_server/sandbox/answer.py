"""What a simulated model answers: text drawn from the conversation, tool calls, JSON; the same each time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import cycle, islice
from typing import Final, Literal

from pointsman_server.sandbox.conversation import Ask, Tool
from pointsman_server.sandbox.instance import instance
from pointsman_server.sandbox.models import SandboxModel
from pointsman_server.sandbox.tokens import count, pieces

Finish = Literal["stop", "length", "tool_calls"]
_QUOTED_CHARACTERS: Final = 200
_REASONING_TOKENS: Final = {"none": 0, "minimal": 4, "low": 8, "medium": 16, "high": 32, "xhigh": 64, "max": 64}
_FILLER: Final = " one two three four five six seven eight nine ten"


@dataclass(frozen=True, slots=True)
class Delta:
    """One piece of an answer.

    Attributes:
        kind: ``call`` opens a tool call (``text`` is its name), ``arguments`` continues it.
        call: the index of the tool call, and its id where it opens.
    """

    kind: Literal["text", "reasoning", "call", "arguments"]
    text: str
    tokens: int = 1
    call: int = 0
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, as the deltas that stream it."""

    deltas: tuple[Delta, ...] = field(repr=False)
    finish: Finish


def compose(ask: Ask, model: SandboxModel, cap_tokens: int, *, text: str | None, tokens: int | None) -> Answer:
    """Writes the answer.

    Args:
        ask: what is asked.
        model: who answers.
        cap_tokens: where the answer is cut.
        text: what to say instead of the usual.
        tokens: how many tokens the text shall have.

    Raises:
        Refusal: the schema of a tool or of the answer cannot be satisfied.
    """
    deltas = _reasoning(ask, model)
    tools = _tools_to_call(ask)
    if tools:
        deltas += _calls(ask, tools)
    else:
        deltas += [Delta("text", piece) for piece in _text_pieces(ask, text, tokens)]
    return _capped(deltas, cap_tokens, "tool_calls" if tools else "stop")


def _capped(deltas: list[Delta], cap_tokens: int, finish: Finish) -> Answer:
    spent = 0
    for index, delta in enumerate(deltas):
        spent += delta.tokens
        if spent > cap_tokens:
            return Answer(tuple(deltas[:index]), "length")
    return Answer(tuple(deltas), finish)


def _reasoning(ask: Ask, model: SandboxModel) -> list[Delta]:
    if not model.reasons:
        return []
    wanted = _REASONING_TOKENS[ask.effort or "medium"]
    thought = pieces(f"The user asks: {ask.last_user_text[:_QUOTED_CHARACTERS]}. Let me count:") + pieces(_FILLER)
    return [Delta("reasoning", piece) for piece in islice(cycle(thought), wanted)]


def _tools_to_call(ask: Ask) -> list[Tool]:
    if not ask.tools or ask.tool_choice == "none":
        return []
    if ask.tool_choice.startswith("="):
        return [tool for tool in ask.tools if tool.name == ask.tool_choice[1:]]
    answered = ask.turns[-1].role == "tool"
    asked_for = [] if answered else [tool for tool in ask.tools if tool.name in ask.last_user_text]
    if ask.tool_choice == "required" and not asked_for:
        asked_for = [ask.tools[0]]
    return asked_for if ask.parallel_tools else asked_for[:1]


def _calls(ask: Ask, tools: list[Tool]) -> list[Delta]:
    deltas = []
    for index, tool in enumerate(tools):
        arguments = json.dumps(instance({"type": "object", **tool.schema}, _word(ask)), ensure_ascii=False)
        seed = f"{len(ask.turns)}:{index}:{tool.name}:{arguments}"
        call_id = "call_" + blake2b(seed.encode(), digest_size=12).hexdigest()
        deltas.append(Delta("call", tool.name, count(tool.name), index, call_id))
        deltas += [Delta("arguments", piece, 1, index) for piece in pieces(arguments)]
    return deltas


def _word(ask: Ask) -> str:
    # A word of the conversation, so that arguments differ between conversations and mixing them up shows.
    words = [word.strip(".,:;!?\"'()[]") for word in ask.last_user_text.split()]
    return max(words, key=len, default="") or "sandbox"


def _text_pieces(ask: Ask, text: str | None, tokens: int | None) -> list[str]:
    if ask.schema is not None:
        return pieces(_json_text(ask))
    said = pieces(_cut_at_stop(_usual_text(ask) if text is None else text, ask.stop))
    if tokens is None:
        return said
    return said[:tokens] + list(islice(cycle(pieces(_FILLER)), max(0, tokens - len(said))))


def _json_text(ask: Ask) -> str:
    value = instance({**ask.schema}, _word(ask)) if ask.schema else {"answer": ask.last_user_text[:_QUOTED_CHARACTERS]}
    return json.dumps(value, ensure_ascii=False)


def _usual_text(ask: Ask) -> str:
    last = ask.turns[-1]
    if last.role == "tool":
        return f'The tool answered: "{last.text[:_QUOTED_CHARACTERS]}". I am {ask.model}, a simulated model.'
    seen = "".join(f" I see your {kind} of {size} bytes." for kind, size in last.media)
    return (
        f'You said: "{ask.last_user_text[:_QUOTED_CHARACTERS]}".{seen} I am {ask.model}, a simulated model: '
        "I echo what I am told, so that everything around me can be tried without a key."
    )


def _cut_at_stop(text: str, stops: tuple[str, ...]) -> str:
    found = [at for stop in stops if (at := text.find(stop)) >= 0]
    return text[: min(found)] if found else text
