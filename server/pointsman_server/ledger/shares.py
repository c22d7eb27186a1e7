"""How much of budgets is used, for those who must know without waiting for the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple, Protocol

from pointsman_server.ledger.meters import Balance, Scope

PERCENT = 100


class ShareKey(NamedTuple):
    """Names what is asked for: a budget of a tenant or of the platform, or with an empty ``budget_id`` the budgets of
    money at a tenant's scope.
    """

    tenant_id: str
    scope: Scope
    scope_id: str
    budget_id: str


class ShareStore(Protocol):
    """Reads shares."""

    async def shares(self, keys: Collection[ShareKey]) -> Mapping[ShareKey, int]:
        """How much of each is posted and held, in percent of the limit, rounded down; of several budgets the most. A
        named budget that is not there is left out; where a scope has none, nothing is used.

        Raises:
            StoreUnavailable: the store cannot be read.
        """
        ...


def percent_of(balance: Balance) -> int:
    """How much is posted and held; all of a limit of nothing is."""
    limit = balance.meter.limit
    return (balance.posted + balance.reserved) * PERCENT // limit if limit else PERCENT
