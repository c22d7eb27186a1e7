"""The kill switch, for the client that blocks; ``async_kill_switches.py`` has the other's."""

from __future__ import annotations

from collections.abc import Iterator

import grpc

from pointsman.calling import Caller
from pointsman.v1.budget_service_pb2 import (
    KillSwitch,
    ListKillSwitchesRequest,
    PullKillSwitchRequest,
    ReleaseKillSwitchRequest,
)
from pointsman.v1.budget_service_pb2_grpc import BudgetServiceStub


class KillSwitches:
    """Stops calls, and lets them in again."""

    def __init__(self, caller: Caller, channel: grpc.Channel) -> None:
        self._caller = caller
        self._stub = BudgetServiceStub(channel)

    def pull(self, request: PullKillSwitchRequest, *, timeout: float | None = None) -> KillSwitch:
        """Stops what the request names, on every server within a second."""
        return self._caller.call(self._stub.PullKillSwitch, request, timeout).kill_switch

    def release(
        self, kill_switch_id: str, *, tenant_id: str = "", justification: str = "", timeout: float | None = None
    ) -> KillSwitch:
        """Lets calls in again, unless another switch stops them."""
        request = ReleaseKillSwitchRequest(
            kill_switch_id=kill_switch_id, tenant_id=tenant_id, justification=justification
        )
        return self._caller.call(self._stub.ReleaseKillSwitch, request, timeout).kill_switch

    def list(
        self, request: ListKillSwitchesRequest | None = None, *, timeout: float | None = None
    ) -> Iterator[KillSwitch]:
        """Kill switches by id; asks for further pages as they are needed."""
        for page in self._caller.pages(self._stub.ListKillSwitches, request or ListKillSwitchesRequest(), timeout):
            yield from page.kill_switches
