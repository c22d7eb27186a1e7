"""Signs thoughts, so that only what the sandbox wrote comes back, and unchanged."""

from __future__ import annotations

from base64 import b64encode
from hashlib import blake2b
from typing import Final

_KEY: Final = b"the sandbox's own thoughts"


def sign(thoughts: str) -> str:
    """The signature of a block of thoughts."""
    return b64encode(blake2b(thoughts.encode(), key=_KEY, digest_size=48).digest()).decode()
