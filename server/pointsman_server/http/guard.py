"""Lets in only what was meant for this server: stops DNS rebinding and requests that foreign pages forge."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from pointsman_server.errors import HostNotAllowed, InvalidHttpRequest

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")
_JSON = re.compile(r'application/json[ \t]*(;[ \t]*charset=("utf-8"|utf-8)[ \t]*)?', re.IGNORECASE)
_ORIGIN_SCHEMES = frozenset({"http", "https"})


def check_host(values: Sequence[str], allowed: Collection[str]) -> None:
    """Checks the Host headers: exactly one, whose name without port is allowed.

    Raises:
        HostNotAllowed: it is missing, doubled or another's.
    """
    match = _HOST.fullmatch(values[0]) if len(values) == 1 else None
    if match is None or match[1].lower() not in allowed:
        raise HostNotAllowed("the Host header names no host of this server; POINTSMAN_HTTP_ALLOWED_HOSTS lists them")


def check_origin(values: Sequence[str], allowed: Collection[str]) -> None:
    """Checks the Origin headers, which browsers send: none, or a page of an allowed host.

    Raises:
        HostNotAllowed: a foreign site asks.
    """
    for value in values:
        scheme, _, rest = value.partition("://")
        host = _HOST.fullmatch(rest)
        if scheme not in _ORIGIN_SCHEMES or host is None or host[1].lower() not in allowed:
            raise HostNotAllowed("the Origin header names a foreign site; POINTSMAN_HTTP_ALLOWED_HOSTS lists ours")


def check_content_type(values: Sequence[str], encodings: Sequence[str]) -> None:
    """Checks that a body is plain JSON: the one type that a form on a foreign page cannot send unasked.

    Raises:
        InvalidHttpRequest: it is of another type, or compressed.
    """
    if len(values) != 1 or not _JSON.fullmatch(values[0].strip()):
        raise InvalidHttpRequest("the Content-Type is not application/json; send JSON in UTF-8 and say so")
    if any(encoding.strip().lower() != "identity" for encoding in encodings):
        raise InvalidHttpRequest("the body has a Content-Encoding; send it uncompressed")
