"""The command line ``pointsman``. Needs the extra ``[cli]``; without it, says so."""

import sys

_EXTRA = {"typer", "rich"}


def main() -> None:
    """Runs the command line and exits."""
    try:
        from pointsman.cli.app import app  # noqa: PLC0415  # here, so that a missing extra can be explained
    except ModuleNotFoundError as missing:
        package = (missing.name or "").partition(".")[0]
        if package not in _EXTRA:
            raise
        sys.exit(f"the command line needs {package}: pip install 'pointsman[cli]'")
    app(prog_name="pointsman")
