"""Settings of client certificates: which name of one counts, and whom it speaks for."""

from __future__ import annotations

import re
from typing import Final

from pointsman_server.issuer_settings import ID

SPIFFE: Final = "spiffe"
COMMON_NAME: Final = "common_name"

_PLACE: Final = re.compile(r"\{(tenant|user)\}")
_ID_CHARACTERS: Final = re.compile(r"[A-Za-z0-9._-]*")


def pattern_of(template: str) -> re.Pattern[str]:
    """What finds ``tenant`` and ``user`` in a name that is as the template says; a template was checked before."""
    literals = _PLACE.split(template)[::2]
    places = (f"(?P<{name}>{ID.pattern})" for name in _PLACE.findall(template))
    return re.compile(
        "".join(part for pair in zip(map(re.escape, literals), [*places, ""], strict=True) for part in pair)
    )


def template(value: str) -> str | None:
    """Takes a name with ``{tenant}`` and ``{user}`` in it, or with ``{user}`` alone, or nothing."""
    if not value:
        return None
    places = _PLACE.findall(value)
    if sorted(places) not in (["user"], ["tenant", "user"]):
        return "must have {user} once, and {tenant} once or not at all"
    literals = _PLACE.split(value)[::2]
    if any(not part.isprintable() or "{" in part or "}" in part for part in literals):
        return "may have no other braces than those of {tenant} and {user}"
    if len(places) > 1 and _ID_CHARACTERS.fullmatch(literals[1]):
        return "must part {tenant} and {user} by a character that no id has, such as a slash: else it is a guess"
    return None


def named_peers(values: tuple[str, ...]) -> str | None:
    """Takes ``NAME=TENANT/USER`` for each, each name once."""
    names = [value.rpartition("=")[0] for value in values]
    for value, name in zip(values, names, strict=True):
        ids = value.rpartition("=")[2].split("/")
        if not name or len(ids) != 2 or not all(map(ID.fullmatch, ids)):  # noqa: PLR2004  # tenant and user
            return f"holds {value!r}; write NAME=TENANT/USER"
        if names.count(name) > 1:
            return f"holds {name!r} twice; keep one"
    return None
