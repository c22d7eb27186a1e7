"""What settings hold: how each kind is read from a variable or from TOML, and what is checked of a value."""

import ipaddress
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from pointsman_server.dollars import MOST_AMOUNT_NANOS, Nanos, nanos
from pointsman_server.toml_document import suggestion

Check = Callable[[Any], str | None]
"""Says what is wrong with a value; ``None``: nothing."""

SQLITE = "sqlite:///"
POSTGRESQL = ("postgresql://", "postgres://")
_PORTS = range(65536)
_UNIX = "unix:/"


def setting(
    default: Any,  # noqa: ANN401  # a field's default
    doc: str,
    check: Check | None = None,
    alias: str = "",
    *,
    secret: bool = False,
) -> Any:  # noqa: ANN401  # a field's default
    """A field of settings. ``alias`` is a variable of another name that is read too, where our own is not set."""
    return field(default=default, metadata={"doc": doc, "check": check, "alias": alias}, repr=not secret)


def within(least: int, most: int | None = None) -> Check:
    """Takes whole numbers within bounds, and none."""
    wanted = f"at least {least}" if most is None else f"between {least} and {most}"

    def check(value: int | None) -> str | None:
        inside = value is None or (value >= least and (most is None or value <= most))
        return None if inside else f"must be {wanted}"

    return check


def one_of(*choices: str) -> Check:
    """Takes some texts."""

    def check(value: str) -> str | None:
        return None if value in choices else f"must be one of {', '.join(choices)}.{suggestion(value, choices)}"

    return check


def listening_address(value: str) -> str | None:
    """Takes an address of this machine with its port, or a Unix socket."""
    if value.startswith(_UNIX):
        return None
    host, _, port = value.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) not in _PORTS:
        return "must be host:port, such as 127.0.0.1:50051, or unix:/path"
    if host == "localhost" or _ip_address(host) is not None:
        return None
    return "must name localhost or an address: what another host name means may change after it was checked"


def is_private(address: str) -> bool:
    """Whether only programs on this machine can connect to a listening address."""
    if not address or address.startswith(_UNIX):
        return True
    host = address.rpartition(":")[0]
    found = _ip_address(host)
    return host == "localhost" if found is None else found.is_loopback


def _ip_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def listening_address_or_empty(value: str) -> str | None:
    """As ``listening_address``, or nothing."""
    return listening_address(value) if value else None


def at_least_bytes(least: int) -> Check:
    """Takes nothing, or a text that is long enough to be a secret. Never repeats it."""

    def check(value: str) -> str | None:
        return f"must have at least {least} bytes" if value and len(value.encode()) < least else None

    return check


def database_url(value: str) -> str | None:
    """Takes SQLite files and PostgreSQL databases, or nothing."""
    if not value or value.startswith(POSTGRESQL):
        return None
    if value.startswith(SQLITE) and ":memory:" not in value and value != SQLITE:
        return None
    return f"must be empty, {SQLITE}path or {POSTGRESQL[0]}user:password@host/database"  # never repeats a password


def networks(values: Iterable[str]) -> str | None:
    """Takes networks."""
    for value in values:
        try:
            ipaddress.ip_network(value, strict=False)
        except ValueError:
            return f"holds {value!r}, which is no network such as 10.1.0.0/16"
    return None


def from_text(text: str, kind: object) -> object:
    """Reads the text of a variable.

    Raises:
        ValueError: it is not of the kind; says what it must be.
    """
    if _is_optional(kind):
        return from_text(text, _sole(kind)) if text else None
    return _READERS[kind](text)


def _whole(text: str) -> int:
    if not text.isascii() or not text.removeprefix("-").replace("_", "").isdigit():
        raise ValueError("must be a whole number")
    return int(text)


def _dollars(value: object) -> Nanos:
    return nanos(value, MOST_AMOUNT_NANOS)


def _path(text: str) -> Path:
    if not text:
        raise ValueError("must be a path")
    return Path(text)


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _flag(text: str) -> bool:
    if text in {"true", "1", "yes", "on"}:
        return True
    if text in {"false", "0", "no", "off"}:
        return False
    raise ValueError("must be true or false")


_READERS: Mapping[object, Callable[[str], object]] = {
    str: str,
    bool: lambda text: _flag(text.lower()),
    int: _whole,
    Nanos: _dollars,
    Path: _path,
    tuple[str, ...]: _list,
}


def from_toml(value: object, kind: object) -> object:
    """Reads a value of TOML.

    Raises:
        ValueError: it is not of the kind; says what it must be.
    """
    if _is_optional(kind):
        kind = _sole(kind)
    if kind is Path and isinstance(value, str) and value:
        return Path(value)
    if kind == tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return tuple(value)
        raise ValueError("must be an array of strings")
    if kind is Nanos:
        return _dollars(value)
    if type(value) is kind:
        return value
    wanted = {bool: "true or false", int: "a whole number", Path: "a path in quotes"}
    raise ValueError(f"must be {wanted.get(typing.cast('type', kind), 'a string in quotes')}")


def _is_optional(kind: object) -> bool:
    return typing.get_origin(kind) in {types.UnionType, typing.Union}  # the second one with a NewType


def _sole(kind: object) -> object:
    """What an optional type holds when it is set."""
    return next(part for part in typing.get_args(kind) if part is not types.NoneType)
