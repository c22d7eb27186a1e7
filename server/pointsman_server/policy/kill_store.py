"""What keeps kill switches, and whose one may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pointsman_server.identity.origin import Origin
from pointsman_server.policy.kill_switch import KillSwitch

MAX_KILL_SWITCHES_OF_TENANT = 100
"""How many switches about one tenant's calls may be in force: every call asks each."""

MAX_PULLED_A_MINUTE = 20
"""How many a tenant may pull in a minute: what any tenant changes has the calls of all planned anew."""


@dataclass(frozen=True, slots=True)
class KillView:
    """Whose switches one may see, and which of them release.

    Attributes:
        tenant_id: the tenant whose calls are stopped; ``None``: everybody's.
        of_platform: whether one may release the platform's.
    """

    tenant_id: str | None
    of_platform: bool = False


@dataclass(frozen=True, slots=True)
class KillQuery:
    """Which switches to list.

    Attributes:
        with_released: whether those that are not in force are asked for too.
        after: the id after which the page begins.
    """

    view: KillView
    with_released: bool = False
    after: str = ""
    page_size: int = 100


class KillStore(Protocol):
    """Keeps kill switches for ever, those that were released too.

    Every change is checked, made, counted on and recorded in the audit log in one transaction. Every method raises
    ``StoreUnavailable``; every change ``RequestIdReused``.
    """

    async def pull(self, switch: KillSwitch, origin: Origin) -> KillSwitch:
        """Pulls one; id and time are the store's to give.

        Raises:
            InvalidRequest: the tenant is not there, or has as many switches as it may have.
            Overloaded: the tenant pulls them too fast.
        """
        ...

    async def release(self, view: KillView, kill_switch_id: str, justification: str, origin: Origin) -> KillSwitch:
        """Releases one. One that was released before stays as it is.

        Raises:
            NotFound: there is none, or it is another's.
            RoleRequired: it is the platform's.
        """
        ...

    async def page(self, query: KillQuery) -> tuple[list[KillSwitch], int]:
        """Returns the switches of one page ordered by id, and how many there are on all pages."""
        ...
