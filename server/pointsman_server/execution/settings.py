"""How completions run: how long their steps may take, and how they are tried again."""

from __future__ import annotations

from dataclasses import dataclass

from pointsman_server.execution.reading_on import ReadingOnSettings
from pointsman_server.execution.walk import RetrySettings


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How long the steps of an attempt may take, how it is tried again, how long a caller may not read, and what is
    read on when nobody does.
    """

    connect_ms: int
    first_token_ms: int
    chunk_ms: int
    stalled_reader_ms: int
    retry: RetrySettings
    reading_on: ReadingOnSettings
