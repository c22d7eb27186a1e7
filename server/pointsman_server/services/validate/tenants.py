"""Checks what is asked of tenants, users and projects. Each function returns when its request is sound.

Raises:
    InvalidRequest: names each wrong field, what is wrong and what to do.
"""

from __future__ import annotations

import re
from typing import Any, Final

from pointsman.v1 import tenant_service_pb2 as pb
from pointsman.v1.principal_pb2 import PRINCIPAL_ROLE_AGENT

from pointsman_server.identity.credentials import AGENT_USER_PREFIX
from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.services.validate import limits
from pointsman_server.services.validate.violations import Violations

TENANT_FIELDS: Final = ("display_name", "state", "plan_id", "default_model")
USER_FIELDS: Final = ("display_name", "email", "roles", "state")
PROJECT_FIELDS: Final = ("display_name",)

_STAMPS = ("create_time", "update_time")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")


def sign_up(request: pb.SignUpRequest) -> None:
    """Checks a sign-up."""
    violations = Violations()
    _display_name(request.tenant_display_name, "tenant_display_name", violations)
    _display_name(request.admin_display_name, "admin_display_name", violations)
    _email(request.admin_email, "admin_email", violations)
    violations.raise_if_any()


def create_tenant(request: pb.CreateTenantRequest) -> None:
    """Checks a new tenant."""
    violations = Violations()
    tenant = request.tenant
    violations.unset(tenant, "tenant", ("access_token_id", *_STAMPS))
    violations.chosen_id(tenant.tenant_id, "tenant.tenant_id")
    if tenant.tenant_id == PLATFORM_TENANT:
        violations.add("tenant.tenant_id", "is reserved for what concerns all tenants; choose another")
    if tenant.state not in {pb.TENANT_STATE_UNSPECIFIED, pb.TENANT_STATE_ACTIVE}:
        violations.add("tenant.state", "is not how a tenant begins; leave it unset and change it later")
    _display_name(tenant.display_name, "tenant.display_name", violations)
    violations.chosen_id(tenant.plan_id, "tenant.plan_id")
    _model(tenant.default_model, violations)
    violations.identifier(request.request_id, "request_id")
    violations.raise_if_any()


def get_tenant(request: pb.GetTenantRequest) -> None:
    """Checks a question for a tenant."""
    violations = Violations()
    violations.identifier(request.tenant_id, "tenant_id")
    violations.raise_if_any()


def list_tenants(request: pb.ListTenantsRequest) -> None:
    """Checks a question for tenants."""
    violations = Violations()
    violations.enum(request, "state", "state")
    violations.chosen_id(request.plan_id, "plan_id")
    violations.page(request)
    violations.raise_if_any()


def update_tenant(request: pb.UpdateTenantRequest) -> None:
    """Checks a change of a tenant."""
    violations = Violations()
    tenant = request.tenant
    violations.identifier(tenant.tenant_id, "tenant.tenant_id")
    fields = violations.mask(request, TENANT_FIELDS)
    if "display_name" in fields:
        _display_name(tenant.display_name, "tenant.display_name", violations)
    if "state" in fields:
        violations.enum(tenant, "state", "tenant.state", required=True)
    if "plan_id" in fields:
        _plan(tenant.plan_id, violations)
    if "default_model" in fields:
        _model(tenant.default_model, violations)
    violations.identifier(request.request_id, "request_id")
    violations.raise_if_any()


def create_user(request: pb.CreateUserRequest) -> None:
    """Checks a new user."""
    violations = Violations()
    user = request.user
    violations.identifier(request.tenant_id, "tenant_id")
    violations.unset(user, "user", ("tenant_id",), "name the tenant in the request's tenant_id")
    violations.unset(user, "user", _STAMPS)
    violations.identifier(user.user_id, "user.user_id")
    if user.user_id.startswith(AGENT_USER_PREFIX):
        violations.add("user.user_id", f"begins with {AGENT_USER_PREFIX}, as the ids of agents do; choose another")
    _display_name(user.display_name, "user.display_name", violations)
    _email(user.email, "user.email", violations)
    violations.enum(user, "kind", "user.kind")
    violations.enum(user, "state", "user.state")
    _roles(user, violations)
    violations.identifier(request.request_id, "request_id")
    violations.raise_if_any()


def named_user(request: pb.GetUserRequest | pb.DeleteUserRequest) -> None:
    """Checks a request that only names a user."""
    violations = Violations()
    violations.identifier(request.tenant_id, "tenant_id")
    violations.identifier(request.user_id, "user_id", required=True)
    violations.raise_if_any()


def list_users(request: pb.ListUsersRequest) -> None:
    """Checks a question for users."""
    violations = Violations()
    violations.identifier(request.tenant_id, "tenant_id")
    violations.text(request.query, "query", limits.MAX_EMAIL_CHARACTERS)
    violations.page(request)
    violations.raise_if_any()


def update_user(request: pb.UpdateUserRequest) -> None:
    """Checks a change of a user."""
    violations = Violations()
    user = request.user
    violations.identifier(request.tenant_id, "tenant_id")
    violations.identifier(user.user_id, "user.user_id", required=True)
    fields = violations.mask(request, USER_FIELDS)
    if "display_name" in fields:
        _display_name(user.display_name, "user.display_name", violations)
    if "email" in fields:
        _email(user.email, "user.email", violations)
    if "roles" in fields:
        _roles(user, violations)
    if "state" in fields:
        violations.enum(user, "state", "user.state", required=True)
    violations.identifier(request.request_id, "request_id")
    violations.raise_if_any()


def create_project(request: pb.CreateProjectRequest) -> None:
    """Checks a new project."""
    violations = Violations()
    project = request.project
    violations.identifier(request.tenant_id, "tenant_id")
    violations.unset(project, "project", ("tenant_id",), "name the tenant in the request's tenant_id")
    violations.unset(project, "project", ("member_user_ids",), "add members with AddProjectMember")
    violations.unset(project, "project", _STAMPS)
    violations.chosen_id(project.project_id, "project.project_id")
    _display_name(project.display_name, "project.display_name", violations)
    violations.identifier(request.request_id, "request_id")
    violations.raise_if_any()


def named_project(request: pb.GetProjectRequest | pb.DeleteProjectRequest) -> None:
    """Checks a request that only names a project."""
    violations = Violations()
    _project(request, violations)
    violations.raise_if_any()


def list_projects(request: pb.ListProjectsRequest) -> None:
    """Checks a question for projects."""
    violations = Violations()
    violations.identifier(request.tenant_id, "tenant_id")
    violations.page(request)
    violations.raise_if_any()


def update_project(request: pb.UpdateProjectRequest) -> None:
    """Checks a change of a project."""
    violations = Violations()
    violations.identifier(request.tenant_id, "tenant_id")
    violations.identifier(request.project.project_id, "project.project_id", required=True)
    if violations.mask(request, PROJECT_FIELDS):
        _display_name(request.project.display_name, "project.display_name", violations)
    violations.identifier(request.request_id, "request_id")
    violations.raise_if_any()


def member(request: pb.AddProjectMemberRequest | pb.RemoveProjectMemberRequest) -> None:
    """Checks a request that names a project and a user."""
    violations = Violations()
    _project(request, violations)
    violations.identifier(request.user_id, "user_id", required=True)
    violations.raise_if_any()


def _project(request: Any, violations: Violations) -> None:  # noqa: ANN401  # every request that names a project
    violations.identifier(request.tenant_id, "tenant_id")
    violations.identifier(request.project_id, "project_id", required=True)


def _display_name(value: str, path: str, violations: Violations) -> None:
    violations.text(value, path, limits.MAX_DISPLAY_NAME_CHARACTERS, required=True)


def _email(value: str, path: str, violations: Violations) -> None:
    known = len(violations)
    violations.text(value, path, limits.MAX_EMAIL_CHARACTERS)
    if value and known == len(violations) and not _EMAIL.fullmatch(value):
        violations.add(path, "is no address; give one such as ada@example.org, or leave it unset")


def _model(value: str, violations: Violations) -> None:
    violations.text(value, "tenant.default_model", limits.MAX_MODEL_NAME_CHARACTERS)


def _plan(value: str, violations: Violations) -> None:
    if value:
        violations.chosen_id(value, "tenant.plan_id")
    else:
        cure = "name one; to take a tenant's plan away, revoke its access token with RevokeAccessToken"
        violations.add("tenant.plan_id", f"is empty; {cure}")


def _roles(user: pb.User, violations: Violations) -> None:
    violations.enums(user, "roles", "user.roles")
    if not user.roles:
        violations.add("user.roles", "is empty; give at least one")
    if PRINCIPAL_ROLE_AGENT in user.roles:
        violations.add("user.roles", "has AGENT, which keys of agents alone have; use CreateApiKey with an agent_id")
