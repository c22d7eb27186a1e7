"""The ledger's seam: everything that accounts for a call goes through here."""

from typing import Protocol

from pointsman_server.ledger.model import DecisionEntry, OutcomeEntry, Reservation, ReserveRequest, Settlement


class Ledger(Protocol):
    """Accounts for attempts. Every method returns after its write is durable.

    All methods raise ``StoreUnavailable`` when the write could not be made; nothing is then recorded.
    """

    async def record(self, decision: DecisionEntry, outcome: OutcomeEntry | None = None) -> None:
        """Stores a decision that reserves nothing: it was only routed, or no model was eligible."""
        ...

    async def reserve(self, request: ReserveRequest, decision: DecisionEntry | None = None) -> Reservation:
        """Holds room for one attempt; the first reserve of a call stores its decision in the same transaction."""
        ...

    async def settle(
        self, reservation: Reservation, settlement: Settlement, outcome: OutcomeEntry | None = None
    ) -> None:
        """Ends a reservation with its one usage entry; the last of a call stores the outcome with it.

        A second end of the same reservation changes nothing.
        """
        ...

    async def settle_and_reserve(
        self, reservation: Reservation, settlement: Settlement, request: ReserveRequest
    ) -> Reservation:
        """Settles a failed attempt and holds room for the next one, in one transaction."""
        ...

    async def void(self, reservation: Reservation, outcome: OutcomeEntry | None = None) -> None:
        """Ends a reservation whose attempt never reached a provider; no entry is made."""
        ...
