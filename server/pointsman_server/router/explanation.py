"""A plan's reason in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from pointsman_server.router.model import Candidate, Exclusion, Profile


def explain_leader(leader: Candidate, profile: Profile, *, eligible: int, considered: int, tied: int) -> str:
    """Says why the first model leads."""
    parts = " + ".join(f"{term.name} {term.value:.3g} x {term.weight:.3g}" for term in leader.terms)
    sentence = (
        f"{leader.model.id} leads {eligible} eligible of {considered} models by the profile {profile}: "
        f"score {leader.score:.3f} = {parts}"
    )
    return f"{sentence}; {tied} models tie, and the seed chose." if tied > 1 else f"{sentence}."


def explain_none(exclusions: Sequence[Exclusion], considered: int) -> str:
    """Says why no model leads."""
    if not considered:
        return "The catalog has no models."
    drops = ", ".join(f"{exclusion.reason} dropped {exclusion.count}" for exclusion in exclusions)
    return f"None of {considered} models is eligible: {drops}."


def explain_default(leader: Candidate, *, eligible: int, considered: int) -> str:
    """Says why the tenant's default model serves alone."""
    return (
        f"Scoring failed, so {leader.model.id} serves, the tenant's default model: "
        f"it passed every filter, as did {eligible} of {considered} models."
    )
