"""Two servers on one PostgreSQL keep one chain."""

import asyncio
from collections.abc import Callable

from pointsman.v1.tenant_service_pb2 import AccessToken
from pointsman_server.clock import SystemClock
from pointsman_server.identity.audit import Change
from pointsman_server.identity.model import PLATFORM_TENANT, SERVER
from pointsman_server.identity.origin import Origin
from pointsman_server.ids import new_id
from pointsman_server.storage.access_tokens import ACCESS_TOKEN
from pointsman_server.storage.audit_log import append
from pointsman_server.storage.changes import Changes, Changing
from pointsman_server.storage.control import Execute
from pointsman_server.storage.storage import Storage

from tests.postgres import PostgresServer

ENTRIES = "SELECT sequence, previous_hash, hash FROM audit_entries ORDER BY sequence"


def look(execute: Execute) -> None:
    append(execute, "acme", SERVER, Change("TenantService/GetUser", "user", "ada"), SystemClock().now())


async def test_the_chain_that_two_begin_and_go_on_with_at_once_stays_dense(
    postgres: PostgresServer, postgres_url: str
) -> None:
    async with (
        await Storage.open(postgres_url, new_id=new_id) as one,
        await Storage.open(postgres_url, new_id=new_id) as other,
    ):
        await asyncio.gather(*((one, other)[number % 2]._control.control(look) for number in range(60)))
    entries = postgres.run(ENTRIES, "reused")
    assert [sequence for sequence, _, _ in entries] == list(range(1, 61))
    assert [previous for _, previous, _ in entries] == ["", *(hash_ for _, _, hash_ in entries[:-1])]


async def test_who_writes_into_two_chains_waits_for_nobody_who_waits_for_him(
    postgres: PostgresServer, postgres_url: str
) -> None:
    """Whatever order they are named in, the chains are taken in one."""
    origin = Origin(SERVER, "server/test")

    def recording(owners: tuple[str, str]) -> Callable[[Changing], None]:
        def work(changing: Changing) -> None:
            for owner in owners:
                changing.record(owner, ACCESS_TOKEN, None, AccessToken(access_token_id="pma_1"))

        return work

    pair = ("acme", PLATFORM_TENANT)
    async with (
        await Storage.open(postgres_url, new_id=new_id) as one,
        await Storage.open(postgres_url, new_id=new_id) as other,
    ):
        changes = [Changes(storage._control, SystemClock()) for storage in (one, other)]
        works = [changes[n % 2].make(origin, recording(pair if n % 2 else pair[::-1])) for n in range(60)]
        await asyncio.gather(*works)
    counts = "SELECT tenant_id, max(sequence), count(*) FROM audit_entries GROUP BY 1 ORDER BY 1"
    assert postgres.run(counts, "reused") == [("acme", 60, 60), ("platform", 60, 60)]
