"""Every strategy, by the profile that asks for it; and the profile of a call that names none."""

from collections.abc import Mapping

from pointsman_server.router.model import Facts, Profile
from pointsman_server.router.strategies.balanced import balanced
from pointsman_server.router.strategies.base import Strategy
from pointsman_server.router.strategies.best import best
from pointsman_server.router.strategies.cheapest import cheapest
from pointsman_server.router.strategies.fastest import fastest
from pointsman_server.router.strategies.free_first import free_first
from pointsman_server.router.tables import PURPOSES

STRATEGIES: Mapping[Profile, Strategy] = {
    Profile.BALANCED: balanced,
    Profile.BEST: best,
    Profile.CHEAPEST: cheapest,
    Profile.FASTEST: fastest,
    Profile.FREE_FIRST: free_first,
}

TIGHT_LATENCY_MS = 500
"""A caller with a ceiling below this wants the fastest model."""

TIGHT_COST_NANOS = 1_000_000
"""A caller with a ceiling below this, a tenth of a cent, wants the cheapest model."""


def profile_of(facts: Facts, default: Profile = Profile.BALANCED) -> Profile:
    """The profile that the caller names; else what its limits, its purpose and its task suggest, in this order; else
    the default.
    """
    hints = facts.preferences
    purpose = PURPOSES.get(facts.purpose)
    if hints.profile is not None:
        return hints.profile
    if hints.max_latency_ms is not None and hints.max_latency_ms < TIGHT_LATENCY_MS:
        return Profile.FASTEST
    if hints.max_cost_nanos is not None and hints.max_cost_nanos < TIGHT_COST_NANOS:
        return Profile.CHEAPEST
    if purpose is not None and purpose.profile is not None:
        return purpose.profile
    return Profile.BEST if facts.complex_reasoning else default
