"""The methods of ``TenantService`` about users."""

from __future__ import annotations

from dataclasses import replace

from pointsman.v1 import tenant_service_pb2 as pb

from pointsman_server.identity.missing import no_user
from pointsman_server.identity.model import Role
from pointsman_server.identity.tenant_messages import read_user, user_message
from pointsman_server.identity.tenant_stores import UserQuery
from pointsman_server.services import paging
from pointsman_server.services.call import Call
from pointsman_server.services.masks import named_in
from pointsman_server.services.origin import origin_of
from pointsman_server.services.tenant_parts import Part
from pointsman_server.services.validate import tenants as validate


class UserMethods(Part):
    """Checks each request and hands it on."""

    async def create_user(self, request: pb.CreateUserRequest, call: Call) -> pb.CreateUserResponse:
        """Makes a user."""
        validate.create_user(request)
        asked = read_user(request.user)
        user = replace(asked, tenant_id=call.tenant_id, user_id=asked.user_id or self._parts.new_id("usr"))
        made = await self._parts.users.create(user, origin_of(request, call))
        return pb.CreateUserResponse(user=user_message(made))

    async def get_user(self, request: pb.GetUserRequest, call: Call) -> pb.GetUserResponse:
        """One user: any for administrators and auditors, else oneself."""
        validate.named_user(request)
        if not sees_all(call) and request.user_id != call.principal.user_id:
            raise no_user(request.user_id)
        return pb.GetUserResponse(user=user_message(await self._parts.users.get(call.tenant_id, request.user_id)))

    async def list_users(self, request: pb.ListUsersRequest, call: Call) -> pb.ListUsersResponse:
        """Users, ordered by id."""
        validate.list_users(request)
        size = paging.page_size(request)
        found, total = await self._parts.users.page(
            UserQuery(call.tenant_id, text=request.query, after=paging.last_id(request), page_size=size + 1)
        )
        return pb.ListUsersResponse(
            users=map(user_message, found[:size]),
            next_page_token=paging.token(request, found[size - 1].user_id) if len(found) > size else "",
            total_size=total,
        )

    async def update_user(self, request: pb.UpdateUserRequest, call: Call) -> pb.UpdateUserResponse:
        """Changes a user."""
        validate.update_user(request)
        fields = set(request.update_mask.paths)
        asked = replace(read_user(named_in(request.user, "user_id", fields)), tenant_id=call.tenant_id)
        changed = await self._parts.users.update(asked, fields, origin_of(request, call))
        return pb.UpdateUserResponse(user=user_message(changed))

    async def delete_user(self, request: pb.DeleteUserRequest, call: Call) -> pb.DeleteUserResponse:
        """Removes a user and revokes its keys."""
        validate.named_user(request)
        await self._parts.users.delete(call.tenant_id, request.user_id, origin_of(request, call))
        return pb.DeleteUserResponse()


def sees_all(call: Call) -> bool:
    """Whether the caller sees what is other users' of the tenant."""
    return call.principal.has(Role.PLATFORM_ADMIN, Role.TENANT_ADMIN, Role.AUDITOR)
