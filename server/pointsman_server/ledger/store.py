"""The ledger's two seams: what callers account with, and what a database gives to the ledger's one writer."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from pointsman_server.errors import StoreUnavailable
from pointsman_server.identity.audit import Deed
from pointsman_server.ledger.adjustments import Resolved, Resolver
from pointsman_server.ledger.batch import Changes, Held, ReservationKey
from pointsman_server.ledger.claims import Claim
from pointsman_server.ledger.generations import Generations
from pointsman_server.ledger.meters import Balance
from pointsman_server.ledger.model import DecisionEntry, OutcomeEntry, Progress, Reservation, ReserveRequest, Settlement
from pointsman_server.ledger.opening import MeterRows
from pointsman_server.ledger.replicas import ReplicaState

ResultT = TypeVar("ResultT")
AccessT = TypeVar("AccessT")
AccessT_co = TypeVar("AccessT_co", covariant=True)


class FateUnknown(StoreUnavailable):
    """The store did not say whether it kept a transaction, so that it may have."""


class Ledger(Protocol):
    """Accounts for attempts. Every method returns after its write is durable.

    All methods raise ``StoreUnavailable`` when the write could not be made; nothing is then recorded, unless it is
    ``FateUnknown``. ``record`` and ``reserve`` raise ``Overloaded`` when too many writes are waiting; what ends a
    reservation is never turned away.

    A caller that is cancelled while it waits loses no write: what it asked for is still done. A reservation that was
    made, but that its caller was not given, is voided as soon as the store can be written.
    """

    async def record(
        self, decision: DecisionEntry, outcome: OutcomeEntry | None = None, *, admission: bool = True
    ) -> None:
        """Stores a decision that reserves nothing: it was only routed, or no model was eligible.

        For a decision that is stored already, stores the outcome alone. Without ``admission`` it is never turned away.
        """
        ...

    async def reserve(
        self,
        request: ReserveRequest,
        decision: DecisionEntry | None = None,
        *,
        others: tuple[ReserveRequest, ...] = (),
        claim: Claim | None = None,
    ) -> Reservation:
        """Holds room for one attempt, the first of the alternatives that every meter admits; the reservation's request
        says which, and at what output cap. The first reserve of a call stores its decision in the same transaction,
        and its claim on the request id that the caller gave. The outcome that is stored last ends the claim.

        Raises:
            BudgetExhausted: none of them fits; nothing is recorded.
            GenerationsChanged: the request was planned under older ones than the store's; nothing is recorded.
            AlreadyClaimed: another call has the request id; nothing is recorded.
        """
        ...

    async def settle(
        self,
        reservation: Reservation,
        settlement: Settlement,
        outcome: OutcomeEntry | None = None,
        *,
        resolver: Resolver = Resolver.OWNER,
        deed: Deed | None = None,
    ) -> Balance | None:
        """Ends a reservation with its one usage entry; the last of a call stores the outcome with it.

        Returns the tightest meter that it was on and its tenant may see. A second end of the same reservation changes
        nothing, but for its own server's settlement after another ``resolver`` ended it: that corrects the entry.
        The ``deed`` goes into the audit log in the same transaction.

        Raises:
            NotFound: another ``resolver`` than its own server comes too late.
        """
        ...

    async def settle_and_reserve(
        self,
        reservation: Reservation,
        settlement: Settlement,
        request: ReserveRequest,
        *,
        others: tuple[ReserveRequest, ...] = (),
    ) -> Reservation:
        """Settles a failed attempt and holds room for the next one, in one transaction; see ``reserve``.

        Whoever was told ``FateUnknown`` asks again: what that may have reserved is then withdrawn in the same
        transaction, and what the call holds moves on, counted once.

        Raises:
            BudgetExhausted: nothing fits; the failed attempt is settled.
            GenerationsChanged: as for ``reserve``; the failed attempt is settled.
        """
        ...

    async def void(
        self,
        reservation: Reservation,
        outcome: OutcomeEntry | None = None,
        *,
        resolver: Resolver = Resolver.OWNER,
        deed: Deed | None = None,
    ) -> None:
        """Ends a reservation whose attempt never reached a provider; no entry is made. Else as ``settle``."""
        ...

    async def checkpoint(self, progress: Sequence[Progress]) -> None:
        """Writes down what attempts that run have used so far; those that ended meanwhile are left out.

        Raises:
            Overloaded: too many writes are waiting; nothing is written.
        """
        ...


class LedgerStore(MeterRows, Protocol[AccessT_co]):
    """The one connection that writes, used by one thread at a time.

    Every method raises ``StoreUnavailable`` where the database itself cannot be written now. Any other exception is
    the operation's own fault. ``AccessT_co`` is how a control write reaches the database; the ledger hands it through.
    """

    def alone(self) -> AbstractContextManager[bool]:
        """Says whether no other server has the database open; while it lasts, none gets in."""
        ...

    def begin(self, replica_id: str = "") -> ReplicaState | None:
        """Starts a transaction that holds the write lock; first ends one that a failure left open.

        Returns where the server of that id stands; ``None``: it is not known.
        """
        ...

    def claim(self, claims: Sequence[Claim]) -> Collection[str]:
        """Makes the claims whose request ids are free, of two with one id the first; returns the completions that now
        have theirs. Waits for other servers' claims on the same ids. It comes before everything else that locks.
        """
        ...

    def held(self, keys: Collection[ReservationKey]) -> Mapping[ReservationKey, Held]:
        """Returns what those reservations hold that the store has, and how they stand; the rows stay locked."""
        ...

    def resolved(self, keys: Collection[ReservationKey]) -> Mapping[ReservationKey, Resolved]:
        """Of the reservations named, returns those that somebody else than their own servers has ended."""
        ...

    def generations(self) -> Generations:
        """The generations as this transaction sees them."""
        ...

    def open_reservations(self) -> Sequence[Reservation]:
        """Returns the reservations that are open, each with its lines."""
        ...

    def write(self, changes: Changes) -> None:
        """Writes what a batch comes to."""
        ...

    def control(self, write: Callable[[AccessT_co], ResultT]) -> ResultT:
        """Runs a write that is not the ledger's, in the same transaction, and returns what it returns."""
        ...

    def commit(self) -> None:
        """Makes the transaction durable.

        Raises:
            FateUnknown: nobody said whether it is.
        """
        ...

    def rollback(self) -> None:
        """Undoes the transaction; without one, does nothing."""
        ...

    def open_count(self) -> int:
        """How many reservations are open or unknown."""
        ...

    def close(self) -> None:
        """Closes the connection."""
        ...
