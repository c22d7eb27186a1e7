"""What every feedback store does."""

import asyncio
from dataclasses import replace

import pytest
from pointsman.v1.router_service_pb2 import Feedback, FeedbackType, ImplicitSignal
from pointsman_server.errors import NotFound, RequestIdReused
from pointsman_server.identity.model import Principal
from pointsman_server.router.feedback import SIGNAL_RATINGS, Judgement
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import START, TENANT, USER, decision, outcome, request, settlement

ADA = Principal(TENANT, USER, frozenset())
GOOD = Judgement(type=FeedbackType.FEEDBACK_TYPE_EXPLICIT, rating=0.9, completion_id="cmp_1")


async def complete(storage: Storage) -> None:
    reservation = await storage.ledger.reserve(request(), decision())
    await storage.ledger.settle(reservation, settlement(), outcome())


async def test_feedback_names_the_model_that_served(storage: Storage) -> None:
    await complete(storage)
    feedback = await storage.feedback.record(ADA, GOOD)

    assert feedback.feedback_id.startswith("fbk_")
    assert feedback.create_time.ToDatetime(START.tzinfo) == START
    feedback.ClearField("feedback_id")
    feedback.ClearField("create_time")
    assert feedback == Feedback(
        decision_id="dec_1",
        completion_id="cmp_1",
        model_id="groq/gpt-y",
        task_type="code",
        type=FeedbackType.FEEDBACK_TYPE_EXPLICIT,
        rating=0.9,
    )


async def test_a_decision_id_finds_the_completion_too(storage: Storage) -> None:
    await complete(storage)
    feedback = await storage.feedback.record(ADA, replace(GOOD, completion_id="", decision_id="dec_1"))
    assert (feedback.completion_id, feedback.model_id) == ("cmp_1", "groq/gpt-y")


async def test_a_decision_that_was_only_routed_rates_the_first_of_its_plan(storage: Storage) -> None:
    await storage.ledger.record(decision())
    feedback = await storage.feedback.record(ADA, replace(GOOD, completion_id="", decision_id="dec_1"))
    assert (feedback.completion_id, feedback.model_id) == ("", "openai/gpt-x")


async def test_a_completion_that_still_runs_rates_the_first_of_its_plan(storage: Storage) -> None:
    await storage.ledger.reserve(request(), decision())
    assert (await storage.feedback.record(ADA, GOOD)).model_id == "openai/gpt-x"


async def test_an_outcome_that_names_no_model_keeps_the_plans_first(storage: Storage) -> None:
    reservation = await storage.ledger.reserve(request(), decision())
    await storage.ledger.settle(reservation, settlement(), outcome(model_id="", status="UNAVAILABLE"))
    assert (await storage.feedback.record(ADA, GOOD)).model_id == "openai/gpt-x"


@pytest.mark.parametrize(("signal", "rating"), SIGNAL_RATINGS.items())
async def test_signals_are_kept(storage: Storage, signal: ImplicitSignal.ValueType, rating: float) -> None:
    await complete(storage)
    judgement = replace(GOOD, type=FeedbackType.FEEDBACK_TYPE_IMPLICIT, signal=signal, rating=rating, request_id="r")
    await storage.feedback.record(ADA, judgement)
    feedback = await storage.feedback.record(ADA, judgement)
    assert (feedback.signal, feedback.rating) == (signal, rating)


@pytest.mark.parametrize(
    "stranger",
    [Principal(TENANT, "bob", frozenset({"user"})), Principal("other", USER, frozenset({"platform_admin"}))],
    ids=["another user", "another tenant"],
)
async def test_a_stranger_finds_nothing_to_rate(storage: Storage, stranger: Principal) -> None:
    await complete(storage)
    for judgement in (GOOD, replace(GOOD, completion_id="", decision_id="dec_1")):
        with pytest.raises(NotFound):
            await storage.feedback.record(stranger, judgement)
    assert not (await storage.decisions.get(TENANT, USER, "dec_1")).HasField("rating")


@pytest.mark.parametrize("role", ["platform_admin", "tenant_admin"])
async def test_an_administrator_may_rate_what_another_did(storage: Storage, role: str) -> None:
    await complete(storage)
    admin = Principal(TENANT, "root", frozenset({role}))
    assert (await storage.feedback.record(admin, GOOD)).rating == 0.9


async def test_an_unknown_completion_is_named(storage: Storage) -> None:
    with pytest.raises(NotFound, match="completion cmp_1"):
        await storage.feedback.record(ADA, GOOD)


async def test_the_same_request_id_and_body_give_the_same_outcome(storage: Storage) -> None:
    await complete(storage)
    once = replace(GOOD, request_id="req_1")
    first, *others = await asyncio.gather(*(storage.feedback.record(ADA, once) for _ in range(20)))
    assert all(other == first for other in others)


async def test_a_request_id_with_another_body_is_refused(storage: Storage) -> None:
    await complete(storage)
    await storage.feedback.record(ADA, replace(GOOD, request_id="req_1"))
    with pytest.raises(RequestIdReused):
        await storage.feedback.record(ADA, replace(GOOD, request_id="req_1", rating=0.1))
    assert (await storage.decisions.get(TENANT, USER, "dec_1")).rating == 0.9


async def test_request_ids_belong_to_their_principal(storage: Storage) -> None:
    await complete(storage)
    root = Principal(TENANT, "root", frozenset({"tenant_admin"}))
    mine = await storage.feedback.record(ADA, replace(GOOD, request_id="req_1"))
    theirs = await storage.feedback.record(root, replace(GOOD, request_id="req_1", rating=0.1))
    assert (theirs.rating, theirs.feedback_id != mine.feedback_id) == (0.1, True)


async def test_without_a_request_id_every_call_records(storage: Storage) -> None:
    await complete(storage)
    ratings = [await storage.feedback.record(ADA, GOOD) for _ in range(2)]
    assert ratings[0].feedback_id != ratings[1].feedback_id
