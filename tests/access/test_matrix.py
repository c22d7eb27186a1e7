"""Every method of the contract x every role x the own, a foreign, a missing and no named tenant."""

from __future__ import annotations

import itertools
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pointsman.v1
import pytest
from google.protobuf.descriptor import MethodDescriptor
from pointsman.v1.tenant_service_pb2 import Tenant as TenantMessage
from pointsman_server.identity.model import PLATFORM_TENANT, Principal, Role
from pointsman_server.services.access import ACCESS, NAMING, Access, Tenant

from tests.access.samples import sample
from tests.access.tenants import make_tenants
from tests.access.world import Outcome, World, world

OWN, FOREIGN, MISSING = "acme", "beta", "nobody"
REFUSED = ("ROLE_REQUIRED", "FOREIGN_TENANT")
SIGN_UP = "sign-up token"
ROLES = [*Role, "no role", SIGN_UP]


def principal(role: str) -> Principal:
    if role == SIGN_UP:
        return Principal("", "", frozenset(), credential_id="tok_1")
    agent = "reviewer" if role == Role.AGENT else ""
    return Principal(OWN, "ada", frozenset({role}) & frozenset(Role), agent_id=agent, credential_id="key_1")


def methods() -> Iterator[MethodDescriptor]:
    for module in pkgutil.iter_modules(pointsman.v1.__path__):
        if module.name.endswith("_pb2"):
            file: Any = import_module(f"pointsman.v1.{module.name}").DESCRIPTOR
            yield from (method for service in file.services_by_name.values() for method in service.methods)


METHODS = {f"{method.containing_service.name}/{method.name}": method for method in methods()}


def holder_of_tenant(request: Any) -> Any:
    """The message in which a request names its tenant; ``None``: it cannot."""
    if "tenant_id" in request.DESCRIPTOR.fields_by_name:
        return request
    tenant = request.DESCRIPTOR.fields_by_name.get("tenant")
    return request.tenant if tenant is not None and tenant.message_type is TenantMessage.DESCRIPTOR else None


class Case(NamedTuple):
    name: str
    role: str
    named: str

    def expected(self) -> str:
        """The reason of the refusal; ``reached`` or ``NOT_FOUND`` otherwise."""
        access = ACCESS[self.name]
        if (self.role == SIGN_UP) != (access.tenant is Tenant.NONE_YET):
            return "ROLE_REQUIRED"
        if access.tenant is Tenant.NONE_YET:
            return "reached"
        if self.role != Role.PLATFORM_ADMIN and self.role not in access.roles:
            return "ROLE_REQUIRED"
        if access.tenant not in NAMING or self.named in {"", OWN}:
            return "reached"
        if self.role != Role.PLATFORM_ADMIN:
            return "FOREIGN_TENANT"
        exists = self.named == FOREIGN or (self.named == PLATFORM_TENANT and access.tenant is Tenant.NAMED_OR_PLATFORM)
        return "reached" if exists else "NOT_FOUND"


def cases() -> Iterator[Case]:
    for name, method in METHODS.items():
        can_name = holder_of_tenant(sample(method.input_type)) is not None
        tenants = ("", OWN, FOREIGN, MISSING, PLATFORM_TENANT) if can_name else ("",)
        yield from (Case(name, *each) for each in itertools.product(ROLES, tenants))


def test_every_method_has_a_row_and_every_row_a_method() -> None:
    assert set(ACCESS) == set(METHODS)


@pytest.mark.parametrize(("name", "access"), ACCESS.items(), ids=ACCESS)
def test_a_row_says_what_its_request_can(name: str, access: Access) -> None:
    """Who can name a tenant is checked for it; what concerns all, and what makes a tenant, names none."""
    can_name = holder_of_tenant(sample(METHODS[name].input_type)) is not None
    assert can_name == (access.tenant in NAMING) or access.tenant in {Tenant.PLATFORM, Tenant.NONE_YET}
    assert not (access.writes and access.all_tenants)


def test_auditors_change_nothing() -> None:
    assert [name for name, access in ACCESS.items() if access.writes and Role.AUDITOR in access.roles] == []


def test_users_and_agents_change_nothing_but_by_calls_of_their_own() -> None:
    changing = [n for n, access in ACCESS.items() if access.writes and access.roles & {Role.USER, Role.AGENT}]
    assert set(changing) <= {
        *("RouterService/Route", "RouterService/Complete", "RouterService/RecordFeedback"),
        *("TenantService/RotateApiKey", "TenantService/RevokeApiKey", "TenantService/CreateApiKey"),
    }


def test_what_concerns_all_tenants_is_changed_by_platform_administrators() -> None:
    changing = {n: a.roles for n, a in ACCESS.items() if a.writes and a.tenant is Tenant.PLATFORM}
    assert set(map(frozenset, changing.values())) <= {frozenset({Role.PLATFORM_ADMIN})}


async def test_each_combination_ends_as_the_table_says(tmp_path: Path) -> None:
    wrong: list[str] = []
    told: dict[tuple[str, str], set[str]] = {}
    async with world(tmp_path) as served:
        assert set(served.methods) == set(METHODS)
        await make_tenants(served.storage, OWN, FOREIGN)
        for case in cases():
            outcome = await outcome_of(served, case)
            if problem := difference(case, outcome):
                wrong.append(f"{case.name} as {case.role} at {case.named or 'none'}: {problem}")
            if outcome.reason == "FOREIGN_TENANT":
                told.setdefault(case[:2], set()).add(repr(outcome.told))
        looked = {tenant_id: await looks(served, tenant_id) for tenant_id in (FOREIGN, MISSING, PLATFORM_TENANT)}
    assert wrong == []
    reading = {name: access for name, access in ACCESS.items() if not access.writes}
    assert looked == {
        FOREIGN: {name for name, access in reading.items() if access.tenant in NAMING},
        MISSING: set(),
        PLATFORM_TENANT: {name for name, access in reading.items() if access.all_tenants},
    }
    assert {each: words for each, words in told.items() if len(words) > 1} == {}, "foreign and missing sound alike"
    assert told


async def looks(served: World, tenant_id: str) -> set[str]:
    """The reading methods that left an entry in the tenant's chain, all by the platform's administrator."""
    entries = [recorded.entry for recorded in await served.chain(tenant_id)]
    reads = [entry for entry in entries if entry.action in ACCESS and not ACCESS[entry.action].writes]
    assert {(entry.actor.tenant_id, entry.actor.roles, entry.payload_hash) for entry in reads} <= {
        (OWN, frozenset({Role.PLATFORM_ADMIN}), "")
    }
    return {entry.action for entry in reads}


async def outcome_of(served: World, case: Case) -> Outcome:
    request = sample(METHODS[case.name].input_type)
    if (holder := holder_of_tenant(request)) is not None:
        holder.tenant_id = case.named
    return await served.call(principal(case.role), case.name, request)


def difference(case: Case, outcome: Outcome) -> str:
    expected = case.expected()
    if outcome.reason == "INTERNAL":
        return "a defect"
    if expected == "reached":
        return "" if outcome.reached and outcome.reason not in REFUSED else f"{outcome.reason}, not reached"
    if outcome.reached:
        return f"reached, not {expected}"
    return "" if outcome.reason == expected else f"{outcome.reason}, not {expected}"
