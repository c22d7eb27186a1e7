"""Drops models that lack a capability which the content or the hints need."""

from __future__ import annotations

import numpy as np
from pointsman.v1.model_pb2 import Capability

from pointsman_server.router.arrays import BoolArray
from pointsman_server.router.filters.base import Filter
from pointsman_server.router.problem import Problem


def _keep(problem: Problem, standing: BoolArray) -> BoolArray | None:
    del standing
    required = problem.facts.required_capabilities
    if not required:
        return None
    bits = np.uint32(sum(1 << int(capability) for capability in required))
    keep: BoolArray = (problem.columns.capability_bits & bits) == bits
    return keep


def _detail(problem: Problem, row: int) -> str:
    missing = sorted(problem.facts.required_capabilities - problem.model(row).capabilities)
    return f"lacks {', '.join(Capability.Name(c).removeprefix('CAPABILITY_').lower() for c in missing)}"


CAPABILITIES = Filter("capabilities", _keep, _detail)
