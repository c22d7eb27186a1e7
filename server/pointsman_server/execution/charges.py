"""What the ledger is told of a call: whom it is charged to, and whose request id it has."""

from __future__ import annotations

from datetime import datetime

from pointsman_server.identity.model import Principal
from pointsman_server.ledger.claims import Claim, ClaimKey, IdempotencyKey
from pointsman_server.ledger.model import Charge
from pointsman_server.router.model import Facts


def charge_of(completion_id: str, decision_id: str, facts: Facts, principal: Principal) -> Charge:
    """Whom a call is charged to, and what it is counted by."""
    return Charge(
        tenant_id=principal.tenant_id,
        user_id=principal.user_id,
        completion_id=completion_id,
        decision_id=decision_id,
        project_id=facts.project_id,
        agent_id=facts.agent_id,
        run_id=facts.run_id,
        purpose=facts.purpose,
        task_code=facts.task_code,
        task_type=facts.task_type.name if facts.task_type else "",
        labels=facts.labels,
    )


def claim_of(idempotency_key: IdempotencyKey | None, charge: Charge, created_at: datetime) -> Claim | None:
    """The claim of a call on its request id; ``None``: it has none."""
    if idempotency_key is None:
        return None
    return Claim(
        key=ClaimKey(charge.tenant_id, charge.user_id, idempotency_key.request_id),
        body_digest=idempotency_key.body_digest,
        completion_id=charge.completion_id,
        decision_id=charge.decision_id,
        created_at=created_at,
    )
