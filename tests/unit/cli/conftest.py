"""A scripted server, and the command line run against it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

# Tests are no package; this makes the modules beside this file and the clients' scripted server importable by name.
sys.path.extend([str(Path(__file__).parent), str(Path(__file__).parents[1] / "client")])
from invocation import Run, invoke  # see above
from scripted_server import Script, serving_in_thread  # as above


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def address(script: Script) -> Iterator[str]:
    # A short path, since the kernel allows about a hundred characters.
    with (
        tempfile.TemporaryDirectory(prefix="pm") as directory,
        serving_in_thread(script, Path(directory) / "s") as address,
    ):
        yield address


@pytest.fixture
def run(address: str) -> Run:
    """The command line against the scripted server."""
    return partial(invoke, "--address", address)
