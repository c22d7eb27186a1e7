"""Kill switches: what each stops, and all those in force at one moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum

from pointsman_server.errors import KillSwitchPulled
from pointsman_server.policy.model import Verdict


class KillScope(IntEnum):
    """What is stopped, by the numbers of the contract."""

    GLOBAL = 1
    TENANT = 2
    PROVIDER = 3
    MODEL = 4


OF_MODELS = frozenset({KillScope.PROVIDER, KillScope.MODEL})
"""The scopes that leave other models to serve."""


@dataclass(frozen=True, slots=True)
class Act:
    """Who did something to a switch, when and why."""

    tenant_id: str
    user_id: str
    at: datetime
    justification: str


@dataclass(frozen=True, slots=True)
class KillSwitch:
    """One that was pulled.

    Attributes:
        scope_id: the provider or the model; empty for the other scopes.
        tenant_id: whose calls it stops; empty: everybody's.
        cut_running: whether it ends what runs too.
        of_platform: whether it is the platform's, so that no tenant can release it.
        release: ``None``: it is in force.
    """

    kill_switch_id: str
    scope: KillScope
    scope_id: str
    tenant_id: str
    cut_running: bool
    of_platform: bool
    pull: Act
    release: Act | None = None

    def concerns(self, provider_id: str, model_id: str) -> bool:
        """Whether it stops an attempt at a model, of those whose calls it stops."""
        match self.scope:
            case KillScope.PROVIDER:
                return self.scope_id == provider_id
            case KillScope.MODEL:
                return self.scope_id == model_id
            case _:
                return True

    def refusal(self, *, to_operator: bool = False) -> KillSwitchPulled:
        """What those are told whom it stops. Why the platform pulled it is the operators' to know."""
        metadata = {"scope": self.scope.name.lower()}
        if to_operator or not self.of_platform:
            metadata["justification"] = self.pull.justification
        whose = "The platform" if self.of_platform else "The tenant"
        message = f"{whose} has stopped {_stopped(self)}; it stays so until the kill switch is released."
        return KillSwitchPulled(message, metadata=metadata)


class KillSwitches:
    """All in force at one moment. Swapped whole, never changed.

    Attributes:
        generation: how often switches had been pulled and released.
        cut: whether one of them ends what runs.
    """

    def __init__(self, generation: int = 0, switches: Sequence[KillSwitch] = ()) -> None:
        self.generation = generation
        self.cut = any(each.cut_running for each in switches)
        self._count = len(switches)
        self._by_tenant: defaultdict[str, list[KillSwitch]] = defaultdict(list)
        for each in switches:
            self._by_tenant[each.tenant_id].append(each)

    def __len__(self) -> int:
        return self._count

    def stopping(self, tenant_id: str) -> KillSwitch | None:
        """The one that stops every call of a tenant; the platform's goes first."""
        found = [each for each in self._about(tenant_id) if each.scope not in OF_MODELS]
        return min(found, key=lambda each: (each.scope, not each.of_platform), default=None)

    def killed(self, tenant_id: str, scope: KillScope) -> frozenset[str]:
        """The providers or the models that may not serve a tenant."""
        return frozenset(each.scope_id for each in self._about(tenant_id) if each.scope is scope)

    def cutting(self, tenant_id: str, provider_id: str, model_id: str) -> KillSwitch | None:
        """The one that ends a tenant's running attempt at a model."""
        found = (each for each in self._about(tenant_id) if each.cut_running)
        return next((each for each in found if each.concerns(provider_id, model_id)), None)

    def _about(self, tenant_id: str) -> list[KillSwitch]:
        return [*self._by_tenant.get("", ()), *self._by_tenant.get(tenant_id, ())]


NOTHING_STOPPED = KillSwitches()


def spared(verdict: Verdict, kills: KillSwitches, tenant_id: str) -> Verdict:
    """The verdict on a tenant's call, without the models that kill switches stop."""
    providers, models = kills.killed(tenant_id, KillScope.PROVIDER), kills.killed(tenant_id, KillScope.MODEL)
    if not (providers or models):
        return verdict
    return replace(verdict, models=replace(verdict.models, killed_providers=providers, killed_models=models))


def _stopped(switch: KillSwitch) -> str:
    match switch.scope:
        case KillScope.GLOBAL:
            return "all calls"
        case KillScope.TENANT:
            return "all calls of the tenant"
        case _:
            return f"what is sent to {switch.scope_id}"
