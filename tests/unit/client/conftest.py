"""A scripted server for the clients."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

# Tests are no package; this makes the module beside this file importable by its name.
sys.path.append(str(Path(__file__).parent))
from scripted_server import Script, serving, serving_in_thread  # see above


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def socket() -> Iterator[Path]:
    """A socket's path; short, since the kernel allows about a hundred characters."""
    with tempfile.TemporaryDirectory(prefix="pm") as directory:
        yield Path(directory) / "s"


@pytest.fixture
def address(script: Script, socket: Path) -> Iterator[str]:
    """Of a server in a thread, for what blocks."""
    with serving_in_thread(script, socket) as address:
        yield address


@pytest.fixture
async def async_address(script: Script, socket: Path) -> AsyncIterator[str]:
    """Of a server on the test's own loop."""
    async with serving(script, socket) as address:
        yield address
