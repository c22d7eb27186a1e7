"""Names that the reader and the writers of the ``anthropic`` dialect share."""

from typing import Final

DIALECT: Final = "anthropic"
THINKING: Final = "thinking"
REDACTED: Final = "redacted_thinking"
THOUGHTS: Final = frozenset({THINKING, REDACTED})
"""The types of blocks that hold thoughts."""
