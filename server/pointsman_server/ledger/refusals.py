"""From a refusal of the meters to the error that the caller gets."""

from __future__ import annotations

from datetime import timedelta

from pointsman_server.dollars import dollars
from pointsman_server.errors import BudgetExhausted, LimitSetElsewhere, NotFound, QuotaViolation
from pointsman_server.ledger.meters import PLATFORM_SCOPES, Cause, Hindrance, Meter, Refusal, Unit

_CURES = {
    Cause.FULL: "wait, ask for less, or have the limit raised",
    Cause.FROZEN: "an administrator must unfreeze it",
    Cause.NO_PRICE: "choose a model with a known price",
}


def exhausted(refusal: Refusal, decision_id: str) -> BudgetExhausted:
    """The error: the first alternative's hindrance in words and metadata, each one's as a violation."""
    first = refusal.hindrances[0]
    meter = first.balance.meter
    metadata = {
        "decision_id": decision_id,
        "meter": meter.name,
        "meter_id": meter.key.meter_id,
        "scope": meter.scope.value,
        "unit": meter.unit.value,
        "cause": first.cause.value,
        "source": meter.source,
    }
    if meter.scope not in PLATFORM_SCOPES:
        figures = {"limit": meter.limit, "remaining": first.balance.remaining, "needed": first.needed}
        metadata |= {name: str(figure) for name, figure in figures.items()}
    return BudgetExhausted(
        f"No model of the plan fits the {'limits' if meter.of_policy else 'budgets'}: {_tell(first)}; {_cure(first)}.",
        metadata=metadata,
        quotas=tuple(QuotaViolation(_subject(each), _tell(each)) for each in refusal.hindrances),
        retry_after=_shortest_wait(refusal),
    )


def _cure(hindrance: Hindrance) -> str:
    meter = hindrance.balance.meter
    if not meter.of_policy or hindrance.cause is not Cause.FULL:
        return _CURES[hindrance.cause]
    wait = "" if hindrance.wait is None else "wait, or "
    return f"{wait}have the limit of {_source(meter)} raised"


def _source(meter: Meter) -> str:
    """What sets the limit of a plan or a rule, such as ``rule pol_1``."""
    return meter.source.replace(":", " ", 1)


def _tell(hindrance: Hindrance) -> str:
    """What stands in the way of a model. A tenant does not see the figures of the platform's own meters."""
    meter, model_id = hindrance.balance.meter, hindrance.model_id
    match hindrance.cause:
        case Cause.FROZEN:
            return f"{meter.name} is frozen"
        case Cause.NO_PRICE:
            return f"{model_id} has no known price, which {meter.name} cannot hold"
        case Cause.FULL if meter.of_policy:
            return _tell_limit(hindrance)
        case Cause.FULL if meter.scope in PLATFORM_SCOPES:
            return f"{meter.name} has too little left for {model_id}"
        case Cause.FULL:
            left, needed = _amount(meter, hindrance.balance.remaining), _amount(meter, hindrance.needed)
            return f"{meter.name} has {left} left, and {model_id} may need {needed}"


def _tell_limit(hindrance: Hindrance) -> str:
    meter = hindrance.balance.meter
    limit = f"${dollars(meter.limit)}" if meter.unit is Unit.NANOS else str(meter.limit)
    left = f"{_amount(meter, hindrance.balance.remaining)} left of the {limit} that {_source(meter)} allows"
    needed = "" if meter.counts_calls else f", and {hindrance.model_id} may need {_amount(meter, hindrance.needed)}"
    return f"{meter.name}: {left}{needed}"


def _amount(meter: Meter, amount: int) -> str:
    if meter.unit is Unit.NANOS:
        return f"${dollars(amount)}"
    return f"{amount} {meter.unit.value.replace('_', ' ')}"


def _subject(hindrance: Hindrance) -> str:
    meter = hindrance.balance.meter
    return f"{meter.scope.value}:{meter.scope_id}" if meter.scope_id else meter.scope.value


def _shortest_wait(refusal: Refusal) -> timedelta | None:
    waits = [hindrance.wait for hindrance in refusal.hindrances if hindrance.wait is not None]
    return min(waits, default=None)


def set_elsewhere(meter: Meter) -> LimitSetElsewhere:
    """The error for whoever changes the limit of a plan or a rule as a budget."""
    cure = "change the plan" if meter.source.startswith("plan:") else "change the rule"
    message = f"{meter.name} is a limit of {_source(meter)}, and no budget: {cure}."
    return LimitSetElsewhere(message, metadata={"source": meter.source})


def no_unknown(reservation_id: str) -> NotFound:
    """The error for whoever resolves what is not unknown, or not any more."""
    message = f"There is no unknown reservation {reservation_id}; VerifyLedger lists those that there are."
    return NotFound(message, metadata={"resource": "reservation"})
