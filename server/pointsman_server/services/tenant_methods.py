"""The methods of ``TenantService`` about tenants."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pointsman.v1 import tenant_service_pb2 as pb

from pointsman_server.errors import FieldViolation, InvalidRequest, RoleRequired
from pointsman_server.identity.model import PLATFORM_ADMIN
from pointsman_server.identity.tenant_messages import (
    TENANT_STATES,
    principal_message,
    read_tenant,
    tenant_message,
    user_message,
)
from pointsman_server.identity.tenant_stores import TenantQuery
from pointsman_server.services import paging
from pointsman_server.services.call import Call
from pointsman_server.services.masks import named_in
from pointsman_server.services.origin import origin_of
from pointsman_server.services.tenant_parts import Part
from pointsman_server.services.validate import tenants as validate

_OF_PLATFORM: Final = ("state", "plan_id")
"""What of a tenant only a platform administrator changes."""


class TenantMethods(Part):
    """Checks each request and hands it on."""

    async def who_am_i(self, _request: pb.WhoAmIRequest, call: Call) -> pb.WhoAmIResponse:
        """Who the caller is."""
        tenant = await self._parts.tenants.get(call.principal.tenant_id)
        return pb.WhoAmIResponse(principal=principal_message(call.principal), tenant_display_name=tenant.display_name)

    async def sign_up(self, request: pb.SignUpRequest, call: Call) -> pb.SignUpResponse:
        """Makes a tenant and its first administrator, whose key the answer alone has."""
        validate.sign_up(request)
        made = await self._parts.sign_ups.sign_up(
            tenant_name=request.tenant_display_name,
            admin_name=request.admin_display_name,
            admin_email=request.admin_email,
            origin=origin_of(request, call),
        )
        return pb.SignUpResponse(
            tenant=tenant_message(made.tenant),
            user=user_message(made.user),
            key=made.token.reveal(),
            api_key=made.api_key,
        )

    async def create_tenant(self, request: pb.CreateTenantRequest, call: Call) -> pb.CreateTenantResponse:
        """Makes a tenant without a sign-up."""
        validate.create_tenant(request)
        self._check_model(request.tenant.default_model)
        asked = read_tenant(request.tenant)
        tenant = replace(asked, tenant_id=asked.tenant_id or self._parts.new_id("ten"))
        made = await self._parts.tenants.create(tenant, origin_of(request, call))
        return pb.CreateTenantResponse(tenant=tenant_message(made))

    async def get_tenant(self, request: pb.GetTenantRequest, call: Call) -> pb.GetTenantResponse:
        """One tenant."""
        validate.get_tenant(request)
        return pb.GetTenantResponse(tenant=tenant_message(await self._parts.tenants.get(call.tenant_id)))

    async def list_tenants(self, request: pb.ListTenantsRequest, call: Call) -> pb.ListTenantsResponse:
        """Tenants, ordered by id: all for a platform administrator, else the caller's own."""
        validate.list_tenants(request)
        size = paging.page_size(request)
        found, total = await self._parts.tenants.page(
            TenantQuery(
                tenant_id="" if call.principal.has(PLATFORM_ADMIN) else call.principal.tenant_id,
                state=TENANT_STATES.get(request.state),
                plan_id=request.plan_id,
                after=paging.last_id(request),
                page_size=size + 1,  # one more than is shown says whether there is a next page
            )
        )
        return pb.ListTenantsResponse(
            tenants=map(tenant_message, found[:size]),
            next_page_token=paging.token(request, found[size - 1].tenant_id) if len(found) > size else "",
            total_size=total,
        )

    async def update_tenant(self, request: pb.UpdateTenantRequest, call: Call) -> pb.UpdateTenantResponse:
        """Changes a tenant."""
        validate.update_tenant(request)
        fields = set(request.update_mask.paths)
        if fields & set(_OF_PLATFORM) and not call.principal.has(PLATFORM_ADMIN):
            names = " and ".join(name for name in _OF_PLATFORM if name in fields)
            message = f"tenant.{names}: is a platform administrator's to change."
            raise RoleRequired(message, metadata={"role": PLATFORM_ADMIN})
        if "default_model" in fields:
            self._check_model(request.tenant.default_model)
        asked = replace(read_tenant(named_in(request.tenant, "tenant_id", fields)), tenant_id=call.tenant_id)
        changed = await self._parts.tenants.update(asked, fields, origin_of(request, call))
        return pb.UpdateTenantResponse(tenant=tenant_message(changed))

    def _check_model(self, name: str) -> None:
        """Checks that the catalog has the model; whether it may serve a call, the call's filters say."""
        if name and not self._parts.catalog.snapshot.resolve(name):
            problem = FieldViolation("tenant.default_model", "names no model of the catalog; ListModels lists them")
            raise InvalidRequest(f"{problem.field}: {problem.description}", fields=(problem,))
