"""A plan's terms as JSON: what a store keeps of it beside its names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pointsman_server.identity.times import Times
from pointsman_server.policy.plans import ModelAccess, Plan, PlanFeature, PlanTask, Quota, QuotaHolder

_TERMS = ("features", "tasks", "general_access", "quotas")


def terms_json(plan: Plan) -> str:
    """Writes the terms."""
    named = asdict(plan)
    return json.dumps({name: named[name] for name in _TERMS}, separators=(",", ":"))


def plan_of(texts: Sequence[str], times: Times) -> Plan:
    """The plan with this id, this name and the terms that ``terms_json`` wrote."""
    plan_id, display_name, terms = texts
    found = json.loads(terms)
    return Plan(
        plan_id=plan_id,
        display_name=display_name,
        features=tuple(PlanFeature(each["feature_id"], _quotas(each["quotas"])) for each in found["features"]),
        tasks=tuple(
            PlanTask(each["task_code"], _access(each["access"]), _quotas(each["quotas"])) for each in found["tasks"]
        ),
        general_access=_access(found["general_access"]) if found["general_access"] else None,
        quotas=_quotas(found["quotas"]),
        times=times,
    )


def _access(found: Mapping[str, Any]) -> ModelAccess:
    return ModelAccess(tuple(found["model_classes"]), found["any_class"])


def _quotas(found: Iterable[Mapping[str, Any]]) -> tuple[Quota, ...]:
    return tuple(Quota(**{**each, "holder": QuotaHolder(each["holder"])}) for each in found)
