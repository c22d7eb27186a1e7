"""Tells operators what was odd about a provider's count: an alarm where more was counted than was held."""

from __future__ import annotations

import structlog
from pointsman.v1.usage_pb2 import USAGE_FLAG_IMPLAUSIBLE, USAGE_FLAG_OVERRUN, TokenUsage

from pointsman_server.execution.attempts import Tally
from pointsman_server.execution.reported import input_total, output_total
from pointsman_server.ledger.model import Charge, Settlement, flag_names
from pointsman_server.router.model import Candidate

_log = structlog.get_logger(__name__)
_ALARMING = frozenset({USAGE_FLAG_OVERRUN, USAGE_FLAG_IMPLAUSIBLE})


def tell_oddities(charge: Charge, attempt: int, candidate: Candidate, tally: Tally, booked: Settlement) -> None:
    """Writes one line, where there is something to tell."""
    if not booked.usage_flags:
        return
    stated = tally.reported.usage or TokenUsage()
    alarming = not _ALARMING.isdisjoint(booked.usage_flags)
    (_log.error if alarming else _log.warning)(
        "usage_overrun" if alarming else "usage_odd",
        tenant_id=charge.tenant_id,
        completion_id=charge.completion_id,
        attempt=attempt,
        model=candidate.model.id,
        flags=list(flag_names(booked.usage_flags)),
        input_tokens=input_total(stated),
        input_tokens_bound=candidate.input_tokens_bound,
        output_tokens=output_total(stated),
        max_output_tokens=candidate.max_output_tokens,
        cost_nanos=booked.cost_nanos,
    )
