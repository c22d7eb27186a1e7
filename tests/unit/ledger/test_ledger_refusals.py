"""What a caller is told where no meter lets it in: enough to act on, and nothing of the platform's own figures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pointsman_server.errors import QuotaViolation
from pointsman_server.identity.model import PLATFORM_TENANT
from pointsman_server.ledger.meters import Balance, Cause, Hindrance, Meter, MeterKey, Refusal, Scope, Unit
from pointsman_server.ledger.refusals import exhausted
from pointsman_server.ledger.windows import MeterKind

from tests.conformance.builders import TENANT


def hindrance(
    cause: Cause = Cause.FULL, *, scope: Scope = Scope.USER, wait: Any = None, model: str = "a/x"
) -> Hindrance:
    owner = PLATFORM_TENANT if scope in {Scope.GLOBAL, Scope.PROVIDER} else TENANT
    scope_id = {Scope.USER: "ada", Scope.PROVIDER: "openai"}.get(scope, "")
    meter = Meter(MeterKey(owner, "bud_1"), "ada's own", scope, scope_id, Unit.NANOS, MeterKind.DAY, 0, 100)
    return Hindrance(model, Balance(meter, 60, 10, 30), cause, 50, wait)


def test_the_first_hindrance_is_told_in_words_and_figures() -> None:
    error = exhausted(Refusal((hindrance(), hindrance(Cause.FROZEN, model="a/y"))), "dec_1")
    assert error.message == (
        "No model of the plan fits the budgets: ada's own has $0.00000003 left, and a/x may need $0.00000005; "
        "wait, ask for less, or have the limit raised."
    )
    assert error.metadata == {
        "decision_id": "dec_1",
        "meter": "ada's own",
        "meter_id": "bud_1",
        "scope": "user",
        "unit": "nanos",
        "cause": "full",
        "source": "budget",
        "limit": "100",
        "remaining": "30",
        "needed": "50",
    }
    assert error.quotas == (
        QuotaViolation("user:ada", "ada's own has $0.00000003 left, and a/x may need $0.00000005"),
        QuotaViolation("user:ada", "ada's own is frozen"),
    )


def test_what_is_no_money_is_told_in_its_unit() -> None:
    meter = Meter(MeterKey(TENANT, "bud_1"), "daily", Scope.USER, "ada", Unit.OUTPUT_TOKENS, MeterKind.DAY, 0, 100)
    error = exhausted(Refusal((Hindrance("a/x", Balance(meter, 60, 10, 30), Cause.FULL, 50, None),)), "dec_1")
    assert "daily has 30 output tokens left, and a/x may need 50 output tokens;" in error.message


def test_the_platforms_figures_stay_with_it() -> None:
    for scope, subject in ((Scope.GLOBAL, "global"), (Scope.PROVIDER, "provider:openai")):
        error = exhausted(Refusal((hindrance(scope=scope),)), "dec_1")
        assert error.quotas == (QuotaViolation(subject, "ada's own has too little left for a/x"),)
        assert not error.metadata.keys() & {"limit", "remaining", "needed"}


def test_each_cause_has_its_words_and_its_cure() -> None:
    frozen = exhausted(Refusal((hindrance(Cause.FROZEN),)), "dec_1")
    assert frozen.message.endswith("ada's own is frozen; an administrator must unfreeze it.")
    unpriced = exhausted(Refusal((hindrance(Cause.NO_PRICE),)), "dec_1")
    assert unpriced.message.endswith(
        "a/x has no known price, which ada's own cannot hold; choose a model with a known price."
    )


def test_the_shortest_wait_is_told_and_none_where_none_helps() -> None:
    second, minute = timedelta(seconds=1), timedelta(minutes=1)
    some = (hindrance(), hindrance(wait=minute), hindrance(wait=second))
    assert exhausted(Refusal(some), "dec_1").retry_after == second
    assert exhausted(Refusal((hindrance(),)), "dec_1").retry_after is None
