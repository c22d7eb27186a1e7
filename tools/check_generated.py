"""Checks that the committed stubs are what the protos generate today: Python's, or with --clients all others.

The stubs are generated into a scratch directory and compared byte by byte; nothing in the tree changes.
"""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Stubs:
    """What one template generates."""

    template: str
    patterns: tuple[str, ...]
    target: str

    def read(self, root: Path) -> dict[str, bytes]:
        """The generated files below ``root`` by their names."""
        paths = sorted(path for pattern in self.patterns for path in root.glob(pattern))
        return {str(path.relative_to(root)): path.read_bytes() for path in paths}


PYTHON = Stubs("buf.gen.yaml", ("clients/python/pointsman/v1/*_pb2*.py*",), "generate")
CLIENTS = Stubs(
    "buf.gen.clients.yaml",
    (
        "clients/go/v1/*.pb.go",
        "clients/typescript/src/pointsman/v1/*_pb.ts",
        "clients/java/src/main/java/pointsman/v1/*.java",
    ),
    "generate-clients",
)


def drift(stubs: Stubs) -> list[str]:
    """The names of the files that differ, are missing or have no proto any more."""
    # buf and its plugins stand beside this Python.
    programs = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    with tempfile.TemporaryDirectory() as scratch:
        command = [str(programs / "buf"), "generate", "--template", stubs.template, "--output", scratch]
        subprocess.run(command, cwd=ROOT, check=True, env=environment)
        fresh = stubs.read(Path(scratch))
    committed = stubs.read(ROOT)
    return sorted(name for name in fresh.keys() | committed.keys() if fresh.get(name) != committed.get(name))


def main() -> int:
    stubs = CLIENTS if "--clients" in sys.argv[1:] else PYTHON
    if names := drift(stubs):
        print(f"Not what the protos generate; run `make {stubs.target}`: {', '.join(names)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
