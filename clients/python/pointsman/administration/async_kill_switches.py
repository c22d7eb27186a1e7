"""The kill switch, for the client for asyncio; ``kill_switches.py`` has the other's."""

# ruff: noqa: ASYNC109  # a timeout here is gRPC's deadline, which the server sees; asyncio.timeout would not tell it

from __future__ import annotations

from collections.abc import AsyncIterator

import grpc.aio

from pointsman.async_calling import AsyncCaller
from pointsman.v1.budget_service_pb2 import (
    KillSwitch,
    ListKillSwitchesRequest,
    PullKillSwitchRequest,
    ReleaseKillSwitchRequest,
)
from pointsman.v1.budget_service_pb2_grpc import BudgetServiceStub


class AsyncKillSwitches:
    """Stops calls, and lets them in again."""

    def __init__(self, caller: AsyncCaller, channel: grpc.aio.Channel) -> None:
        self._caller = caller
        self._stub = BudgetServiceStub(channel)

    async def pull(self, request: PullKillSwitchRequest, *, timeout: float | None = None) -> KillSwitch:
        """Stops what the request names, on every server within a second."""
        return (await self._caller.call(self._stub.PullKillSwitch, request, timeout)).kill_switch

    async def release(
        self, kill_switch_id: str, *, tenant_id: str = "", justification: str = "", timeout: float | None = None
    ) -> KillSwitch:
        """Lets calls in again, unless another switch stops them."""
        request = ReleaseKillSwitchRequest(
            kill_switch_id=kill_switch_id, tenant_id=tenant_id, justification=justification
        )
        return (await self._caller.call(self._stub.ReleaseKillSwitch, request, timeout)).kill_switch

    async def list(
        self, request: ListKillSwitchesRequest | None = None, *, timeout: float | None = None
    ) -> AsyncIterator[KillSwitch]:
        """Kill switches by id; asks for further pages as they are needed."""
        asked = request or ListKillSwitchesRequest()
        async for page in self._caller.pages(self._stub.ListKillSwitches, asked, timeout):
            for row in page.kill_switches:
                yield row
