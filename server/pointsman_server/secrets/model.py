"""A secret: a value that cannot be printed, logged, pickled or compared by accident."""

from typing import NoReturn


class Secret:
    """Holds a plaintext key. ``reveal`` is the only way to it, and is called where the key goes on the wire."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The plaintext."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be serialised")
