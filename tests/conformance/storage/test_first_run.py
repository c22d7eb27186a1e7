"""The first administrator's key: made once, found again, made anew where it was lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from pointsman_server.errors import ConfigurationError, CredentialInvalid
from pointsman_server.identity.authenticator import Authenticator
from pointsman_server.identity.credentials import Presented
from pointsman_server.identity.first_run import FirstRun
from pointsman_server.identity.model import LOCAL_ADMIN, Principal
from pointsman_server.identity.token_file import TokenFile
from pointsman_server.identity.token_key import digests_under
from pointsman_server.identity.tokens import Token, mint
from pointsman_server.ids import new_id
from pointsman_server.storage.storage import Storage
from pointsman_server.storage.tables import API_KEYS, METADATA, TENANTS, USERS
from sqlalchemy import select, update
from structlog.testing import capture_logs

from tests.conformance.builders import SetClock

Begin = Callable[..., "Started"]


class Started:
    """A server that starts, as far as its first run goes."""

    def __init__(self, storage: Storage, directory: Path, clock: SetClock) -> None:
        self.storage = storage
        self.file = TokenFile(directory)
        self.said: list[str] = []
        self._clock = clock

    async def first_run(self) -> FirstRun:
        digests = await digests_under(self.storage.secrets, "")
        return FirstRun(self.storage.administrator, digests, self.file, new_id, self.said.append)

    async def ensure(self) -> None:
        await (await self.first_run()).ensure()

    async def who(self, token: Token | None) -> Principal:
        assert token is not None
        digests = await digests_under(self.storage.secrets, "")
        authenticate = Authenticator(self.storage.credentials, digests, self._clock)
        return await authenticate(Presented((f"Bearer {token.reveal()}",)))


@pytest.fixture
def begin(storage: Storage, tmp_path: Path, clock: SetClock) -> Begin:
    return lambda name="data": Started(storage, tmp_path / name, clock)


async def test_the_first_start_makes_the_administrator(begin: Begin) -> None:
    server = begin()
    await server.ensure()
    token = server.file.read()
    assert token is not None
    principal = await server.who(token)
    assert (principal.tenant_id, principal.user_id, principal.roles) == ("local", "local-admin", {"platform_admin"})
    assert (principal.plan_required, principal.credential_id) == (False, token.token_id)
    assert (principal.tenant_id, principal.user_id) == (LOCAL_ADMIN.tenant_id, LOCAL_ADMIN.user_id)
    (said,) = server.said
    assert token.reveal() in said
    assert str(server.file.path) in said


async def test_it_is_recorded_without_its_secret(begin: Begin, storage: Storage) -> None:
    server = begin()
    with capture_logs() as logs:
        await server.ensure()
    token = server.file.read()
    assert token is not None
    secret = token.reveal().removeprefix(f"{token.token_id}_")
    assert secret not in str(logs)
    assert secret not in await dump(storage)
    assert token.token_id in await dump(storage)


async def test_later_starts_make_nothing(begin: Begin) -> None:
    server = begin()
    await server.ensure()
    before = server.file.path.read_text()
    with capture_logs() as logs:
        await server.ensure()
    assert server.file.path.read_text() == before
    assert len(server.said) == 1
    assert logs == []


async def test_servers_that_start_at_once_make_one(begin: Begin) -> None:
    servers = [begin(f"data{number}") for number in range(4)]
    await asyncio.gather(*(server.ensure() for server in servers))
    assert sum(len(server.said) for server in servers) == 1
    assert [server.file.path.exists() for server in servers].count(True) == 1
    (first,) = (server for server in servers if server.said)
    assert (await first.who(first.file.read())).user_id == "local-admin"


async def test_servers_that_share_a_directory_agree(begin: Begin) -> None:
    servers = [begin() for _ in range(4)]
    await asyncio.gather(*(server.ensure() for server in servers))
    assert (await servers[0].who(servers[0].file.read())).user_id == "local-admin"


async def test_a_key_that_was_written_before_a_crash_is_taken(begin: Begin) -> None:
    server = begin()
    token = mint(new_id("pmk"))
    server.file.create(token)
    await server.ensure()
    assert (await server.who(token)).credential_id == token.token_id


async def test_a_file_that_is_not_ours_stops_the_first_start(begin: Begin) -> None:
    server = begin()
    server.file.path.parent.mkdir()
    server.file.path.write_text("?")
    with pytest.raises(ConfigurationError, match="admin-token"):
        await server.ensure()


async def test_a_stale_file_is_told_of_with_its_cure(begin: Begin) -> None:
    await begin().ensure()
    stale = begin("other")
    stale.file.create(mint(new_id("pmk")))
    with capture_logs() as logs:
        await stale.ensure()
    assert [entry["event"] for entry in logs] == ["admin_token_stale"]
    assert "pointsman-server admin-token" in logs[0]["detail"]
    stale.file.path.chmod(0o644)
    with capture_logs() as logs:
        await stale.ensure()
    assert [entry["event"] for entry in logs] == ["admin_token_unusable"]


async def test_where_no_file_can_be_written_the_key_is_shown_all_the_same(begin: Begin, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the directory should be")
    server = begin("data/below")
    with capture_logs() as logs:
        await server.ensure()
    assert [entry["event"] for entry in logs] == ["admin_token_not_written"]
    assert "pmk_" in server.said[0]


async def test_a_lost_key_is_replaced_and_ends(begin: Begin, storage: Storage) -> None:
    server = begin()
    await server.ensure()
    lost = server.file.read()
    before = await storage.generations.read()
    await (await server.first_run()).renew()
    assert (await server.who(server.file.read())).user_id == "local-admin"
    with pytest.raises(CredentialInvalid):
        await server.who(lost)
    assert (await storage.generations.read()).revocation == before.revocation + 1
    assert len(server.said) == 2


async def test_an_administrator_who_was_locked_out_is_let_in_again(begin: Begin, storage: Storage) -> None:
    server = begin()
    await server.ensure()
    for table in (TENANTS, USERS):
        statement = update(table).values(state="suspended")
        await storage._writer.control(lambda execute, statement=statement: execute(statement, {}))
    await storage._writer.control(lambda execute: execute(update(USERS).values(roles='["user"]'), {}))
    await (await server.first_run()).renew()
    assert (await server.who(server.file.read())).roles == {"platform_admin"}


async def test_a_server_whose_keys_are_all_revoked_makes_none_by_itself(begin: Begin, storage: Storage) -> None:
    server = begin()
    await server.ensure()
    server.file.remove()
    await storage._writer.control(lambda execute: execute(update(API_KEYS).values(revoked_at=1), {}))
    await server.ensure()
    assert len(server.said) == 1
    assert server.file.read() is None


async def test_digests_are_made_under_one_key_for_ever(storage: Storage) -> None:
    token = mint("pmk_1")
    own = await digests_under(storage.secrets, "")
    assert (await digests_under(storage.secrets, "")).of(token) == own.of(token)
    with pytest.raises(ConfigurationError, match="unset it"):
        await digests_under(storage.secrets, "k" * 32)


async def test_the_operators_key_is_noticed_when_it_changes(storage: Storage) -> None:
    token, key = mint("pmk_1"), "the operator's own key, long enough"
    digests = await asyncio.gather(*(digests_under(storage.secrets, key) for _ in range(4)))
    assert len({each.of(token) for each in digests}) == 1
    for other, complaint in (("k" * 32, "set that one"), ("", "set it")):
        with pytest.raises(ConfigurationError, match=complaint) as caught:
            await digests_under(storage.secrets, other)
        assert key not in str(caught.value)
    assert key not in await dump(storage)


async def dump(storage: Storage) -> str:
    """Every value of every table, as text."""
    found: list[str] = []
    async with storage._readers.connect() as connection:
        for table in METADATA.sorted_tables:
            for row in (await connection.execute(select(table))).all():
                found.extend(
                    value.decode(errors="replace") if isinstance(value, bytes) else str(value) for value in row
                )
    return "\n".join(found)
