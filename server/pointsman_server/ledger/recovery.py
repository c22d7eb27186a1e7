"""What a start does with the reservations that an earlier run left open."""

from __future__ import annotations

from pointsman_server.ledger import alarms
from pointsman_server.ledger.batch import Known, Orphan
from pointsman_server.ledger.fold import fold
from pointsman_server.ledger.opening import open_book
from pointsman_server.ledger.replicas import Registry
from pointsman_server.ledger.store import AccessT, LedgerStore


def recover(store: LedgerStore[AccessT], registry: Registry[AccessT]) -> None:
    """Makes every open reservation unknown, since its attempt may have reached a provider, and frees its slots.

    It stays charged until a settlement or an administrator says what it used. Where other servers have the database
    open, nothing is done: the reservations may be theirs. Those of a dead one are left to the sweeper.
    """
    with store.alone() as alone:
        if not alone:
            return
        store.begin()
        store.control(registry.bury)
        orphans = [Orphan(reservation) for reservation in store.open_reservations()]
        book, now = open_book(store, orphans)
        changes = fold(orphans, now, book, Known())
        store.write(changes)
        store.commit()
        alarms.tell(changes)
