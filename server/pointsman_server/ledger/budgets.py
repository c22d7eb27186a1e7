"""Budgets: meters as those see them who set the limits."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pointsman_server.identity.model import Actor
from pointsman_server.ledger.audit import Finding
from pointsman_server.ledger.meters import Balance, Meter, Scope
from pointsman_server.ledger.model import Reservation


@dataclass(frozen=True, slots=True)
class Budget:
    """A meter with its state at one moment.

    Attributes:
        window: when its window began, and when that next lets go of something; ``None``: it has no window.
    """

    balance: Balance
    window: tuple[datetime, datetime] | None
    created_at: datetime
    updated_at: datetime

    @property
    def meter(self) -> Meter:
        """The meter."""
        return self.balance.meter


@dataclass(frozen=True, slots=True)
class BudgetQuery:
    """Which budgets to list.

    Attributes:
        owners: the tenants whose meters the caller may see.
        scope: ``None``: every scope.
        scope_id: empty: every project, user, agent or provider.
        after: the id after which the page begins.
    """

    owners: tuple[str, ...]
    scope: Scope | None = None
    scope_id: str = ""
    after: str = ""
    page_size: int = 100


@dataclass(frozen=True, slots=True)
class BudgetChange:
    """What is to be changed; ``None``: it stays."""

    name: str | None = None
    limit: int | None = None
    frozen: bool | None = None


MAX_BUDGETS_AT_SCOPE = 20
"""How many budgets one scope may have. A call is held on each, so that many would slow everyone."""


class BudgetStore(Protocol):
    """Keeps budgets, and proves their counters. ``owners`` are the tenants whose meters the caller may see. Whatever is
    changed stands in the audit log with its ``actor``.

    All methods raise ``StoreUnavailable`` where the store cannot be read or written.
    """

    async def create(self, meter: Meter, actor: Actor) -> Budget:
        """Makes a budget; returns when it is durable and holds for every admission from then on.

        Raises:
            TooManyBudgets: its scope has as many as it may have.
        """
        ...

    async def get(self, owners: tuple[str, ...], budget_id: str) -> Budget:
        """Returns a budget.

        Raises:
            NotFound: there is none, or it is another's.
        """
        ...

    async def page(self, query: BudgetQuery) -> tuple[list[Budget], int]:
        """Returns the budgets of one page ordered by id, and how many there are on all pages."""
        ...

    async def update(self, owners: tuple[str, ...], budget_id: str, change: BudgetChange, actor: Actor) -> Budget:
        """Changes a budget; it holds for every admission after the return.

        Raises:
            NotFound: there is none, or it is another's.
            LimitSetElsewhere: it is the limit of a plan or a rule.
        """
        ...

    async def delete(self, owners: tuple[str, ...], budget_id: str, actor: Actor) -> None:
        """Removes a budget with its counters.

        Raises:
            NotFound: there is none, or it is another's.
            LimitSetElsewhere: it is the limit of a plan or a rule.
        """
        ...

    async def unknown(self, tenant_id: str, reservation_id: str) -> Reservation:
        """Returns a reservation that is unknown.

        Raises:
            NotFound: there is none.
        """
        ...

    def verify(self, tenant_id: str | None) -> AsyncGenerator[Finding, None]:
        """Recomputes all counters of one tenant, or of all, from one state of the store; the summary comes last."""
        ...
