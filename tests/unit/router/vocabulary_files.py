"""Small vocabularies in tiktoken's format."""

import base64
from pathlib import Path

WORDS = (b"th", b"the", b" t", b" th", b" the", b"in", b"ing", b" q", b"ui", b"ck", b"uick", b" quick", b"aa", b"aaaa")
CACHE_NAMES = {
    "o200k_base": "fb374d419588a4632f3f557e76b4b70aebbca790",
    "cl100k_base": "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
}
"""What tiktoken's cache calls its vocabularies."""


def lines(*words: bytes) -> bytes:
    """The lines of a vocabulary of all bytes and some words."""
    tokens = [*(bytes([byte]) for byte in range(256)), *words]
    return b"".join(base64.b64encode(token) + b" %d\n" % rank for rank, token in enumerate(tokens))


def write(directory: Path, name: str = "o200k_base.tiktoken") -> Path:
    """Writes a small vocabulary, in which ``" the quick"`` is two tokens."""
    path = directory / name
    path.write_bytes(lines(*WORDS))
    return path
