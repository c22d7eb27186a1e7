"""``python -m pointsman.cli`` is the same as ``pointsman``."""

from pointsman.cli import main

main()
