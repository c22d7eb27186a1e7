"""The program ``pointsman-server``."""


def main() -> None:
    """Runs the program."""
    raise SystemExit("not written yet")
