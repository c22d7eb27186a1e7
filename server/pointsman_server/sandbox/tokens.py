"""The sandbox's tokens: word pieces, cut the same way each time, each at least one byte long."""

import re

_PIECE = re.compile(r" ?[^\W\d_]{1,8}| ?\d{1,3}| ?[^\w\s]{1,3}|_{1,4}|\s+?|.", re.DOTALL)


def pieces(text: str) -> list[str]:
    """The tokens of the text; joined, they are the text."""
    return _PIECE.findall(text)


def count(text: str) -> int:
    """How many tokens the text has: never more than its UTF-8 has bytes."""
    return len(_PIECE.findall(text))
