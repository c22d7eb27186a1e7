"""What every decision store does."""

import pytest
from pointsman.v1.router_service_pb2 import FeedbackType
from pointsman_server.errors import NotFound
from pointsman_server.identity.model import Principal
from pointsman_server.router.feedback import Judgement
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import TENANT, USER, SetClock, decision, outcome, request, settlement


def rating_of(rating: float) -> Judgement:
    return Judgement(type=FeedbackType.FEEDBACK_TYPE_EXPLICIT, rating=rating, decision_id="dec_1")


async def test_a_decision_comes_back_with_outcome_and_latest_rating(storage: Storage, clock: SetClock) -> None:
    reservation = await storage.ledger.reserve(request(), decision())
    await storage.ledger.settle(reservation, settlement(), outcome())
    principal = Principal(TENANT, USER, frozenset())
    for rating in (0.25, 1.0, 0.75):
        clock.advance(seconds=1)
        await storage.feedback.record(principal, rating_of(rating))

    stored = await storage.decisions.get(TENANT, USER, "dec_1")
    assert stored.outcome == outcome().outcome
    assert stored.rating == 0.75
    stored.ClearField("outcome")
    stored.ClearField("rating")
    assert stored == decision().decision


async def test_a_decision_without_outcome_and_rating_has_neither(storage: Storage) -> None:
    await storage.ledger.record(decision())
    stored = await storage.decisions.get(TENANT, USER, "dec_1")
    assert not stored.HasField("outcome")
    assert not stored.HasField("rating")


async def test_an_outcome_inside_a_decision_is_not_taken_for_its_own(storage: Storage) -> None:
    entry = decision(rating=0.5)
    entry.decision.outcome.status = "OK"
    await storage.ledger.record(entry)
    assert await storage.decisions.get(TENANT, USER, "dec_1") == decision().decision
    assert entry.decision.outcome.status == "OK"


@pytest.mark.parametrize(("tenant_id", "user_id"), [("other", USER), (TENANT, "bob"), ("other", None)])
async def test_anothers_decision_is_not_found(storage: Storage, tenant_id: str, user_id: str | None) -> None:
    await storage.ledger.record(decision())
    with pytest.raises(NotFound):
        await storage.decisions.get(tenant_id, user_id, "dec_1")


async def test_any_user_of_the_tenant_where_none_is_named(storage: Storage) -> None:
    await storage.ledger.record(decision())
    assert (await storage.decisions.get(TENANT, None, "dec_1")).decision_id == "dec_1"


async def test_tenants_may_have_decisions_of_one_name(storage: Storage) -> None:
    await storage.ledger.record(decision())
    await storage.ledger.record(decision(tenant_id="other", explanation="theirs"), outcome(tenant_id="other"))
    mine = await storage.decisions.get(TENANT, USER, "dec_1")
    assert (mine.explanation, mine.HasField("outcome")) == ("", False)
    assert (await storage.decisions.get("other", USER, "dec_1")).explanation == "theirs"
