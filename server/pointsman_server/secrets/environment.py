"""Keys from the environment."""

from collections.abc import Mapping
from typing import Protocol

from pointsman_server.secrets.model import Secret


class KeyReference(Protocol):
    """What says where a key is: ``catalog.model.Auth``."""

    @property
    def environment(self) -> tuple[str, ...]:
        """Names of variables; the first that is set wins."""
        ...


class EnvironmentKeys:
    """Finds keys in environment variables. It holds the environment, so it shows nothing of itself."""

    __slots__ = ("_environment",)

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def find(self, auth: KeyReference, /) -> tuple[Secret, str] | None:
        """The key, and the variable that it is in; ``None``: no variable is set. A blank one counts as unset."""
        for name in auth.environment:
            value = self._environment.get(name, "").strip()
            if value:
                return Secret(value), name
        return None

    def __repr__(self) -> str:
        return "EnvironmentKeys(***)"
