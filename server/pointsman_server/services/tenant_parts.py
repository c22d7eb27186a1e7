"""What the parts of ``TenantService`` are built on."""

from __future__ import annotations

from dataclasses import dataclass

from pointsman_server.catalog.catalog import Catalog
from pointsman_server.identity.issuer import TokenIssuer
from pointsman_server.identity.key_stores import AccessTokenStore, ApiKeyStore
from pointsman_server.identity.sign_up import SignUps
from pointsman_server.identity.tenant_stores import ProjectStore, TenantStore, UserStore
from pointsman_server.ids import NewId
from pointsman_server.policy.plan_store import OfferStore
from pointsman_server.policy.plans import Feature, Plan, Task


@dataclass(frozen=True, slots=True)
class TenantParts:
    """The stores, and what else the methods need."""

    tenants: TenantStore
    users: UserStore
    projects: ProjectStore
    plans: OfferStore[Plan]
    features: OfferStore[Feature]
    tasks: OfferStore[Task]
    api_keys: ApiKeyStore
    access_tokens: AccessTokenStore
    sign_ups: SignUps
    issuer: TokenIssuer
    catalog: Catalog
    new_id: NewId


class Part:
    """A part of the servicer."""

    def __init__(self, parts: TenantParts) -> None:
        self._parts = parts
