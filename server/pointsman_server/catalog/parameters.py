"""Parameters in provider files: ``${NAME}``, ``${NAME:-default}`` and ``${NAME:?example}`` take the value of an
environment variable.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

_PARAMETER = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::(?P<sign>[-?])(?P<usual>[^${}]*))?\}")
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # where servers listen, which nobody can connect to


@dataclass(frozen=True, slots=True)
class Expanded:
    """A text with its parameters filled in, and the variables that it needs and that are not set."""

    text: str
    missing: tuple[str, ...] = ()


def expand(text: str, environment: Mapping[str, str]) -> Expanded:
    """Fills the parameters in. A blank variable counts as unset; without a default it is missing.

    A parameter whose default or example is an address takes addresses as their owners write them, ``0.0.0.0`` or
    ``myhost:11434``: what such a value leaves out, the default or the example says. Only an example also gives its
    path to a value with a scheme and no path.

    Raises:
        ValueError: a parameter is malformed, or a variable holds no address where one is wanted.
    """
    missing: list[str] = []

    def value(match: re.Match[str]) -> str:
        name, usual, needed = match["name"], match["usual"] or "", match["sign"] != "-"
        given = environment.get(name, "").strip()
        if given and "://" in usual:
            return _completed(name, given, urlsplit(usual), keep_path=not needed)
        if needed and not given:
            missing.append(name)
        return given if given or needed else usual

    filled = _PARAMETER.sub(value, text)
    if "${" in _PARAMETER.sub("", text):
        raise ValueError("holds a parameter that is neither ${NAME} nor ${NAME:-default} nor ${NAME:?example}")
    return Expanded(filled, tuple(missing))


def names(text: str) -> Mapping[str, str]:
    """The variables that a text names, with their defaults."""
    return {match["name"]: match["usual"] if match["sign"] == "-" else "" for match in _PARAMETER.finditer(text)}


def _completed(name: str, value: str, usual: SplitResult, *, keep_path: bool) -> str:
    whole = "://" in value
    try:
        given = urlsplit(value if whole else f"//{value}")
        port = given.port if whole or given.port else usual.port
    except ValueError:
        given, port = urlsplit(""), None
    if not (given.netloc or given.path) or given.username is not None or given.query or given.fragment:
        raise ValueError(f"{name} must be an address such as {usual.geturl()}")
    host = given.hostname or usual.hostname or ""
    host = _ANY_ADDRESS.get(host, host)
    path = given.path if (whole and keep_path) or given.path.strip("/") else usual.path
    written = f"[{host}]" if ":" in host else host
    return f"{given.scheme or usual.scheme}://{written}{f':{port}' if port else ''}{path.rstrip('/')}"
