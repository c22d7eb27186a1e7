"""Checks what is asked of kill switches."""

from __future__ import annotations

from pointsman.v1 import budget_service_pb2 as pb

from pointsman_server.catalog.snapshot import Snapshot
from pointsman_server.services.validate import limits
from pointsman_server.services.validate.violations import Violations

_JUSTIFICATION = "justification"


def pull(request: pb.PullKillSwitchRequest, snapshot: Snapshot) -> None:
    """Checks what is to be stopped."""
    violations = Violations()
    violations.enum(request, "scope", "scope", required=True)
    violations.identifier(request.tenant_id, "tenant_id")
    if request.scope == pb.KILL_SWITCH_SCOPE_GLOBAL and request.tenant_id:
        violations.add("tenant_id", "belongs to no such scope; leave it unset")
    _scope_id(request, snapshot, violations)
    violations.text(request.justification, _JUSTIFICATION, limits.MAX_JUSTIFICATION_CHARACTERS, required=True)
    violations.identifier(request.request_id, "request_id")
    violations.raise_if_any()


def release(request: pb.ReleaseKillSwitchRequest) -> None:
    """Checks which switch is to be released."""
    violations = Violations()
    violations.identifier(request.kill_switch_id, "kill_switch_id", required=True)
    violations.identifier(request.tenant_id, "tenant_id")
    violations.text(request.justification, _JUSTIFICATION, limits.MAX_JUSTIFICATION_CHARACTERS)
    violations.identifier(request.request_id, "request_id")
    violations.raise_if_any()


def listing(request: pb.ListKillSwitchesRequest) -> None:
    """Checks which switches are asked for."""
    violations = Violations()
    violations.identifier(request.tenant_id, "tenant_id")
    violations.page(request)
    violations.raise_if_any()


def _scope_id(request: pb.PullKillSwitchRequest, snapshot: Snapshot, violations: Violations) -> None:
    """A name that means nothing would stop nothing, and seem to."""
    name = request.scope_id
    if request.scope == pb.KILL_SWITCH_SCOPE_PROVIDER:
        if name not in snapshot.providers:
            violations.add("scope_id", "names no provider that there is; ListProviders lists them")
    elif request.scope == pb.KILL_SWITCH_SCOPE_MODEL:
        if not any(snapshot.models[row].id == name for row in snapshot.resolve(name)):
            violations.add("scope_id", "is the id of no model that there is; ListModels lists them")
    elif name:
        violations.add("scope_id", "belongs to no such scope; leave it unset")
