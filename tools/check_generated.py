"""Checks that the committed stubs are what the protos generate today.

The stubs are generated into a scratch directory and compared byte by byte; nothing in the tree changes.
"""

import os
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
    # buf and its plugins stand beside this Python.
    programs = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    with tempfile.TemporaryDirectory() as scratch:
        command = [str(programs / "buf"), "generate", "--output", scratch]
        subprocess.run(command, cwd=ROOT, check=True, env=environment)
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
