"""What can be read back of what was recorded: usage reports and decisions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from pointsman.v1.decision_pb2 import Decision
from pointsman.v1.router_service_pb2 import UsageDimension, UsageFilter, UsageRow

DEFAULT_PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class UsageQuery:
    """What to report; the fields mean what they mean in ``UsageRequest``.

    Attributes:
        start, end: the period, end exclusive, by when attempts ended. ``None``: the start of the current calendar
            month in UTC, and now. A page token keeps the period of the page that it came from.
        group_by: one row for each combination of these; empty: only the total.
        label_key: the label that ``USAGE_DIMENSION_LABEL`` groups by.
        page_token: an earlier page's ``next_page_token``; empty: the first page.
    """

    start: datetime | None = None
    end: datetime | None = None
    group_by: tuple[UsageDimension.ValueType, ...] = ()
    label_key: str = ""
    filters: UsageFilter = field(default_factory=UsageFilter)
    page_size: int = DEFAULT_PAGE_SIZE
    page_token: str = ""


@dataclass(frozen=True, slots=True)
class UsagePage:
    """Some rows of a report, and the total of all.

    A sum that passes 2**63 - 1, the largest that the contract carries, is given as that.

    Attributes:
        start, end: the period that was reported.
        rows: one a group. Days and hours first, in order of time; then the dearest first; then by key. Days are
            written ``2026-11-20``, hours ``2026-11-20T10:00:00Z``; an entry without the label has the key ``""``.
        next_page_token: asks for the next page; empty: this was the last.
        total_size: how many rows there are on all pages.
    """

    start: datetime
    end: datetime
    total: UsageRow
    rows: tuple[UsageRow, ...]
    next_page_token: str
    total_size: int


class UsageReports(Protocol):
    """Reports what was used and what it cost."""

    async def report(self, tenant_id: str, query: UsageQuery) -> UsagePage:
        """Sums the tenant's usage entries.

        Raises:
            InvalidRequest: the page token is not of this query.
            StoreUnavailable: the store cannot be read.
        """
        ...


class DecisionStore(Protocol):
    """Reads stored decisions."""

    async def get(self, tenant_id: str, user_id: str | None, decision_id: str) -> Decision:
        """Returns a decision with its outcome and its latest rating, as far as there are any.

        Args:
            tenant_id: the tenant that it must belong to.
            user_id: the user that it must belong to; ``None``: any user of the tenant.
            decision_id: the decision.

        Raises:
            NotFound: there is none, or it is another's.
            StoreUnavailable: the store cannot be read.
        """
        ...
