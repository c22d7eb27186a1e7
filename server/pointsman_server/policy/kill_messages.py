"""Writes kill switches as the contract's messages, and reads them."""

from __future__ import annotations

from datetime import UTC

from pointsman.v1 import budget_service_pb2 as pb

from pointsman_server.policy.kill_switch import Act, KillScope, KillSwitch


def kill_switch_message(switch: KillSwitch) -> pb.KillSwitch:
    """Writes a switch as operators see it."""
    message = pb.KillSwitch(
        kill_switch_id=switch.kill_switch_id,
        scope=pb.KillSwitchScope.ValueType(switch.scope),
        scope_id=switch.scope_id,
        tenant_id=switch.tenant_id,
        cut_running=switch.cut_running,
        of_platform=switch.of_platform,
        pull=_act_message(switch.pull),
    )
    if switch.release is not None:
        message.release.CopyFrom(_act_message(switch.release))
    return message


def shown_to_tenant(switch: KillSwitch) -> pb.KillSwitch:
    """Writes a switch as a tenant may see it: without who and why where it is the platform's."""
    message = kill_switch_message(switch)
    if switch.of_platform:
        message.pull.CopyFrom(pb.KillSwitchAct(time=message.pull.time))
    if switch.of_platform and switch.release is not None:
        message.release.CopyFrom(pb.KillSwitchAct(time=message.release.time))
    return message


def read_kill_switch(message: pb.KillSwitch) -> KillSwitch:
    """The switch that a message holds."""
    return KillSwitch(
        kill_switch_id=message.kill_switch_id,
        scope=KillScope(message.scope),
        scope_id=message.scope_id,
        tenant_id=message.tenant_id,
        cut_running=message.cut_running,
        of_platform=message.of_platform,
        pull=_read_act(message.pull),
        release=_read_act(message.release) if message.HasField("release") else None,
    )


def _act_message(act: Act) -> pb.KillSwitchAct:
    message = pb.KillSwitchAct(tenant_id=act.tenant_id, user_id=act.user_id, justification=act.justification)
    message.time.FromDatetime(act.at)
    return message


def _read_act(message: pb.KillSwitchAct) -> Act:
    return Act(message.tenant_id, message.user_id, message.time.ToDatetime(UTC), message.justification)
