"""Who may call which method: one row for each, and the check that every call passes before its servicer sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from google.protobuf.message import Message

from pointsman_server.errors import ForeignTenant, RoleRequired
from pointsman_server.identity.model import Role
from pointsman_server.services.call import Call
from pointsman_server.services.validate.violations import Violations


class Tenant(Enum):
    """Which tenant a method is about."""

    OWN = auto()
    """The principal's; the request cannot name one."""

    NAMED = auto()
    """The one that the request names, which only a platform administrator may name where it is not the own."""

    NAMED_OR_PLATFORM = auto()
    """As ``NAMED``; a platform administrator may name the platform too."""

    PLATFORM = auto()
    """None: it concerns all."""

    NONE_YET = auto()
    """None: it makes one. It takes an access token, and nothing else does."""


NAMING: Final = frozenset({Tenant.NAMED, Tenant.NAMED_OR_PLATFORM})
"""Where the request may name a tenant."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a method.

    Attributes:
        roles: one of them is needed; a platform administrator needs none.
        tenant: which tenant it is about.
        writes: whether it changes something.
        personal: whether it shows or changes what is one user's, so that the servicer must check whose.
        all_tenants: whether it shows a platform administrator, who names none, what is of all tenants.
    """

    roles: frozenset[Role]
    tenant: Tenant
    writes: bool = False
    personal: bool = False
    all_tenants: bool = False


_ADMINS: Final = frozenset({Role.PLATFORM_ADMIN, Role.TENANT_ADMIN})
_PLATFORM: Final = frozenset({Role.PLATFORM_ADMIN})
_NOBODY: Final[frozenset[Role]] = frozenset()
_READERS: Final = _ADMINS | {Role.AUDITOR}
_CALLERS: Final = _ADMINS | {Role.USER, Role.AGENT}
_EVERYONE: Final = _CALLERS | {Role.AUDITOR}

ACCESS: Final[Mapping[str, Access]] = {
    "RouterService/Route": Access(_CALLERS, Tenant.OWN, writes=True),
    "RouterService/Complete": Access(_CALLERS, Tenant.OWN, writes=True),
    "RouterService/Resume": Access(_CALLERS, Tenant.OWN, personal=True),
    "RouterService/RecordFeedback": Access(_CALLERS, Tenant.OWN, writes=True, personal=True),
    "RouterService/Usage": Access(_EVERYONE, Tenant.OWN),
    "CatalogService/GetProvider": Access(_EVERYONE, Tenant.OWN),
    "CatalogService/ListProviders": Access(_EVERYONE, Tenant.OWN),
    "CatalogService/GetModel": Access(_EVERYONE, Tenant.OWN),
    "CatalogService/ListModels": Access(_EVERYONE, Tenant.OWN),
    "BudgetService/CreateBudget": Access(_ADMINS, Tenant.NAMED, writes=True),
    "BudgetService/GetBudget": Access(_READERS, Tenant.NAMED),
    "BudgetService/ListBudgets": Access(_READERS, Tenant.NAMED),
    "BudgetService/UpdateBudget": Access(_ADMINS, Tenant.NAMED, writes=True),
    "BudgetService/DeleteBudget": Access(_ADMINS, Tenant.NAMED, writes=True),
    "BudgetService/ResolveUnknown": Access(_ADMINS, Tenant.NAMED, writes=True),
    "BudgetService/VerifyLedger": Access(_READERS, Tenant.NAMED, all_tenants=True),
    "BudgetService/CompareUsage": Access(_PLATFORM, Tenant.PLATFORM, all_tenants=True),
    "BudgetService/PullKillSwitch": Access(_ADMINS, Tenant.NAMED, writes=True),
    "BudgetService/ReleaseKillSwitch": Access(_ADMINS, Tenant.NAMED, writes=True),
    "BudgetService/ListKillSwitches": Access(_READERS, Tenant.NAMED, all_tenants=True),
    "AuditService/ListAuditEntries": Access(_READERS, Tenant.NAMED_OR_PLATFORM),
    "AuditService/ExportAuditEntries": Access(_READERS, Tenant.NAMED_OR_PLATFORM),
    "AuditService/VerifyAudit": Access(_READERS, Tenant.NAMED_OR_PLATFORM),
    "AuditService/EraseAuditPayload": Access(_PLATFORM, Tenant.NAMED_OR_PLATFORM, writes=True),
    "PolicyService/CreatePolicyRule": Access(_ADMINS, Tenant.NAMED, writes=True),
    "PolicyService/GetPolicyRule": Access(_READERS, Tenant.NAMED),
    "PolicyService/ListPolicyRules": Access(_READERS, Tenant.NAMED),
    "PolicyService/UpdatePolicyRule": Access(_ADMINS, Tenant.NAMED, writes=True),
    "PolicyService/DeletePolicyRule": Access(_ADMINS, Tenant.NAMED, writes=True),
    "PolicyService/Evaluate": Access(_EVERYONE, Tenant.NAMED, personal=True),
    "TenantService/WhoAmI": Access(_EVERYONE, Tenant.OWN),
    "TenantService/SignUp": Access(_NOBODY, Tenant.NONE_YET, writes=True),
    "TenantService/CreateTenant": Access(_PLATFORM, Tenant.PLATFORM, writes=True),
    "TenantService/GetTenant": Access(_EVERYONE, Tenant.NAMED),
    "TenantService/ListTenants": Access(_EVERYONE, Tenant.OWN, all_tenants=True),
    "TenantService/UpdateTenant": Access(_ADMINS, Tenant.NAMED, writes=True),
    "TenantService/CreateUser": Access(_ADMINS, Tenant.NAMED, writes=True),
    "TenantService/GetUser": Access(_EVERYONE, Tenant.NAMED, personal=True),
    "TenantService/ListUsers": Access(_READERS, Tenant.NAMED),
    "TenantService/UpdateUser": Access(_ADMINS, Tenant.NAMED, writes=True),
    "TenantService/DeleteUser": Access(_ADMINS, Tenant.NAMED, writes=True),
    "TenantService/CreateProject": Access(_ADMINS, Tenant.NAMED, writes=True),
    "TenantService/GetProject": Access(_EVERYONE, Tenant.NAMED, personal=True),
    "TenantService/ListProjects": Access(_EVERYONE, Tenant.NAMED, personal=True),
    "TenantService/UpdateProject": Access(_ADMINS, Tenant.NAMED, writes=True),
    "TenantService/DeleteProject": Access(_ADMINS, Tenant.NAMED, writes=True),
    "TenantService/AddProjectMember": Access(_ADMINS, Tenant.NAMED, writes=True),
    "TenantService/RemoveProjectMember": Access(_ADMINS, Tenant.NAMED, writes=True),
    "TenantService/CreateAccessToken": Access(_PLATFORM, Tenant.PLATFORM, writes=True),
    "TenantService/ListAccessTokens": Access(_PLATFORM, Tenant.PLATFORM),
    "TenantService/UpdateAccessToken": Access(_PLATFORM, Tenant.PLATFORM, writes=True),
    "TenantService/RevokeAccessToken": Access(_PLATFORM, Tenant.PLATFORM, writes=True),
    "TenantService/CreateApiKey": Access(_ADMINS | {Role.USER}, Tenant.NAMED, writes=True, personal=True),
    "TenantService/ListApiKeys": Access(_EVERYONE, Tenant.NAMED, personal=True),
    "TenantService/RotateApiKey": Access(_ADMINS | {Role.USER}, Tenant.NAMED, writes=True, personal=True),
    "TenantService/RevokeApiKey": Access(_ADMINS | {Role.USER}, Tenant.NAMED, writes=True, personal=True),
    "TenantService/CreatePlan": Access(_PLATFORM, Tenant.PLATFORM, writes=True),
    "TenantService/GetPlan": Access(_EVERYONE, Tenant.PLATFORM),
    "TenantService/ListPlans": Access(_EVERYONE, Tenant.PLATFORM),
    "TenantService/UpdatePlan": Access(_PLATFORM, Tenant.PLATFORM, writes=True),
    "TenantService/DeletePlan": Access(_PLATFORM, Tenant.PLATFORM, writes=True),
    "TenantService/CreateFeature": Access(_PLATFORM, Tenant.PLATFORM, writes=True),
    "TenantService/ListFeatures": Access(_EVERYONE, Tenant.PLATFORM),
    "TenantService/UpdateFeature": Access(_PLATFORM, Tenant.PLATFORM, writes=True),
    "TenantService/DeleteFeature": Access(_PLATFORM, Tenant.PLATFORM, writes=True),
    "TenantService/CreateTask": Access(_PLATFORM, Tenant.PLATFORM, writes=True),
    "TenantService/ListTasks": Access(_EVERYONE, Tenant.PLATFORM),
    "TenantService/UpdateTask": Access(_PLATFORM, Tenant.PLATFORM, writes=True),
    "TenantService/DeleteTask": Access(_PLATFORM, Tenant.PLATFORM, writes=True),
}
"""By ``Service/Method``: every method of the contract has its row."""


def authorized(access: Access, request: Message, call: Call) -> Call:
    """Lets a call in, and notes the tenant that it is about.

    Raises:
        RoleRequired: the principal has none of the roles, or is the bearer of an access token where a key is needed.
        ForeignTenant: the request names a tenant that is not the principal's to name, whether it exists or not.
        InvalidRequest: what it names is no id.
    """
    principal = call.principal
    if (access.tenant is Tenant.NONE_YET) != (not principal.tenant_id):
        raise _other_credential(access, call)
    if access.tenant is Tenant.NONE_YET:
        return call
    if not principal.has(Role.PLATFORM_ADMIN, *access.roles):
        needed = " or ".join(sorted(access.roles))
        raise RoleRequired(f"{call.method} needs the role {needed}.", metadata={"role": min(access.roles)})
    if access.tenant not in NAMING:
        return call
    named = _named_tenant(request)
    if not named or named == principal.tenant_id:
        return call
    if not principal.has(Role.PLATFORM_ADMIN):
        raise ForeignTenant("tenant_id: only a platform administrator may name a tenant; leave it unset.")
    violations = Violations()
    violations.identifier(named, "tenant_id")  # before anybody looks for it
    violations.raise_if_any()
    return replace(call, named_tenant_id=named)


def _other_credential(access: Access, call: Call) -> RoleRequired:
    if access.tenant is Tenant.NONE_YET:
        return RoleRequired(f"{call.method} takes an access token.", metadata={"role": "access_token"})
    return RoleRequired(f"An access token only signs up; {call.method} takes a key.", metadata={"role": "user"})


def _named_tenant(request: Message) -> str:
    """What the request names: its ``tenant_id``, or that of the tenant which it changes."""
    holder = request if "tenant_id" in request.DESCRIPTOR.fields_by_name else getattr(request, "tenant", request)
    named = getattr(holder, "tenant_id", "")
    assert isinstance(named, str)
    return named
