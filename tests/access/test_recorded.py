"""Every change leaves its entry in the audit log. A method that changes something and is not in the tour fails here."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from pointsman.v1.tenant_service_pb2 import Tenant, UpdateTenantRequest
from pointsman_server.identity.audit import NO_ENTRIES
from pointsman_server.identity.audit_proof import Break
from pointsman_server.identity.model import LOCAL_ADMIN, PLATFORM_TENANT, Principal
from pointsman_server.ids import new_id
from pointsman_server.services.access import ACCESS
from pointsman_server.storage.database import Address
from pointsman_server.storage.storage import Storage

from tests.access.tour import PLAN, TENANT, Step, steps
from tests.access.world import World, world
from tests.conformance.builders import request

# Their decision, usage and rating are records themselves.
RECORDED_BY_THEMSELVES = {"RouterService/Route", "RouterService/Complete", "RouterService/RecordFeedback"}


async def left_open(address: Address) -> str:
    """A reservation of the tenant's whose server went away."""
    async with await Storage.open(address, new_id=new_id) as storage:
        return (await storage.ledger.reserve(request(tenant_id=TENANT))).reservation_id


def caller(step: Step, seen: dict[str, Any]) -> Principal:
    if step.by == "operator":
        return LOCAL_ADMIN
    return Principal("", "", frozenset(), credential_id=seen["CreateAccessToken"].access_token.access_token_id)


async def added(served: World, known: dict[str, int], chain: str) -> list[tuple[str, dict[str, Any]]]:
    """What was added to a chain since it was looked at: each entry's action and payload."""
    entries = await served.chain(chain)
    new = entries[known.get(chain, 0) :]
    known[chain] = len(entries)
    return [(each.entry.action, json.loads(each.payload or "{}")) for each in new]


def test_the_tour_goes_everywhere() -> None:
    """But to what is not served yet."""
    assert {step.name for step in steps("rsv_1")} == ACCESS.keys() - {"RouterService/Resume"}


async def test_every_change_leaves_an_entry_and_every_look_at_others_one(tmp_path: Path) -> None:
    reservation_id = await left_open(tmp_path / "data" / "pointsman.db")
    seen: dict[str, Any] = {}
    known: dict[str, int] = {}
    silent: list[str] = []
    async with world(tmp_path) as served:
        for step in steps(reservation_id):
            for chain in (TENANT, PLATFORM_TENANT):
                await added(served, known, chain)
            outcome = await served.call(caller(step, seen), step.name, step.request(seen))
            assert outcome.error is None, (step.name, outcome.told)
            answer: Any = outcome.answers[-1]
            seen[step.name.partition("/")[2]] = answer
            found = await added(served, known, step.chain or answer.tenant.tenant_id)
            if not is_told(step, found):
                silent.append(f"{step.name}: {found}")
        proofs = [await proof(served, chain) for chain in (TENANT, PLATFORM_TENANT)]
    assert silent == []
    assert proofs == [0, 0]


async def test_what_gives_a_tenant_its_plan_stands_in_the_platforms_chain_too(tmp_path: Path) -> None:
    seen: dict[str, Any] = {}
    found: list[tuple[str, str, str]] = []
    async with world(tmp_path) as served:
        for step in itertools.takewhile(lambda step: step.name != "TenantService/CreateUser", steps("rsv_1")):
            outcome = await served.call(caller(step, seen), step.name, step.request(seen))
            seen[step.name.partition("/")[2]] = outcome.answers[-1]
        for tenant_id in (seen["SignUp"].tenant.tenant_id, TENANT):
            tenant = Tenant(tenant_id=tenant_id, plan_id=PLAN)
            request = UpdateTenantRequest(tenant=tenant, update_mask=FieldMask(paths=["plan_id"]))
            outcome = await served.call(LOCAL_ADMIN, "TenantService/UpdateTenant", request)
            assert outcome.error is None
        for each in await served.chain(PLATFORM_TENANT):
            if each.entry.resource == "access_token":
                payload = json.loads(each.payload)
                before, after = (payload.get(side, {}).get("tenantId", "") for side in ("before", "after"))
                found.append((each.entry.action.partition("/")[2], before, after))
    assert found == [
        ("CreateAccessToken", "", ""),
        ("UpdateAccessToken", "", ""),
        ("SignUp", "", seen["SignUp"].tenant.tenant_id),
        ("UpdateTenant", "", TENANT),
    ]


def is_told(step: Step, found: list[tuple[str, dict[str, Any]]]) -> bool:
    """Whether a change has its entry, with what was before or after, and a look at others its empty one."""
    if step.name in RECORDED_BY_THEMSELVES:
        return found == []
    payloads = [payload for action, payload in found if action == step.name]
    if ACCESS[step.name].writes:
        return bool(payloads) and all("before" in payload or "after" in payload for payload in payloads)
    return all(payload == {} for payload in payloads)


async def proof(served: World, chain: str) -> int:
    """How many breaks the proof of a chain finds."""
    findings = [finding async for finding in served.storage.audit.verify(chain, NO_ENTRIES)]
    return sum(isinstance(finding, Break) for finding in findings)
