"""The methods of ``BudgetService`` about the kill switch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pointsman.v1 import budget_service_pb2 as pb

from pointsman_server.catalog.catalog import Catalog
from pointsman_server.errors import RoleRequired
from pointsman_server.identity.model import PLATFORM_ADMIN
from pointsman_server.policy.kill_messages import kill_switch_message, shown_to_tenant
from pointsman_server.policy.kill_store import KillQuery, KillStore, KillView
from pointsman_server.policy.kill_switch import OF_MODELS, Act, KillScope, KillSwitch
from pointsman_server.services import paging
from pointsman_server.services.call import Call
from pointsman_server.services.origin import origin_of
from pointsman_server.services.validate import kill_switches as validate

_NOT_YET: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class KillParts:
    """What the methods need."""

    store: KillStore
    catalog: Catalog


class KillMethods:
    """Checks each request and hands it on."""

    def __init__(self, kills: KillParts) -> None:
        self._kills = kills

    async def pull_kill_switch(self, request: pb.PullKillSwitchRequest, call: Call) -> pb.PullKillSwitchResponse:
        """Stops calls; what a platform administrator pulls is the platform's."""
        validate.pull(request, self._kills.catalog.snapshot)
        pulled = await self._kills.store.pull(_switch(request, call), origin_of(request, call))
        return pb.PullKillSwitchResponse(kill_switch=_shown(pulled, call))

    async def release_kill_switch(
        self, request: pb.ReleaseKillSwitchRequest, call: Call
    ) -> pb.ReleaseKillSwitchResponse:
        """Lets calls in again."""
        validate.release(request)
        view = KillView(call.tenant_id, _is_operator(call))
        released = await self._kills.store.release(
            view, request.kill_switch_id, request.justification, origin_of(request, call)
        )
        return pb.ReleaseKillSwitchResponse(kill_switch=_shown(released, call))

    async def list_kill_switches(self, request: pb.ListKillSwitchesRequest, call: Call) -> pb.ListKillSwitchesResponse:
        """Kill switches, ordered by id."""
        validate.listing(request)
        size = paging.page_size(request)
        everyone = _is_operator(call) and not request.tenant_id
        query = KillQuery(
            view=KillView(None if everyone else call.tenant_id, _is_operator(call)),
            with_released=request.with_released,
            after=paging.last_id(request),
            page_size=size + 1,  # one more than is shown says whether there is a next page
        )
        found, total = await self._kills.store.page(query)
        return pb.ListKillSwitchesResponse(
            kill_switches=(_shown(each, call) for each in found[:size]),
            next_page_token=paging.token(request, found[size - 1].kill_switch_id) if len(found) > size else "",
            total_size=total,
        )


def _is_operator(call: Call) -> bool:
    return call.principal.has(PLATFORM_ADMIN)


def _shown(switch: KillSwitch, call: Call) -> pb.KillSwitch:
    return kill_switch_message(switch) if _is_operator(call) else shown_to_tenant(switch)


def _switch(request: pb.PullKillSwitchRequest, call: Call) -> KillSwitch:
    scope, operator = KillScope(request.scope), _is_operator(call)
    if scope is KillScope.GLOBAL and not operator:
        message = "Stopping everybody is a platform administrator's alone; stop the tenant's own calls with TENANT."
        raise RoleRequired(message, metadata={"role": PLATFORM_ADMIN})
    everybody = scope is KillScope.GLOBAL or (operator and scope in OF_MODELS and not request.tenant_id)
    principal = call.principal
    return KillSwitch(
        kill_switch_id="",
        scope=scope,
        scope_id=request.scope_id,
        tenant_id="" if everybody else call.tenant_id,
        cut_running=request.cut_running,
        of_platform=operator,
        pull=Act(principal.tenant_id, principal.user_id, _NOT_YET, request.justification),
    )
