"""Tenants, users and projects, for the client for asyncio; ``people.py`` has the other's."""

# ruff: noqa: ASYNC109  # a timeout here is gRPC's deadline, which the server sees; asyncio.timeout would not tell it

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

import grpc.aio
from google.protobuf.field_mask_pb2 import FieldMask

from pointsman.async_calling import AsyncCaller
from pointsman.v1.tenant_service_pb2 import (
    AddProjectMemberRequest,
    CreateProjectRequest,
    CreateTenantRequest,
    CreateUserRequest,
    DeleteProjectRequest,
    DeleteUserRequest,
    GetProjectRequest,
    GetTenantRequest,
    GetUserRequest,
    ListProjectsRequest,
    ListTenantsRequest,
    ListUsersRequest,
    Project,
    RemoveProjectMemberRequest,
    SignUpRequest,
    SignUpResponse,
    Tenant,
    UpdateProjectRequest,
    UpdateTenantRequest,
    UpdateUserRequest,
    User,
)
from pointsman.v1.tenant_service_pb2_grpc import TenantServiceStub


class AsyncTenants:
    """Customers."""

    def __init__(self, caller: AsyncCaller, channel: grpc.aio.Channel) -> None:
        self._caller = caller
        self._stub = TenantServiceStub(channel)

    async def create(self, tenant: Tenant, *, request_id: str = "", timeout: float | None = None) -> Tenant:
        """Makes a tenant without a sign-up; for platform administrators."""
        request = CreateTenantRequest(tenant=tenant, request_id=request_id)
        return (await self._caller.call(self._stub.CreateTenant, request, timeout)).tenant

    async def sign_up(self, request: SignUpRequest, *, timeout: float | None = None) -> SignUpResponse:
        """Makes a tenant and its first administrator, whose key the answer alone has; by an access token."""
        return await self._caller.call(self._stub.SignUp, request, timeout)

    async def get(self, tenant_id: str = "", *, timeout: float | None = None) -> Tenant:
        """One tenant; unset: the caller's own."""
        request = GetTenantRequest(tenant_id=tenant_id)
        return (await self._caller.call(self._stub.GetTenant, request, timeout)).tenant

    async def list(
        self, request: ListTenantsRequest | None = None, *, timeout: float | None = None
    ) -> AsyncIterator[Tenant]:
        """Tenants by id; asks for further pages as they are needed."""
        async for page in self._caller.pages(self._stub.ListTenants, request or ListTenantsRequest(), timeout):
            for row in page.tenants:
                yield row

    async def update(self, tenant: Tenant, paths: Iterable[str], *, timeout: float | None = None) -> Tenant:
        """Changes the named fields."""
        request = UpdateTenantRequest(tenant=tenant, update_mask=FieldMask(paths=paths))
        return (await self._caller.call(self._stub.UpdateTenant, request, timeout)).tenant


class AsyncUsers:
    """The people and services of a tenant."""

    def __init__(self, caller: AsyncCaller, channel: grpc.aio.Channel) -> None:
        self._caller = caller
        self._stub = TenantServiceStub(channel)

    async def create(
        self, user: User, *, tenant_id: str = "", request_id: str = "", timeout: float | None = None
    ) -> User:
        """Makes a user."""
        request = CreateUserRequest(user=user, tenant_id=tenant_id, request_id=request_id)
        return (await self._caller.call(self._stub.CreateUser, request, timeout)).user

    async def get(self, user_id: str, *, tenant_id: str = "", timeout: float | None = None) -> User:
        """One user."""
        request = GetUserRequest(user_id=user_id, tenant_id=tenant_id)
        return (await self._caller.call(self._stub.GetUser, request, timeout)).user

    async def list(
        self, request: ListUsersRequest | None = None, *, timeout: float | None = None
    ) -> AsyncIterator[User]:
        """Users by id; asks for further pages as they are needed."""
        async for page in self._caller.pages(self._stub.ListUsers, request or ListUsersRequest(), timeout):
            for row in page.users:
                yield row

    async def update(
        self, user: User, paths: Iterable[str], *, tenant_id: str = "", timeout: float | None = None
    ) -> User:
        """Changes the named fields."""
        request = UpdateUserRequest(user=user, update_mask=FieldMask(paths=paths), tenant_id=tenant_id)
        return (await self._caller.call(self._stub.UpdateUser, request, timeout)).user

    async def delete(self, user_id: str, *, tenant_id: str = "", timeout: float | None = None) -> None:
        """Removes a user and revokes its keys."""
        await self._caller.call(self._stub.DeleteUser, DeleteUserRequest(user_id=user_id, tenant_id=tenant_id), timeout)


class AsyncProjects:
    """What users charge together."""

    def __init__(self, caller: AsyncCaller, channel: grpc.aio.Channel) -> None:
        self._caller = caller
        self._stub = TenantServiceStub(channel)

    async def create(
        self, project: Project, *, tenant_id: str = "", request_id: str = "", timeout: float | None = None
    ) -> Project:
        """Makes a project."""
        request = CreateProjectRequest(project=project, tenant_id=tenant_id, request_id=request_id)
        return (await self._caller.call(self._stub.CreateProject, request, timeout)).project

    async def get(self, project_id: str, *, tenant_id: str = "", timeout: float | None = None) -> Project:
        """One project."""
        request = GetProjectRequest(project_id=project_id, tenant_id=tenant_id)
        return (await self._caller.call(self._stub.GetProject, request, timeout)).project

    async def list(
        self, request: ListProjectsRequest | None = None, *, timeout: float | None = None
    ) -> AsyncIterator[Project]:
        """Projects by id; asks for further pages as they are needed."""
        async for page in self._caller.pages(self._stub.ListProjects, request or ListProjectsRequest(), timeout):
            for row in page.projects:
                yield row

    async def update(
        self, project: Project, paths: Iterable[str], *, tenant_id: str = "", timeout: float | None = None
    ) -> Project:
        """Changes the named fields."""
        request = UpdateProjectRequest(project=project, update_mask=FieldMask(paths=paths), tenant_id=tenant_id)
        return (await self._caller.call(self._stub.UpdateProject, request, timeout)).project

    async def delete(self, project_id: str, *, tenant_id: str = "", timeout: float | None = None) -> None:
        """Removes a project."""
        await self._caller.call(
            self._stub.DeleteProject, DeleteProjectRequest(project_id=project_id, tenant_id=tenant_id), timeout
        )

    async def add_member(
        self, project_id: str, user_id: str, *, tenant_id: str = "", timeout: float | None = None
    ) -> Project:
        """Lets a user charge the project."""
        request = AddProjectMemberRequest(project_id=project_id, user_id=user_id, tenant_id=tenant_id)
        return (await self._caller.call(self._stub.AddProjectMember, request, timeout)).project

    async def remove_member(
        self, project_id: str, user_id: str, *, tenant_id: str = "", timeout: float | None = None
    ) -> Project:
        """Ends that."""
        request = RemoveProjectMemberRequest(project_id=project_id, user_id=user_id, tenant_id=tenant_id)
        return (await self._caller.call(self._stub.RemoveProjectMember, request, timeout)).project
