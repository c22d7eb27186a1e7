"""A conversation in the terminal: its turns so far, and the next one."""

from __future__ import annotations

import dataclasses

from pointsman.assembly import Answer
from pointsman.cli.asking import Wishes
from pointsman.cli.figures import summary
from pointsman.cli.interrupts import cancelling
from pointsman.cli.printing import AnswerPrinter
from pointsman.cli.terminal import Terminal
from pointsman.client import Client
from pointsman.v1.completion_pb2 import CompletionSpecification
from pointsman.v1.content_pb2 import Message


class Conversation:
    """Turns that succeeded. A turn that fails or is cancelled leaves no trace."""

    def __init__(self, client: Client, terminal: Terminal, wishes: Wishes, *, show_reasoning: bool) -> None:
        self.answer: Answer | None = None
        self._client = client
        self._terminal = terminal
        self._wishes = wishes
        self._show_reasoning = show_reasoning
        self._turns: list[Message] = []
        self._answered: list[Message] = []

    @property
    def models(self) -> tuple[str, ...]:
        """The models that alone may serve; empty: any."""
        return tuple(self._wishes.models)

    def pin(self, *models: str) -> None:
        """Lets only these models serve from now on; none: any."""
        self._wishes = dataclasses.replace(self._wishes, models=models)

    def ask(self, question: Message) -> None:
        """Asks, writes the answer as it comes and then its figures, and keeps both turns."""
        self._run([*self._turns, question])

    def regenerate(self) -> None:
        """Asks the last question again."""
        self._run(self._answered)

    def last_question(self) -> CompletionSpecification | None:
        """The specification of the last turn that was answered."""
        return self._wishes.specification(self._answered) if self._answered else None

    def next_question(self, question: Message) -> CompletionSpecification:
        """The specification that asking this now would send."""
        return self._wishes.specification([*self._turns, question])

    def reset(self) -> None:
        """Forgets all turns."""
        self._turns, self._answered, self.answer = [], [], None

    def _run(self, messages: list[Message]) -> None:
        printer = AnswerPrinter(self._terminal, show_reasoning=self._show_reasoning)
        completion = self._client.complete(self._wishes.specification(messages))
        with completion, cancelling(completion.close):
            printer.print(completion)
            self.answer = completion.final()
        self._answered = messages
        self._turns = [*messages, self.answer.message]
        self._terminal.line(summary(self.answer.finished), style="dim")
