"""Runs the command line in this process."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest
from pointsman.cli.app import app


@dataclass(frozen=True)
class Outcome:
    """What a command wrote, and how it ended."""

    code: int
    out: str
    err: str


class _Keyboard(io.StringIO):
    def isatty(self) -> bool:
        return True


Run = Callable[..., Outcome]


def invoke(*arguments: str, stdin: str = "", terminal: bool = False) -> Outcome:
    """Runs a command; its streams are no terminals, but for standard input where it is said."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "stdin", _Keyboard(stdin) if terminal else io.StringIO(stdin))
        try:
            app(list(arguments), prog_name="pointsman")
        except SystemExit as ended:
            code = ended.code or 0
    assert isinstance(code, int)
    return Outcome(code, out.getvalue(), err.getvalue())
