"""Tenants on two servers with one PostgreSQL: a sign-up happens once, and a change of plan holds on both at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from pointsman import Client
from pointsman.content import user
from pointsman.errors import PointsmanError
from pointsman.v1.budget_service_pb2 import BUDGET_KIND_SLOTS, BUDGET_UNIT_REQUESTS
from pointsman.v1.completion_pb2 import CompletionSpecification
from pointsman.v1.plan_pb2 import QUOTA_HOLDER_TENANT, ModelAccess, Plan, PlanFeature, PlanTask, Quota
from pointsman.v1.principal_pb2 import PRINCIPAL_ROLE_USER
from pointsman.v1.router_service_pb2 import CompleteRequest, RouteRequest
from pointsman.v1.tenant_service_pb2 import (
    TENANT_STATE_ACTIVE,
    TENANT_STATE_SUSPENDED,
    AccessToken,
    ApiKey,
    Project,
    SignUpRequest,
    SignUpResponse,
    Tenant,
    User,
)

from tests.e2e.processes import Server, start_server
from tests.postgres import PostgresServer

WITHIN_S = 1.0
SIGN_UP = SignUpRequest(tenant_display_name="Beta", admin_display_name="Dora", admin_email="dora@beta.example")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two servers that share a database."""

    first: Server
    second: Server

    @property
    def operator(self) -> Client:
        """The first administrator, at the first server."""
        return Client(self.first.grpc_address, token=self.first.token)

    def clients(self, stack: ExitStack, token: str) -> tuple[Client, Client]:
        """The bearer of a token, at both servers."""
        addresses = (self.first.grpc_address, self.second.grpc_address)
        first, second = (stack.enter_context(Client(address, token=token)) for address in addresses)
        return first, second


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer) -> Iterator[Pair]:
    url = postgres.new_database("migrated")
    with ExitStack() as stack:
        servers = []
        for name in ("first", "second"):
            servers.append(start_server(tmp_path_factory.mktemp(name), POINTSMAN_DATABASE_URL=url))
            stack.callback(servers[-1].process.end)
        yield Pair(*servers)


def reason_of(call: Callable[[], object]) -> str:
    """Why a call is refused; empty: it is not."""
    try:
        call()
    except PointsmanError as error:
        return error.reason
    return ""


def within_a_second(call: Callable[[], object], reason: str) -> None:
    """Waits until a call comes to this; one that begins a second later, or after that, must."""
    changed = time.monotonic()
    while True:
        begin = time.monotonic()
        if (found := reason_of(call)) == reason:
            return
        assert begin - changed < WITHIN_S, f"still {found!r} and not {reason!r}"
        time.sleep(0.02)


def sign_up_on_both(pair: Pair, token: str) -> SignUpResponse:
    """Four sign-ups at once with one access token; the answer of the one that was let in."""
    with ExitStack() as stack, ThreadPoolExecutor(4) as pool:
        clients = pair.clients(stack, token) * 2
        asked = [pool.submit(client.tenants.sign_up, SIGN_UP) for client in clients]
        failed = [each.exception() for each in asked]
        assert sorted(getattr(error, "reason", "") for error in failed) == ["", *["SIGN_UP_REFUSED"] * 3]
        return next(each.result() for each, error in zip(asked, failed, strict=True) if error is None)


def test_a_tenant_signs_up_once_and_has_what_its_plan_gives_now(pair: Pair) -> None:
    with ExitStack() as stack:
        operator = stack.enter_context(pair.operator)
        issued = operator.access_tokens.create(AccessToken(display_name="Beta", plan_id="FREE"))
        made = sign_up_on_both(pair, issued.token)
        tenant_id = made.tenant.tenant_id
        assert [tenant.tenant_id for tenant in operator.tenants.list() if tenant.display_name == "Beta"] == [tenant_id]

        here, there = pair.clients(stack, made.key)
        for client in (here, there):
            assert reason_of(lambda client=client: client.complete_whole("hello")) == "POLICY_REFUSED"
        operator.tenants.update(Tenant(tenant_id=tenant_id, plan_id="ENTERPRISE"), ["plan_id"])
        for client in (here, there):
            within_a_second(lambda client=client: client.route("hello"), "")
            assert client.complete_whole("hello").text
        operator.tenants.update(Tenant(tenant_id=tenant_id, plan_id="FREE"), ["plan_id"])
        for client in (here, there):
            within_a_second(lambda client=client: client.route("hello"), "POLICY_REFUSED")

        operator.tenants.update(Tenant(tenant_id=tenant_id, plan_id="ENTERPRISE"), ["plan_id"])
        state = Tenant(tenant_id=tenant_id, state=TENANT_STATE_SUSPENDED)
        operator.tenants.update(state, ["state"])
        within_a_second(lambda: there.route("hello"), "NOT_ACTIVE")
        state.state = TENANT_STATE_ACTIVE
        operator.tenants.update(state, ["state"])
        within_a_second(lambda: there.route("hello"), "")

        operator.access_tokens.revoke(issued.access_token.access_token_id)
        within_a_second(lambda: there.route("hello"), "POLICY_REFUSED")


def test_plans_set_on_both_servers_at_once_leave_one_plan_on_one_access_token(pair: Pair) -> None:
    with ExitStack() as stack, ThreadPoolExecutor(8) as pool:
        here, there = pair.clients(stack, pair.first.token)
        made = here.tenants.create(Tenant(tenant_id="acme", display_name="Acme"))
        assert made.plan_id == ""
        plans = ["FREE", "BASIC", "PRO", "ENTERPRISE"] * 2
        asked = [
            pool.submit((here, there)[number % 2].tenants.update, Tenant(tenant_id="acme", plan_id=plan), ["plan_id"])
            for number, plan in enumerate(plans)
        ]
        answers = [each.result() for each in asked]
        assert len({answer.access_token_id for answer in answers}) == 1
        found = there.tenants.get("acme")
        assert found.plan_id in plans
        assert [token.plan_id for token in here.access_tokens.list() if token.tenant_id == "acme"] == [found.plan_id]


def test_only_members_charge_a_project(pair: Pair) -> None:
    with ExitStack() as stack:
        here, there = pair.clients(stack, pair.first.token)
        here.projects.create(Project(project_id="apollo", display_name="Apollo"))
        asked = RouteRequest(specification=CompletionSpecification(messages=[user("hello")], project_id="apollo"))

        def charged() -> object:
            return there.route(asked)

        assert reason_of(charged) == "NOT_A_MEMBER"
        here.projects.add_member("apollo", "local-admin")
        within_a_second(charged, "")
        here.projects.remove_member("apollo", "local-admin")
        within_a_second(charged, "NOT_A_MEMBER")


STORY = "Tell me a long story. [[sandbox: tokens=400 gap_ms=50]]"
BOTH = PlanTask(
    task_code="LLM2_DRAFT",
    access=ModelAccess(any_class=True),
    quotas=[Quota(holder=QUOTA_HOLDER_TENANT, unit=BUDGET_UNIT_REQUESTS, kind=BUDGET_KIND_SLOTS, limit=2)],
)


def test_a_plan_lets_so_many_calls_of_a_task_run_on_all_servers_together(pair: Pair) -> None:
    with ExitStack() as stack:
        here = stack.enter_context(pair.operator)
        features = [PlanFeature(feature_id="PATENT_DRAFTING")]
        here.plans.create(Plan(plan_id="TWO", display_name="Two", features=features, tasks=[BOTH]))
        here.tenants.create(Tenant(tenant_id="gamma", display_name="Gamma", plan_id="TWO"))
        who = User(user_id="gil", display_name="Gil", roles=[PRINCIPAL_ROLE_USER])
        here.users.create(who, tenant_id="gamma")
        key = here.keys.create(ApiKey(display_name="Gil's", user_id="gil"), tenant_id="gamma").key

        drafts = CompleteRequest(specification=CompletionSpecification(messages=[user(STORY)], task_code="LLM2_DRAFT"))
        streams = []  # an iterator that is forgotten ends its call
        for client in pair.clients(stack, key):
            within_a_second(lambda client=client: client.route(RouteRequest(specification=drafts.specification)), "")
            streams.append(iter(stack.enter_context(client.complete(drafts))))
            next(streams[-1])
        for client in pair.clients(stack, key):
            assert reason_of(lambda client=client: client.complete_whole(drafts)) == "BUDGET_EXHAUSTED"
            assert reason_of(lambda client=client: client.complete_whole("hello")) == "POLICY_REFUSED"
        with pytest.raises(PointsmanError, match="used by 1 access token"):
            here.plans.delete("TWO")
