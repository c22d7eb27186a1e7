"""Writes a completion's events for a person, as they come."""

from __future__ import annotations

from collections.abc import Iterable

import grpc

from pointsman.cli.failures import failure_kind
from pointsman.cli.figures import elapsed
from pointsman.cli.terminal import Terminal
from pointsman.errors import TextVoided
from pointsman.stream import Completion
from pointsman.v1.completion_pb2 import (
    CompletionEvent,
    RouteChanged,
    Warning,  # noqa: A004  # the contract's word
)


class AnswerPrinter:
    """Writes one answer: its words to standard output, remarks to standard error."""

    def __init__(self, terminal: Terminal, *, show_reasoning: bool = False) -> None:
        self._terminal = terminal
        self._show_reasoning = show_reasoning
        self._last_kind = ""
        self._line_open = False
        self._wrote_text = False

    def print(self, completion: Completion) -> None:
        """Writes the whole stream and ends the last line."""
        try:
            for _, event in completion:
                self._take(event)
        finally:
            self._end_line()
        for call in completion.final().tool_calls:
            self._terminal.write(f"{call.name}({call.arguments_json or '{}'})\n")

    def _take(self, event: CompletionEvent) -> None:
        match event.WhichOneof("kind"):
            case "queued":
                self._terminal.note(f"waiting, about {elapsed(event.queued.expected_wait)}")
            case "started":
                self._warn(event.started.warnings)
            case "text_delta":
                self._wrote_text = self._wrote_text or bool(event.text_delta.text)
                self._write(event.text_delta.text, "text")
            case "refusal_delta":
                self._write(event.refusal_delta.text, "refusal")
            case "reasoning_delta" if self._show_reasoning:
                self._write(event.reasoning_delta.text, "reasoning")
            case "route_changed":
                self._change_route(event.route_changed)
            case "finished":
                self._end_line()
                self._warn(event.finished.warnings)
            case _:  # the rest is shown when the answer is whole
                pass

    def _warn(self, warnings: Iterable[Warning]) -> None:
        for warning in warnings:
            self._terminal.note(f"{warning.field}: {warning.message}" if warning.field else warning.message)

    def _write(self, text: str, kind: str) -> None:
        if not text:
            return
        if self._last_kind not in {"", kind}:
            self._end_line()
        self._last_kind = kind
        self._terminal.write(text, dim=kind == "reasoning")
        self._line_open = not text.endswith("\n")

    def _change_route(self, change: RouteChanged) -> None:
        remark = f"{change.failed_model_id} failed ({failure_kind(change.kind)}): {change.model_id} "
        same = change.model_id == change.failed_model_id
        restarted = self._wrote_text and not change.continues
        if restarted and not self._terminal.watched:
            raise TextVoided(grpc.StatusCode.ABORTED, f"{remark}starts again, and what was written is void")
        if restarted:
            self._end_line()
        self._terminal.note(remark + ("starts again" if restarted else "was tried again" if same else "took over"))

    def _end_line(self) -> None:
        if self._line_open:
            self._terminal.write("\n")
        self._line_open = False
