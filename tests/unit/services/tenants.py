"""TenantService over a real store, and who calls it."""

from __future__ import annotations

from pointsman_server.catalog.catalog import Catalog
from pointsman_server.identity.issuer import TokenIssuer
from pointsman_server.identity.model import Principal, Role
from pointsman_server.identity.sign_up import SignUps
from pointsman_server.identity.tenants import Tenant, User
from pointsman_server.identity.tokens import Digests, mint
from pointsman_server.ids import new_id
from pointsman_server.services.call import Call
from pointsman_server.services.tenant_parts import TenantParts
from pointsman_server.services.tenant_service import TenantService
from pointsman_server.storage.storage import Storage

from tests.conformance.identity.origins import origin
from tests.unit.router.catalogs import model, snapshot

DIGESTS = Digests(b"k" * 32)


def call(principal: Principal, method: str = "", *, tenant_id: str = "") -> Call:
    return Call(
        principal=principal,
        request_id="req",
        received_at=0,
        method=f"TenantService/{method}",
        named_tenant_id=tenant_id,
    )


OPERATOR = Principal("local", "local-admin", frozenset({Role.PLATFORM_ADMIN}), credential_id="pmk_1")
ADMIN = Principal("acme", "ada", frozenset({Role.TENANT_ADMIN}), credential_id="pmk_2")
USER = Principal("acme", "bob", frozenset({Role.USER}), credential_id="pmk_3")
AUDITOR = Principal("acme", "eve", frozenset({Role.AUDITOR}), credential_id="pmk_4")


def service(storage: Storage) -> TenantService:
    parts = TenantParts(
        tenants=storage.tenants,
        users=storage.users,
        projects=storage.projects,
        plans=storage.offer.plans,
        features=storage.offer.features,
        tasks=storage.offer.tasks,
        api_keys=storage.api_keys,
        access_tokens=storage.access_tokens,
        issuer=TokenIssuer(DIGESTS, mint, new_id),
        sign_ups=SignUps(storage.sign_ups, mint=mint, digests=DIGESTS, new_id=new_id),
        catalog=Catalog(snapshot(model("alpha/small"))),
        new_id=new_id,
    )
    return TenantService(parts)


async def populate(storage: Storage) -> None:
    """The operator's tenant, and acme with an administrator, a user and an auditor."""
    made = origin("test")
    for tenant_id, principals in {"local": [OPERATOR], "acme": [ADMIN, USER, AUDITOR]}.items():
        await storage.tenants.create(Tenant(tenant_id, tenant_id.title()), made)
        for each in principals:
            roles = frozenset(Role(role) for role in each.roles)
            await storage.users.create(User(tenant_id, each.user_id, each.user_id.title(), roles), made)
