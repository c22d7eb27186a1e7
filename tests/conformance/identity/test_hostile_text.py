"""Text that means something to a database is text like any other, on each of them."""

from __future__ import annotations

from pointsman_server.identity.model import Role
from pointsman_server.identity.tenant_stores import UserQuery
from pointsman_server.identity.tenants import Project, Tenant, User
from pointsman_server.policy.plans import Feature, ModelAccess, Plan, PlanFeature, PlanTask
from pointsman_server.storage.storage import Storage

from tests.conformance.identity.origins import origin

HOSTILE = [
    "'; DROP TABLE tenants; --",
    '"; DELETE FROM users; --',
    "' OR '1'='1",
    "x' UNION SELECT digest FROM api_keys --",
    *("%", "_", "\\", "\\'", "/", "$1", ":id", "%(id)s", "%s", "?", "{0}", "\t", "NULL"),
    "Ω\u202e🚂\U0010ffff",
]
MADE = origin("test")


async def test_it_comes_back_to_the_letter_and_finds_itself(storage: Storage) -> None:
    """As name and as id: the stores do not lean on what servicers let through."""
    for text in HOSTILE:
        await keep(storage, text)
    plans = sorted((await storage.offer.offer()).plans)
    assert plans == sorted([*HOSTILE, "BASIC", "ENTERPRISE", "FREE", "PRO"])


async def keep(storage: Storage, text: str) -> None:
    tenant = await storage.tenants.create(Tenant(text, text, default_model=text), MADE)
    assert await storage.tenants.get(text) == tenant
    user = await storage.users.create(User(text, text, text, frozenset({Role.TENANT_ADMIN}), email=text), MADE)
    assert await storage.users.get(text, text) == user
    assert await storage.users.page(UserQuery(text, text=text)) == ([user], 1)
    assert (await storage.users.page(UserQuery(text, text=f"{text}{text}")))[1] == 0
    await storage.projects.create(Project(text, text, text), MADE)
    project = await storage.projects.add_member(text, text, text, MADE)
    assert await storage.projects.get(text, text) == project
    assert project.member_user_ids == (text,)
    await storage.offer.features.create(Feature(text, text), MADE)
    access = ModelAccess((text,))
    task = PlanTask("LLM2_DRAFT", access)
    features = (PlanFeature(text), PlanFeature("PATENT_DRAFTING"))
    plan = await storage.offer.plans.create(Plan(text, text, features, (task,), access), MADE)
    assert await storage.offer.plans.get(text) == plan
