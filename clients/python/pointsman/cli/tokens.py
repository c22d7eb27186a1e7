"""A token that a person hands in: never as an argument, which the shell's history and the list of processes show."""

from __future__ import annotations

import os
import sys

from pointsman.credentials import TOKEN_VARIABLE


def handed_in() -> str:
    """The first line of a pipe, which was meant for this command, else ``POINTSMAN_TOKEN``; empty: neither."""
    piped = "" if sys.stdin.isatty() else sys.stdin.readline().strip()
    return piped or os.environ.get(TOKEN_VARIABLE, "")
