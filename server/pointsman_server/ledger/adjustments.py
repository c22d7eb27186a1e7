"""Settlements that come late: after somebody else said what the attempt used, since its server seemed to be gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pointsman.v1.usage_pb2 import TokenUsage

from pointsman_server.ledger.model import Reservation, Settlement


class Resolver(StrEnum):
    """Who ended a reservation. Only what its own server says is final."""

    OWNER = ""
    OPERATOR = "operator"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Resolved:
    """What was booked for a reservation that its own server did not end.

    Attributes:
        usage, cost_nanos: of its entry; nothing, where it was voided.
        has_entry: whether there is one.
        adjustment_count: how often it was corrected before.
    """

    resolver: Resolver
    usage: TokenUsage
    cost_nanos: int | None
    has_entry: bool
    adjustment_count: int


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What was booked is corrected to what the provider reported; both are kept. Without an entry before, a new one
    comes with it.
    """

    reservation: Reservation
    before: Resolved
    settlement: Settlement
    at: datetime

    @property
    def number(self) -> int:
        """Its place among the adjustments of its reservation, from 1."""
        return self.before.adjustment_count + 1

    @property
    def reason(self) -> str:
        """Why, in words."""
        return f"settled by its own server after the {self.before.resolver.value} had resolved it"
