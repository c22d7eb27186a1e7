"""Reads the conversation of Anthropic's Messages wire: who may say what, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from pointsman_server.sandbox.anthropic_blocks import CacheControls, Said, read_blocks
from pointsman_server.sandbox.checks import array, choice, invalid, mapping, required
from pointsman_server.sandbox.conversation import Turn

_KINDS: Final = {
    "user": ("text", "image", "document", "tool_result"),
    "assistant": ("text", "tool_use", "thinking", "redacted_thinking"),
}
_THOUGHTS: Final = ("thinking", "redacted_thinking")


def read_turns(value: object, caches: CacheControls, *, thinks_in_budget: bool) -> Iterator[Turn]:
    """Reads the messages.

    Roles must alternate: Anthropic joins messages of one role, but not every host of this wire does.

    Raises:
        Refusal: they are not what the wire allows.
    """
    messages = list(_messages(array(value, "messages", least=1), caches))
    _check_roles([role for role, _ in messages])
    _check_calls([said for _, said in messages])
    if thinks_in_budget:
        _check_thoughts(messages)
    for role, said in messages:
        yield from _turns(role, said)


def _messages(items: list[Any], caches: CacheControls) -> Iterator[tuple[str, Said]]:
    for index, item in enumerate(items):
        path = f"messages.{index}"
        message: Mapping[str, Any] = mapping(item, path, ("role", "content"))
        role = choice(required(message, "role", path), f"{path}.role", _KINDS)
        said = read_blocks(required(message, "content", path), f"{path}.content", _KINDS[role], caches)
        if said.kinds[-1] in _THOUGHTS:
            raise invalid("The final block in an assistant message cannot be `thinking`.", f"{path}.content")
        yield role, said


def _check_roles(roles: list[str]) -> None:
    if roles[0] != "user":
        raise invalid("messages: first message must use the user role", "messages.0.role")
    if any(role == following for role, following in pairwise(roles)):
        raise invalid("messages: roles must alternate between user and assistant", "messages")
    if roles[-1] != "user":
        raise invalid("This model does not support assistant message prefill.", "messages")


def _check_calls(messages: list[Said]) -> None:
    """Every call is answered in the next message, and nothing else is."""
    waiting: list[str] = []
    for index, said in enumerate(messages):
        answered = [call_id for call_id, _ in said.results]
        if missing := [call_id for call_id in waiting if call_id not in answered]:
            what = "`tool_use` ids were found without `tool_result` blocks immediately after"
            raise invalid(f"messages.{index}: {what}: {', '.join(missing)}.", f"messages.{index}")
        if len(set(answered)) < len(answered) or set(answered) - set(waiting):
            what = "unexpected `tool_use_id` found in `tool_result` blocks"
            raise invalid(f"messages.{index}: {what}.", f"messages.{index}")
        waiting = said.calls


def _check_thoughts(messages: list[tuple[str, Said]]) -> None:
    """A turn that calls tools must have begun with thoughts, where thinking in a budget is on."""
    first: Said | None = None
    for role, said in reversed(messages):
        if role == "assistant":
            first = said
        elif not said.results:
            break
    if first is not None and first.kinds[0] not in _THOUGHTS:
        raise invalid(
            f"Expected `thinking` or `redacted_thinking`, but found `{first.kinds[0]}`. When `thinking` is enabled, a "
            "final `assistant` message must start with a thinking block.",
            "messages",
        )


def _turns(role: str, said: Said) -> Iterator[Turn]:
    for _, result in said.results:
        yield _turn("tool", result)
    if role == "assistant" or said.texts or said.media:
        yield _turn(role, said)


def _turn(role: str, said: Said) -> Turn:
    return Turn(role, "\n".join(said.texts), tuple(said.media), "\n".join(said.extra))
