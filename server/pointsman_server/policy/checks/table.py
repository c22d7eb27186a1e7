"""The content checks, by the keys of their rules. A check is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from pointsman_server.policy.checks import check_moderation, check_personal_data, check_secrets
from pointsman_server.policy.checks.model import TextCheck


@dataclass(frozen=True, slots=True)
class CheckKind:
    """One check.

    Attributes:
        kinds: what it can look for.
        load: makes it, or raises ``CheckNotAvailable``; ``None``: a model behind a provider looks, not this process.
    """

    kinds: frozenset[str]
    load: Callable[[], TextCheck] | None


CHECKS: Final[Mapping[str, CheckKind]] = {
    "check_moderation": CheckKind(check_moderation.KINDS, None),
    "check_personal_data": CheckKind(check_personal_data.KINDS, check_personal_data.load),
    "check_secrets": CheckKind(check_secrets.KINDS, check_secrets.load),
}


@cache
def loaded(check: str) -> TextCheck | None:
    """The check of that name, made once; ``None``: a model behind a provider looks.

    Raises:
        CheckNotAvailable: this server lacks what it needs.
    """
    load = CHECKS[check].load
    return None if load is None else load()
