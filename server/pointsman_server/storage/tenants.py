"""Keeps tenants. A tenant's plan is its access token's."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from pointsman.v1 import tenant_service_pb2 as pb
from sqlalchemy import ColumnElement, and_, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from pointsman_server.errors import FieldViolation, InvalidRequest, LockedOut, NameTaken
from pointsman_server.identity.missing import no_tenant
from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.identity.origin import Origin
from pointsman_server.identity.tenant_messages import read_tenant, tenant_message
from pointsman_server.identity.tenant_stores import TenantQuery
from pointsman_server.identity.tenants import Tenant, TenantState
from pointsman_server.identity.times import Times
from pointsman_server.ids import NewId
from pointsman_server.ledger.generations import Generation
from pointsman_server.storage.access_tokens import record_elsewhere
from pointsman_server.storage.changes import Changes, Changing, Kind
from pointsman_server.storage.database import reading
from pointsman_server.storage.pages import page_of
from pointsman_server.storage.plans import PLANS_ALONE, plan_exists
from pointsman_server.storage.tables import ACCESS_TOKENS, TENANTS
from pointsman_server.storage.times import from_micros

TENANT: Final[Kind[Tenant]] = Kind(
    "tenant",
    lambda tenant: tenant.tenant_id,
    tenant_message,
    lambda data: read_tenant(pb.Tenant.FromString(data)),
)

_DIGEST_BYTES = 32
_OF_PRINCIPALS = ("state", "access_token_id", "plan_id", "default_model")
"""What of a tenant is in each of its principals."""

_its_plan: ColumnElement[str] = func.coalesce(ACCESS_TOKENS.c.plan_id, "")
_ALL: Final = select(TENANTS, _its_plan).outerjoin(
    ACCESS_TOKENS,
    and_(
        ACCESS_TOKENS.c.tenant_id == PLATFORM_TENANT,
        ACCESS_TOKENS.c.access_token_id == TENANTS.c.access_token_id,
        ACCESS_TOKENS.c.revoked_at.is_(None),
    ),
)
_ONE: Final = _ALL.where(TENANTS.c.tenant_id == bindparam("id"))
_LOCKED: Final = _ONE.with_for_update(of=TENANTS)
_INSERT: Final = insert(TENANTS)
_UPDATE: Final = (
    update(TENANTS)
    .where(TENANTS.c.tenant_id == bindparam("id"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("display_name", "state", "access_token_id", "default_model", "updated_at")
        }
    )
)
_INSERT_TOKEN: Final = insert(ACCESS_TOKENS)
_SET_PLAN: Final = (
    update(ACCESS_TOKENS)
    .where(ACCESS_TOKENS.c.tenant_id == PLATFORM_TENANT, ACCESS_TOKENS.c.access_token_id == bindparam("id"))
    .values(plan_id=bindparam("new_plan_id"), updated_at=bindparam("now"))
)


def locked_tenant(changing: Changing, tenant_id: str) -> Tenant:
    """The tenant, which no other change touches until this one is made: changes of what it has lock it too.

    Raises:
        NotFound: there is none.
    """
    rows = changing.execute(_LOCKED, {"id": tenant_id})
    if not rows:
        raise no_tenant(tenant_id)
    return _tenant(rows[0])


def insert_tenant(changing: Changing, tenant: Tenant) -> Tenant:
    """Writes a new tenant and records it; returns it as it is kept."""
    kept = replace(tenant, times=Times(changing.at, changing.at))
    changing.execute(_INSERT, {"tenant_id": kept.tenant_id, **_values(kept, changing), "created_at": changing.now})
    changing.record(kept.tenant_id, TENANT, None, kept)
    return kept


class SqlTenantStore:
    """Implements ``identity.tenant_stores.TenantStore``."""

    def __init__(self, readers: AsyncEngine, changes: Changes, *, new_id: NewId) -> None:
        self._readers = readers
        self._changes = changes
        self._new_id = new_id

    async def create(self, tenant: Tenant, origin: Origin) -> Tenant:
        def work(changing: Changing) -> Tenant:
            if changing.execute(_LOCKED, {"id": tenant.tenant_id}):
                raise NameTaken(f"There is a tenant {tenant.tenant_id} already.", metadata={"resource": "tenant"})
            made = self._with_plan(changing, tenant, tenant) if tenant.plan_id else tenant
            return insert_tenant(changing, made)

        return await self._changes.once(origin, TENANT, work, alone=PLANS_ALONE if tenant.plan_id else "")

    async def get(self, tenant_id: str) -> Tenant:
        async with reading(self._readers) as connection:
            row = (await connection.execute(_ONE, {"id": tenant_id})).one_or_none()
        if row is None:
            raise no_tenant(tenant_id)
        return _tenant(row)

    async def page(self, query: TenantQuery) -> tuple[list[Tenant], int]:
        matching = _ALL
        if query.tenant_id:
            matching = matching.where(TENANTS.c.tenant_id == query.tenant_id)
        if query.state is not None:
            matching = matching.where(TENANTS.c.state == query.state.value)
        if query.plan_id:
            matching = matching.where(_its_plan == query.plan_id)
        async with reading(self._readers) as connection:
            rows, total = await page_of(connection, matching, TENANTS.c.tenant_id, query.after, query.page_size)
        return [_tenant(row) for row in rows], total

    async def update(self, tenant: Tenant, fields: Collection[str], origin: Origin) -> Tenant:
        def work(changing: Changing) -> Tenant:
            before = locked_tenant(changing, tenant.tenant_id)
            after = replace(before, **{name: getattr(tenant, name) for name in fields})
            _check_state(before, after, origin)
            if after.plan_id != before.plan_id:
                after = self._with_plan(changing, before, after)
            return _write(changing, before, after)

        return await self._changes.once(origin, TENANT, work, alone=PLANS_ALONE if "plan_id" in fields else "")

    def _with_plan(self, changing: Changing, before: Tenant, after: Tenant) -> Tenant:
        """Has the tenant's access token give its plan. A revoked one stays revoked: another takes its place."""
        if not plan_exists(changing.execute, after.plan_id):
            problem = FieldViolation("tenant.plan_id", "names no plan that there is; ListPlans lists them")
            raise InvalidRequest(f"{problem.field}: {problem.description}", fields=(problem,))
        if before.access_token_id and before.plan_id:
            named = {"id": before.access_token_id, "new_plan_id": after.plan_id}
            changing.execute(_SET_PLAN, {**named, "now": changing.now})
            record_elsewhere(changing, before.access_token_id, {"plan_id": before.plan_id})
            return after
        token_id = self._new_id("pma")
        changing.execute(_INSERT_TOKEN, _bound_token(changing, token_id, after))
        record_elsewhere(changing, token_id, None)
        return replace(after, access_token_id=token_id)


def _check_state(before: Tenant, after: Tenant, origin: Origin) -> None:
    if before.state is TenantState.CLOSED and after.state is not TenantState.CLOSED:
        problem = FieldViolation("tenant.state", "cannot change: the tenant is closed for ever; make another one")
        raise InvalidRequest(f"{problem.field}: {problem.description}", fields=(problem,))
    if after.state is not TenantState.ACTIVE and after.tenant_id == origin.actor.tenant_id:
        raise LockedOut(
            "This would lock you out of your own tenant; an administrator of another one can do it.",
            metadata={"resource": "tenant"},
        )


def _write(changing: Changing, before: Tenant, after: Tenant) -> Tenant:
    assert before.times is not None, "a kept tenant has its times"
    kept = replace(after, times=Times(before.times.created_at, changing.at))
    values = {f"new_{name}": value for name, value in _values(kept, changing).items()}
    changing.execute(_UPDATE, {"id": kept.tenant_id, **values})
    if any(getattr(before, name) != getattr(kept, name) for name in _OF_PRINCIPALS):
        changing.count_on(Generation.REVOCATION)
    changing.record(kept.tenant_id, TENANT, before, kept)
    return kept


def _values(tenant: Tenant, changing: Changing) -> dict[str, object]:
    return {
        "display_name": tenant.display_name,
        "state": tenant.state.value,
        "access_token_id": tenant.access_token_id,
        "default_model": tenant.default_model,
        "updated_at": changing.now,
    }


def _bound_token(changing: Changing, token_id: str, tenant: Tenant) -> Mapping[str, object]:
    """A row of ``access_tokens`` for a tenant that did not sign up. Its digest is no token's: nobody can use it."""
    return {
        "tenant_id": PLATFORM_TENANT,
        "access_token_id": token_id,
        "display_name": tenant.display_name,
        "plan_id": tenant.plan_id,
        "bound_tenant_id": tenant.tenant_id,
        "digest": secrets.token_bytes(_DIGEST_BYTES),
        "expires_at": None,
        "revoked_at": None,
        "created_at": changing.now,
        "updated_at": changing.now,
    }


def _tenant(row: Sequence[Any]) -> Tenant:
    tenant_id, display_name, state, access_token_id, default_model, created_at, updated_at, plan_id = row
    return Tenant(
        tenant_id=tenant_id,
        display_name=display_name,
        state=TenantState(state),
        access_token_id=access_token_id,
        plan_id=plan_id,
        default_model=default_model,
        times=Times(from_micros(created_at), from_micros(updated_at)),
    )
