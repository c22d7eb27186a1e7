"""What every database does with projects: who is a member of which."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from pointsman_server.errors import NameTaken, NotFound
from pointsman_server.identity.model import Role
from pointsman_server.identity.tenant_stores import ProjectQuery
from pointsman_server.identity.tenants import Project, Tenant, User
from pointsman_server.identity.times import Times
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import START, SetClock
from tests.conformance.identity.origins import ADMIN, generations, origin, recorded

APOLLO = Project("acme", "apollo", "Apollo")
CREATE = origin("TenantService/CreateProject", ADMIN)
ADD = origin("TenantService/AddProjectMember", ADMIN)
REMOVE = origin("TenantService/RemoveProjectMember", ADMIN)


@pytest.fixture(autouse=True)
async def users(storage: Storage) -> None:
    made = origin("TenantService/CreateTenant")
    for tenant_id in ("acme", "beta"):
        await storage.tenants.create(Tenant(tenant_id, tenant_id), made)
        for user_id in ("ada", "bob", "cleo"):
            await storage.users.create(User(tenant_id, user_id, user_id, frozenset({Role.USER})), made)


async def test_a_project_comes_back_as_it_was_made(storage: Storage) -> None:
    made = await storage.projects.create(APOLLO, CREATE)
    assert made == replace(APOLLO, times=Times(START, START))
    assert await storage.projects.get("acme", "apollo") == made
    with pytest.raises(NameTaken):
        await storage.projects.create(APOLLO, CREATE)
    await storage.projects.create(replace(APOLLO, tenant_id="beta"), CREATE)


async def test_under_a_request_id_a_project_is_made_once(storage: Storage) -> None:
    asked = origin("TenantService/CreateProject", ADMIN, request_id="r1")
    assert await storage.projects.create(APOLLO, asked) == await storage.projects.create(APOLLO, asked)


async def test_members_come_and_go(storage: Storage, clock: SetClock) -> None:
    await storage.projects.create(APOLLO, CREATE)
    before = (await generations(storage)).revocation
    clock.advance(seconds=1)
    await storage.projects.add_member("acme", "apollo", "cleo", ADD)
    found = await storage.projects.add_member("acme", "apollo", "ada", ADD)
    assert (found.member_user_ids, found.times) == (("ada", "cleo"), Times(START, clock.now()))
    assert await storage.projects.get("acme", "apollo") == found
    found = await storage.projects.remove_member("acme", "apollo", "cleo", REMOVE)
    assert found.member_user_ids == ("ada",)
    assert (await generations(storage)).revocation == before + 3


async def test_what_is_so_already_changes_nothing(storage: Storage) -> None:
    await storage.projects.create(APOLLO, CREATE)
    await storage.projects.add_member("acme", "apollo", "ada", ADD)
    before = await generations(storage), await recorded(storage, "acme")
    await storage.projects.add_member("acme", "apollo", "ada", ADD)
    await storage.projects.remove_member("acme", "apollo", "bob", REMOVE)
    assert (await generations(storage), await recorded(storage, "acme")) == before


async def test_an_agent_may_be_a_member(storage: Storage) -> None:
    await storage.projects.create(APOLLO, CREATE)
    found = await storage.projects.add_member("acme", "apollo", "agent:reviewer", ADD)
    assert found.member_user_ids == ("agent:reviewer",)


async def test_many_join_at_once(storage: Storage) -> None:
    await storage.projects.create(APOLLO, CREATE)
    asked = ["ada", "bob", "cleo"] * 3
    await asyncio.gather(*(storage.projects.add_member("acme", "apollo", user_id, ADD) for user_id in asked))
    assert (await storage.projects.get("acme", "apollo")).member_user_ids == ("ada", "bob", "cleo")


async def test_a_name_is_changed_and_members_stay(storage: Storage) -> None:
    await storage.projects.create(APOLLO, CREATE)
    await storage.projects.add_member("acme", "apollo", "ada", ADD)
    before = await generations(storage)
    renamed = Project("acme", "apollo", "Artemis", ("bob",))
    update = origin("TenantService/UpdateProject", ADMIN)
    found = await storage.projects.update(renamed, ["display_name"], update)
    assert (found.display_name, found.member_user_ids) == ("Artemis", ("ada",))
    assert await storage.projects.get("acme", "apollo") == found
    assert await generations(storage) == before


async def test_a_deleted_project_has_no_members(storage: Storage) -> None:
    await storage.projects.create(APOLLO, CREATE)
    await storage.projects.add_member("acme", "apollo", "ada", ADD)
    before = (await generations(storage)).revocation
    await storage.projects.delete("acme", "apollo", origin("TenantService/DeleteProject", ADMIN))
    assert (await generations(storage)).revocation == before + 1
    with pytest.raises(NotFound):
        await storage.projects.get("acme", "apollo")
    assert (await storage.projects.create(APOLLO, CREATE)).member_user_ids == ()
    assert (await storage.projects.get("acme", "apollo")).member_user_ids == ()


async def test_what_is_not_there_is_not_found(storage: Storage) -> None:
    await storage.projects.create(replace(APOLLO, tenant_id="beta"), CREATE)
    for asked in (
        storage.projects.get("acme", "apollo"),
        storage.projects.update(APOLLO, ["display_name"], CREATE),
        storage.projects.delete("acme", "apollo", CREATE),
        storage.projects.add_member("acme", "apollo", "ada", ADD),
        storage.projects.remove_member("acme", "apollo", "ada", REMOVE),
    ):
        with pytest.raises(NotFound, match="no project apollo"):
            await asked
    with pytest.raises(NotFound, match="no user dan"):
        await storage.projects.add_member("beta", "apollo", "dan", ADD)
    with pytest.raises(NotFound, match="no tenant gone"):
        await storage.projects.create(replace(APOLLO, tenant_id="gone"), CREATE)


async def test_pages_are_in_order_with_members_and_filtered(storage: Storage) -> None:
    for number in range(4):
        await storage.projects.create(Project("acme", f"p-{number}", "P"), CREATE)
        await storage.projects.create(Project("beta", f"p-{number}", "P"), CREATE)
    for number in (1, 3):
        await storage.projects.add_member("acme", f"p-{number}", "ada", ADD)
        await storage.projects.add_member("beta", f"p-{number}", "bob", ADD)
    found, total = await storage.projects.page(ProjectQuery("acme"))
    assert total == 4
    assert [(each.project_id, each.member_user_ids) for each in found] == [
        ("p-0", ()),
        ("p-1", ("ada",)),
        ("p-2", ()),
        ("p-3", ("ada",)),
    ]
    found, total = await storage.projects.page(ProjectQuery("acme", member="ada", after="p-1", page_size=1))
    assert ([each.project_id for each in found], total) == (["p-3"], 2)
    assert (await storage.projects.page(ProjectQuery("acme", member="bob"))) == ([], 0)
