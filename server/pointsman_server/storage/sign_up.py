"""Keeps what a sign-up makes, all at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlalchemy import bindparam, exists, or_, update

from pointsman_server.errors import SignUpRefused
from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.identity.origin import Origin
from pointsman_server.identity.sign_up import Applicant
from pointsman_server.ledger.generations import Generation
from pointsman_server.storage.access_tokens import record_elsewhere
from pointsman_server.storage.api_keys import insert_key
from pointsman_server.storage.changes import Changes, Changing
from pointsman_server.storage.tables import ACCESS_TOKENS, PLANS
from pointsman_server.storage.tenants import insert_tenant
from pointsman_server.storage.users import insert_user

_TOKEN = ACCESS_TOKENS.c
_BIND: Final = (
    update(ACCESS_TOKENS)
    .where(
        _TOKEN.tenant_id == PLATFORM_TENANT,
        _TOKEN.access_token_id == bindparam("id"),
        _TOKEN.bound_tenant_id == "",
        _TOKEN.revoked_at.is_(None),
        or_(_TOKEN.expires_at.is_(None), _TOKEN.expires_at > bindparam("now")),
        exists().where(PLANS.c.tenant_id == PLATFORM_TENANT, PLANS.c.plan_id == _TOKEN.plan_id),
    )
    .values(bound_tenant_id=bindparam("tenant"), updated_at=bindparam("now"))
    .returning(_TOKEN.plan_id)
)
"""Looks and takes in one, so that of two who sign up at once the second waits, and then finds the token bound."""


class SqlSignUpStore:
    """Implements ``identity.sign_up.SignUpStore``."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    async def sign_up(self, access_token_id: str, applicant: Applicant, origin: Origin) -> Applicant:
        def work(changing: Changing) -> Applicant | None:
            named = {"id": access_token_id, "tenant": applicant.tenant.tenant_id, "now": changing.now}
            bound = changing.execute(_BIND, named)
            if not bound:
                return None
            record_elsewhere(changing, access_token_id, {"tenant_id": ""})
            return _make(changing, applicant, bound[0][0])

        kept = await self._changes.make(origin, work)
        if kept is None:
            raise SignUpRefused(
                "The access token was used before, is not valid any more, or gives no plan that there is; "
                "ask the platform's administrator for another."
            )
        return kept


def _make(changing: Changing, applicant: Applicant, plan_id: str) -> Applicant:
    tenant = insert_tenant(changing, replace(applicant.tenant, plan_id=plan_id))
    admin = insert_user(changing, applicant.admin)
    api_key = insert_key(changing, applicant.api_key, applicant.digest)
    changing.count_on(Generation.REVOCATION)  # the token's bearer is somebody else now
    return Applicant(tenant, admin, api_key, applicant.digest)
