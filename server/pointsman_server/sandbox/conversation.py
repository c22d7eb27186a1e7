"""What the sandbox is asked, in no wire's terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Refusal(Exception):
    """A request that the simulated provider refuses, as a real one would."""

    def __init__(self, status: int, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.param = param
        self.code = code


@dataclass(frozen=True, slots=True)
class Turn:
    """One message: its role, its texts joined, and what it carries beside them.

    Attributes:
        role: ``system``, ``user``, ``assistant`` or ``tool``.
        media: kind and size in bytes of each attachment: ``image``, ``audio``, ``document``.
        extra: what else costs tokens, such as the arguments of tool calls.
    """

    role: str
    text: str
    media: tuple[tuple[str, int], ...] = ()
    extra: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that may be called, and the JSON Schema of its arguments."""

    name: str
    schema: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request for a completion.

    Attributes:
        tool_choice: ``auto``, ``none``, ``required``, or the tool's name after ``=``.
        schema: what the answer must satisfy, where it is to be JSON; ``{}``: any object.
        report_usage: whether a stream ends with the usage.
        show_reasoning: whether the answer holds what was thought, which costs the same either way.
    """

    model: str
    turns: tuple[Turn, ...]
    tools: tuple[Tool, ...] = ()
    tool_choice: str = "auto"
    parallel_tools: bool = True
    schema: Mapping[str, Any] | None = None
    max_output_tokens: int | None = None
    stop: tuple[str, ...] = ()
    effort: str | None = None
    stream: bool = False
    report_usage: bool = True
    show_reasoning: bool = True

    @property
    def last_user_text(self) -> str:
        """The text of the last message that a user sent."""
        return next((turn.text for turn in reversed(self.turns) if turn.role == "user"), "")
