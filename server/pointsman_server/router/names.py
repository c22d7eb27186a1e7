"""Names that stand in tables and hints, resolved: the rows that they mean, what was passed over, what is unknown."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from pointsman_server.catalog.snapshot import Snapshot
from pointsman_server.router.eligibility import Eligibility
from pointsman_server.router.model import Preferences, SkippedPreference

NEAREST = 3
"""How many names are offered instead of an unknown one."""

MOST_COMPARED = 50_000
"""With more names than this none is offered: comparing takes time on the way to a refusal."""

_NOT_IN_CATALOG = "not in the catalog"


@dataclass(frozen=True, slots=True)
class UnknownName:
    """A pin that the catalog does not know: the field that holds it, the name, and names that look like it.

    Attributes:
        kind: ``model`` or ``provider``.
    """

    kind: str
    field: str
    name: str
    nearest: tuple[str, ...]


def unknown_pins(snapshot: Snapshot, preferences: Preferences) -> tuple[UnknownName, ...]:
    """Returns the pinned models and providers that the snapshot does not know, to refuse the call with."""
    models = (
        _unknown("model", f"specification.hints.pinned_models[{place}]", name, snapshot.names)
        for place, name in enumerate(preferences.pinned_models)
        if not snapshot.resolve(name)
    )
    providers = (
        _unknown("provider", f"specification.hints.pinned_providers[{place}]", name, snapshot.providers)
        for place, name in enumerate(preferences.pinned_providers)
        if name not in snapshot.providers
    )
    return (*models, *providers)


def skipped_models(
    snapshot: Snapshot, eligibility: Eligibility, names: Iterable[str], source: str
) -> Iterator[SkippedPreference]:
    """Yields the names none of whose models is eligible, each with the filters that dropped them."""
    for name in names:
        resolved = snapshot.resolve(name)
        if not resolved:
            yield SkippedPreference(name, source, _NOT_IN_CATALOG)
            continue
        rows = np.array(resolved, dtype=np.intp)
        if not eligibility.includes(rows):
            yield SkippedPreference(name, source, eligibility.reasons(rows))


def skipped_providers(
    snapshot: Snapshot, eligibility: Eligibility, names: Iterable[str], source: str
) -> Iterator[SkippedPreference]:
    """Yields the providers none of whose models is eligible, each with the filters that dropped them."""
    for name in names:
        if name not in snapshot.providers:
            yield SkippedPreference(name, source, _NOT_IN_CATALOG)
            continue
        owned = np.flatnonzero(snapshot.columns.provider_index == snapshot.provider_ids.index(name))
        if not len(owned):
            yield SkippedPreference(name, source, "it has no models")
        elif not eligibility.includes(owned):
            yield SkippedPreference(name, source, eligibility.reasons(owned))


def _unknown(kind: str, field: str, name: str, known: Iterable[str]) -> UnknownName:
    names = list(known)
    nearest = difflib.get_close_matches(name, names, NEAREST) if len(names) <= MOST_COMPARED else []
    return UnknownName(kind, field, name, tuple(nearest))
