"""JSON from strangers: each member once, no numbers that JSON lacks, no depth that breaks the parser."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn


class NotStrictJson(ValueError):
    """The text is no JSON, or more than one reading of it is possible.

    Attributes:
        duplicate: whether an object has a member twice, which parsers read in different ways.
    """

    def __init__(self, *, duplicate: bool = False) -> None:
        super().__init__("duplicate member" if duplicate else "not JSON")
        self.duplicate = duplicate


def parse(data: bytes) -> Any:  # noqa: ANN401  # what JSON holds
    """What the text says.

    Raises:
        NotStrictJson: it says nothing, or too much.
    """
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_members, parse_constant=_refuse)
    except NotStrictJson:
        raise
    except (ValueError, RecursionError):
        raise NotStrictJson from None


def _members(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotStrictJson(duplicate=True)
    return members


def _refuse(_constant: str) -> NoReturn:
    raise NotStrictJson
