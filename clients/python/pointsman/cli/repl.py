"""The loop of ``pointsman chat``: reads lines, obeys commands that begin with a slash, asks the rest."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from pointsman.cli.asking import question
from pointsman.cli.conversation import Conversation
from pointsman.cli.decisions import show_decision
from pointsman.cli.session import Session
from pointsman.client import Client
from pointsman.errors import PointsmanError
from pointsman.v1.content_pb2 import Part
from pointsman.v1.router_service_pb2 import IMPLICIT_SIGNAL_REGENERATE, RecordFeedbackRequest

_PROMPT = "> "


class Repl:
    """One interactive conversation."""

    def __init__(self, session: Session, client: Client, conversation: Conversation) -> None:
        self._session = session
        self._terminal = session.terminal
        self._client = client
        self._conversation = conversation
        self._commands: dict[str, tuple[Callable[[str], None], str]] = {
            "/model": (self._model, "NAME: only this model answers; any: every model may; alone: which may"),
            "/good": (lambda _: self._rate(1.0), "the last answer was good"),
            "/bad": (lambda _: self._rate(0.0), "the last answer was bad"),
            "/regenerate": (lambda _: self._regenerate(), "answer the last question again"),
            "/route": (self._route, "[TEXT]: which model would answer this (or the last question), and why"),
            "/reset": (lambda _: self._reset(), "forget the conversation"),
            "/help": (lambda _: self._help(), "this list"),
            "/quit": (lambda _: None, "leave; Ctrl-D does too"),
        }

    def run(self, pictures: Sequence[Part]) -> None:
        """Reads until ``/quit`` or the end of the input. The pictures go with the first question."""
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(errors="replace")  # a stray byte must not end the conversation
        if sys.stdin.isatty():
            _edit_lines()
            self._terminal.note("/help lists the commands; Ctrl-C stops an answer, Ctrl-D leaves")
        while (line := self._read()) is not None:
            if line == "/quit":
                return
            if line and self._obey(line, pictures):
                pictures = ()

    def _read(self) -> str | None:
        """The next line; nothing at the end of the input."""
        try:
            return input(_PROMPT if sys.stdin.isatty() else "").strip()
        except KeyboardInterrupt:
            self._terminal.line()
            return ""
        except EOFError:
            if sys.stdin.isatty():
                self._terminal.line()
            return None

    def _obey(self, line: str, pictures: Sequence[Part]) -> bool:
        """Does what the line says; whether a question was answered."""
        try:
            if line.startswith("/"):
                self._command(line)
                return False
            self._conversation.ask(question(line, pictures))
        except PointsmanError as error:
            self._session.complain(error)
            return False
        except KeyboardInterrupt:
            self._terminal.note("stopped; the conversation is as it was before")
            return False
        return True

    def _command(self, line: str) -> None:
        name, _, rest = line.partition(" ")
        if name not in self._commands:
            self._terminal.complain(f"no command {name}; /help lists them")
            return
        self._commands[name][0](rest.strip())

    def _model(self, name: str) -> None:
        if name:
            self._conversation.pin(*([] if name == "any" else [name]))
        self._terminal.note(f"model: {', '.join(self._conversation.models) or 'any'}")

    def _rate(self, rating: float) -> None:
        if (answer := self._conversation.answer) is None:
            self._terminal.complain("there is no answer to rate yet")
            return
        feedback = self._client.record_feedback(answer.completion_id, rating)
        self._terminal.note(f"noted: {feedback.model_id} rated {feedback.rating:g}")

    def _regenerate(self) -> None:
        if (answer := self._conversation.answer) is None:
            self._terminal.complain("there is no answer to replace yet")
            return
        signal = RecordFeedbackRequest(completion_id=answer.completion_id, signal=IMPLICIT_SIGNAL_REGENERATE)
        self._client.record_feedback(signal)
        self._conversation.regenerate()

    def _route(self, text: str) -> None:
        asked = self._conversation.next_question(question(text)) if text else self._conversation.last_question()
        if asked is None:
            self._terminal.complain("there is no question yet; give one: /route TEXT")
            return
        show_decision(self._terminal, self._client.route(asked))

    def _reset(self) -> None:
        self._conversation.reset()
        self._terminal.note("forgotten")

    def _help(self) -> None:
        for name, (_, text) in self._commands.items():
            self._terminal.note(f"{name:<12} {text}")


def _edit_lines() -> None:
    """Gives ``input`` editing and a history, where the platform has them."""
    with suppress(ImportError):
        import readline  # noqa: F401, PLC0415  # importing it is what turns it on; some platforms have none
