"""How many steps a run of an agent may take: calls with the same run id."""

from __future__ import annotations

from pointsman_server.policy.rules.metered import MeteredKind
from pointsman_server.policy.situation import Situation


class _Steps(MeteredKind):
    @property
    def refuses(self) -> bool:
        return True

    def refusal(self, limit: int, at: Situation) -> str | None:
        if at.facts.run_id:
            return None
        return f"{self.key} is {limit}, and the call does not say of which run it is a step; set run_id."


AGENT_MAX_STEPS = _Steps(
    key="agent_max_steps",
    about="the calls with the same run_id; where it holds, a call without one is refused",
    unit="steps a run",
    meter_unit="requests",
    meter_kind="total",
    of_run=True,
)
