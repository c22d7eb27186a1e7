"""Two servers on one PostgreSQL keep one chain."""

import asyncio

from pointsman_server.clock import SystemClock
from pointsman_server.identity.audit import Change
from pointsman_server.identity.model import SERVER
from pointsman_server.ids import new_id
from pointsman_server.storage.audit_log import append
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
