"""Checks that the committed stubs are what the protos generate today.

The stubs are generated into a scratch directory and compared byte by byte; nothing in the tree changes.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = Path("clients/python/pointsman/v1")


def stubs(root: Path) -> dict[str, bytes]:
    directory = root / PACKAGE
    return {path.name: path.read_bytes() for path in sorted(directory.glob("*_pb2*.py*"))}


def drift() -> list[str]:
    """The names of the files that differ, are missing or have no proto any more."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(["buf", "generate", "--output", scratch], cwd=ROOT, check=True)  # noqa: S607  # from .venv
        fresh = stubs(Path(scratch))
    committed = stubs(ROOT)
    return sorted(name for name in fresh.keys() | committed.keys() if fresh.get(name) != committed.get(name))


def main() -> int:
    if names := drift():
        print(f"Not what the protos generate; run `make generate`: {', '.join(names)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
