"""Keeps access tokens: the platform's rows, each the single source of a tenant's plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from google.protobuf.field_mask_pb2 import FieldMask
from pointsman.v1.tenant_service_pb2 import CREDENTIAL_STATE_ACTIVE, CREDENTIAL_STATE_REVOKED, AccessToken
from sqlalchemy import Select, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from pointsman_server.clock import Clock
from pointsman_server.errors import NotFound
from pointsman_server.identity.key_stores import AccessTokenQuery
from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.identity.origin import Origin
from pointsman_server.ledger.generations import Generation
from pointsman_server.storage.changes import Changes, Changing, Kind
from pointsman_server.storage.credential_rows import check_to_come, expiry_of, in_state, invalid, stamp, state_of
from pointsman_server.storage.database import reading
from pointsman_server.storage.pages import page_of
from pointsman_server.storage.plans import PLANS_ALONE, plan_exists
from pointsman_server.storage.tables import ACCESS_TOKENS
from pointsman_server.storage.times import to_micros

ACCESS_TOKEN: Final[Kind[AccessToken]] = Kind(
    "access_token", lambda token: token.access_token_id, lambda token: token, AccessToken.FromString
)

_SHOWN: Final = [column for column in ACCESS_TOKENS.columns if column.name not in {"tenant_id", "digest"}]
_THIS: Final = (ACCESS_TOKENS.c.tenant_id == PLATFORM_TENANT, ACCESS_TOKENS.c.access_token_id == bindparam("id"))
_ONE: Final = select(*_SHOWN).where(*_THIS)
_LOCKED: Final = _ONE.with_for_update()
_INSERT: Final = insert(ACCESS_TOKENS)
_UPDATE: Final = (
    update(ACCESS_TOKENS)
    .where(*_THIS)
    .values(
        display_name=bindparam("new_display_name"),
        plan_id=bindparam("new_plan_id"),
        expires_at=bindparam("new_expires_at"),
        updated_at=bindparam("now"),
    )
)
_REVOKE: Final = update(ACCESS_TOKENS).where(*_THIS).values(revoked_at=bindparam("now"), updated_at=bindparam("now"))


class SqlAccessTokenStore:
    """Implements ``identity.key_stores.AccessTokenStore``."""

    def __init__(self, readers: AsyncEngine, changes: Changes, clock: Clock) -> None:
        self._readers = readers
        self._changes = changes
        self._clock = clock

    async def create(self, token: AccessToken, digest: bytes, origin: Origin) -> AccessToken:
        def work(changing: Changing) -> AccessToken:
            _check(changing, token)
            made = AccessToken()
            made.CopyFrom(token)
            made.state = CREDENTIAL_STATE_ACTIVE
            for time in (made.create_time, made.update_time):
                time.FromDatetime(changing.at)
            changing.execute(_INSERT, _row(made, digest, changing.now))
            changing.record(PLATFORM_TENANT, ACCESS_TOKEN, None, made)
            return made

        return await self._changes.once(origin, ACCESS_TOKEN, work, alone=PLANS_ALONE)

    async def page(self, query: AccessTokenQuery) -> tuple[list[AccessToken], int]:
        now = to_micros(self._clock.now())
        columns = ACCESS_TOKENS.c
        matching: Select[Any] = select(*_SHOWN).where(
            columns.tenant_id == PLATFORM_TENANT, in_state(ACCESS_TOKENS, query.state, now)
        )
        if query.plan_id:
            matching = matching.where(columns.plan_id == query.plan_id)
        async with reading(self._readers) as connection:
            rows, total = await page_of(connection, matching, columns.access_token_id, query.after, query.page_size)
        return [_token(row, now) for row in rows], total

    async def update(self, token: AccessToken, fields: Collection[str], origin: Origin) -> AccessToken:
        def work(changing: Changing) -> AccessToken:
            before = _read(changing, token.access_token_id, _LOCKED)
            if before.state == CREDENTIAL_STATE_REVOKED:
                raise invalid("access_token.access_token_id", "is revoked for ever; issue another")
            after = _merged(before, token, fields)
            _check(changing, after, fields)
            row = {f"new_{name}": getattr(after, name) for name in ("display_name", "plan_id")}
            ends = {"new_expires_at": expiry_of(after)}
            changing.execute(_UPDATE, {"id": token.access_token_id, **row, **ends, "now": changing.now})
            return _record(changing, before)

        alone = PLANS_ALONE if "plan_id" in fields else ""
        return await self._changes.once(origin, ACCESS_TOKEN, work, alone=alone)

    async def revoke(self, access_token_id: str, origin: Origin) -> AccessToken:
        def work(changing: Changing) -> AccessToken:
            before = _read(changing, access_token_id, _LOCKED)
            if before.state == CREDENTIAL_STATE_REVOKED:
                return before
            changing.execute(_REVOKE, {"id": access_token_id, "now": changing.now})
            return _record(changing, before)

        return await self._changes.make(origin, work)


def record_elsewhere(changing: Changing, access_token_id: str, was: Mapping[str, str] | None) -> None:
    """Records what another method does to a token: the platform's log has everything that becomes of one.

    Args:
        changing: the change that has just written it.
        access_token_id: the token.
        was: what of it has changed, as it was; ``None``: the token is new.
    """
    before, after = AccessToken(), _read(changing, access_token_id)
    before.CopyFrom(after)
    for name, value in (was or {}).items():
        setattr(before, name, value)
    changing.record(PLATFORM_TENANT, ACCESS_TOKEN, None if was is None else before, after)


def _check(changing: Changing, token: AccessToken, fields: Collection[str] = ("plan_id", "expire_time")) -> None:
    if "plan_id" in fields and not plan_exists(changing.execute, token.plan_id):
        raise invalid("access_token.plan_id", "names no plan that there is; ListPlans lists them")
    if "expire_time" in fields:
        check_to_come(expiry_of(token), changing.now, "access_token.expire_time")


def _merged(before: AccessToken, token: AccessToken, fields: Collection[str]) -> AccessToken:
    after = AccessToken()
    after.CopyFrom(before)
    for name in fields:
        after.ClearField(name)  # type: ignore[arg-type]  # the mask was checked
    FieldMask(paths=list(fields)).MergeMessage(token, after)
    return after


def _record(changing: Changing, before: AccessToken) -> AccessToken:
    """Records a change, for the tenant that it concerns too, and has every server look its principals up anew."""
    after = _read(changing, before.access_token_id)
    changing.count_on(Generation.REVOCATION)
    if after.tenant_id:
        changing.record(after.tenant_id, ACCESS_TOKEN, before, after)
    changing.record(PLATFORM_TENANT, ACCESS_TOKEN, before, after)
    return after


def _read(changing: Changing, access_token_id: str, statement: Select[Any] = _ONE) -> AccessToken:
    rows = changing.execute(statement, {"id": access_token_id})
    if not rows:
        raise NotFound(
            f"There is no access token {access_token_id}; ListAccessTokens lists what there is.",
            metadata={"resource": "access_token"},
        )
    return _token(rows[0], changing.now)


def _row(token: AccessToken, digest: bytes, now: int) -> dict[str, object]:
    return {
        "tenant_id": PLATFORM_TENANT,
        "access_token_id": token.access_token_id,
        "display_name": token.display_name,
        "plan_id": token.plan_id,
        "bound_tenant_id": "",
        "digest": digest,
        "expires_at": expiry_of(token),
        "revoked_at": None,
        "created_at": now,
        "updated_at": now,
    }


def _token(row: Sequence[Any], now: int) -> AccessToken:
    access_token_id, display_name, plan_id, tenant_id, expires_at, revoked_at, created_at, updated_at = row
    return AccessToken(
        access_token_id=access_token_id,
        display_name=display_name,
        plan_id=plan_id,
        tenant_id=tenant_id,
        state=state_of(expires_at, revoked_at, now),
        expire_time=stamp(expires_at),
        create_time=stamp(created_at),
        update_time=stamp(updated_at),
    )
