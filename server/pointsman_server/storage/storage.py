"""The database as the server sees it: opened once, closed once, one store for each concern."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import ExitStack
from datetime import timedelta
from types import TracebackType
from typing import Self

import structlog

from pointsman_server.clock import Clock, SystemClock
from pointsman_server.errors import ConfigurationError, StoreUnavailable
from pointsman_server.ids import NewId
from pointsman_server.ledger.ledger import GroupCommitLedger
from pointsman_server.ledger.membership import Membership
from pointsman_server.ledger.recovery import recover
from pointsman_server.ledger.replicas import Host
from pointsman_server.ledger.store import LedgerStore
from pointsman_server.ledger.sweeper import Sweeper
from pointsman_server.ledger.unknown import UnknownPolicy
from pointsman_server.ledger.writer import GroupCommitWriter
from pointsman_server.storage.access_tokens import SqlAccessTokenStore
from pointsman_server.storage.administrator import SqlAdministratorStore
from pointsman_server.storage.api_keys import SqlApiKeyStore
from pointsman_server.storage.audit import SqlAuditStore
from pointsman_server.storage.bookings import SqlBookings
from pointsman_server.storage.budgets import SqlBudgetStore
from pointsman_server.storage.changes import Changes
from pointsman_server.storage.claims import SqlClaimStore
from pointsman_server.storage.control import Execute
from pointsman_server.storage.credentials import SqlCredentialReader
from pointsman_server.storage.database import Address, Database
from pointsman_server.storage.databases import database_at
from pointsman_server.storage.decisions import SqlDecisionStore
from pointsman_server.storage.feedback import SqlFeedbackStore
from pointsman_server.storage.generations import SqlGenerations
from pointsman_server.storage.idle_meters import SqlIdleMeters
from pointsman_server.storage.kill_switches import SqlKillStore
from pointsman_server.storage.plans import SqlOffer
from pointsman_server.storage.policy import SqlRuleStore
from pointsman_server.storage.policy_reader import SqlPolicyReader
from pointsman_server.storage.projects import SqlProjectStore
from pointsman_server.storage.replicas import SqlRegistry
from pointsman_server.storage.server_secrets import SqlServerSecrets
from pointsman_server.storage.shares import SqlShares
from pointsman_server.storage.sign_up import SqlSignUpStore
from pointsman_server.storage.tenants import SqlTenantStore
from pointsman_server.storage.usage import SqlUsageReports
from pointsman_server.storage.users import SqlUserStore
from pointsman_server.storage.visits import SqlVisits

TEND_SECONDS = 3_600.0
"""How often the database is tended."""

TEND_AGAIN_SECONDS = 60.0
"""When it is tended again where that failed."""

_log = structlog.get_logger(__name__)


class Storage:
    """Holds the claim on the database, the writer's thread and the readers' connections.

    Attributes:
        ledger: accounts for attempts.
        feedback: keeps ratings.
        usage: reports what was used.
        decisions: reads decisions back.
        budgets: keeps budgets, and proves their counters.
        shares: reads how much of budgets is used.
        idle_meters: removes meters of plans and rules that nothing counts on.
        bookings: reads what was booked at a provider.
        claims: tells who has a request id.
        tenants: keeps tenants.
        users: keeps users.
        projects: keeps projects and their members.
        offer: keeps plans, features and tasks.
        api_keys: keeps API keys.
        access_tokens: keeps access tokens.
        sign_ups: keeps what a sign-up makes.
        rules: keeps policy rules.
        policy: reads all rules and plans at once.
        kill_switches: keeps kill switches, and reads those in force.
        sweeper: this server's heartbeat, and what it does about servers that are gone; to be run.
        credentials: finds what is known of a credential.
        secrets: keeps what all replicas must know.
        administrator: keeps the first administrator.
        audit: reads the audit log, and proves it.
        visits: records who looks into other tenants.
        generations: reads what calls are planned under.
        orphans: how many reservations were open at the start. They stay, since no one knows what they used.
    """

    def __init__(
        self,
        database: Database,
        claim: ExitStack,
        store: LedgerStore[Execute],
        membership: Membership[Execute],
        *,
        clock: Clock,
        new_id: NewId,
        unknown_policy: UnknownPolicy | None,
    ) -> None:
        registry = SqlRegistry()
        recover(store, registry)
        self.orphans = store.open_count()
        self._readers = database.open_readers()
        self._writer = GroupCommitWriter[Execute](store, membership)
        self.sweeper = Sweeper[Execute](self._writer, membership, registry, clock=clock, policy=unknown_policy)
        self._closed = False
        control = self._control = database.control_writer(self._writer, self._readers)
        self.ledger = GroupCommitLedger(self._writer, clock=clock, new_id=new_id)
        self.feedback = SqlFeedbackStore(self._readers, control, clock=clock, new_id=new_id)
        self.usage = SqlUsageReports(self._readers, database.now)
        self.decisions = SqlDecisionStore(self._readers)
        self.budgets = SqlBudgetStore(self._readers, control, database.now, clock=clock)
        self.audit = SqlAuditStore(self._readers, control, clock=clock)
        self.visits = SqlVisits(self._readers, control, clock=clock)
        self.shares = SqlShares(self._readers, database.now)
        self.idle_meters = SqlIdleMeters(self._readers, control, database.now)
        self.bookings = SqlBookings(self._readers)
        self.credentials = SqlCredentialReader(self._readers)
        self.secrets = SqlServerSecrets(control, clock)
        self.administrator = SqlAdministratorStore(self._readers, control, clock)
        self.generations = SqlGenerations(self._readers)
        self.claims = SqlClaimStore(self._readers, control)
        changes = Changes(control, clock)
        self.tenants = SqlTenantStore(self._readers, changes, new_id=new_id)
        self.users = SqlUserStore(self._readers, changes)
        self.projects = SqlProjectStore(self._readers, changes)
        self.offer = SqlOffer(self._readers, changes)
        self.api_keys = SqlApiKeyStore(self._readers, changes, clock)
        self.access_tokens = SqlAccessTokenStore(self._readers, changes, clock)
        self.sign_ups = SqlSignUpStore(changes)
        self.rules = SqlRuleStore(self._readers, changes, new_id=new_id)
        self.policy = SqlPolicyReader(self._readers)
        self.kill_switches = SqlKillStore(self._readers, changes, new_id=new_id)
        self._tending = asyncio.create_task(_tend(database))
        self._claim = claim.pop_all()  # last: where anything before fails, the opener gives it back

    @classmethod
    async def open(
        cls,
        address: Address,
        *,
        new_id: NewId,
        clock: Clock | None = None,
        largest_life: timedelta | None = None,
        unknown_policy: UnknownPolicy | None = None,
    ) -> Self:
        """Claims and migrates the database, an SQLite file made where it is missing, and starts the writer.

        Args:
            address: where it is.
            new_id: makes ids.
            clock: tells the time; without one the ledger's is the database's own, all else the machine's.
            largest_life: how long a reservation may stay open; ``None``: for ever.
            unknown_policy: what ends an unknown reservation; ``None``: somebody must resolve it.

        Raises:
            ConfigurationError: another server uses it, a newer version wrote it, or it cannot be read or written.
        """
        database = database_at(address, clock)
        host = Host(socket.gethostname(), os.getpid())
        membership = Membership(SqlRegistry(), host, largest_life=largest_life, new_id=new_id)
        with ExitStack() as claim:
            try:
                claim.enter_context(await asyncio.to_thread(database.claim))
                await asyncio.to_thread(database.upgrade)
                store = await asyncio.to_thread(database.open_store)
                storage = cls(
                    database,
                    claim,
                    store,
                    membership,
                    clock=clock or SystemClock(),
                    new_id=new_id,
                    unknown_policy=unknown_policy,
                )
            except StoreUnavailable as error:
                raise ConfigurationError(f"{database.name} cannot be opened: {error.__cause__}.") from error
        if storage.orphans:
            _log.warning("reservations_left_open", count=storage.orphans)
        return storage

    async def close(self) -> None:
        """Writes what is waiting and closes everything. The writer goes last: SQLite folds the log into the file."""
        if self._closed:
            return
        self._closed = True
        self._tending.cancel()
        await asyncio.wait([self._tending])
        await self._readers.dispose()
        await self.sweeper.leave()
        await self._writer.close()
        self._claim.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def _tend(database: Database) -> None:
    tended = True
    while True:
        await asyncio.sleep(TEND_SECONDS if tended else TEND_AGAIN_SECONDS)
        tended = await asyncio.to_thread(database.tend)
