"""Both clients set limits, page through them, and read what a check of the ledger finds."""

from __future__ import annotations

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from pointsman import AsyncClient, Client
from pointsman.errors import NotAllowed
from pointsman.v1 import budget_service_pb2 as pb
from scripted_server import Script, refusal

CHANGE = pb.UpdateBudgetRequest(budget=pb.Budget(budget_id="bud_1", limit=7), update_mask=FieldMask(paths=["limit"]))
SUMMARY = pb.VerifyLedgerResponse(summary=pb.LedgerSummary(counter_count=3))
COMPARE = pb.CompareUsageRequest(provider_id="openai")
ASKED = [
    "CreateBudgetRequest",
    "GetBudgetRequest",
    "ListBudgetsRequest",
    "ListBudgetsRequest",
    "UpdateBudgetRequest",
    "DeleteBudgetRequest",
    "ResolveUnknownRequest",
    "CompareUsageRequest",
    "VerifyLedgerRequest",
]


@pytest.fixture(autouse=True)
def budgets(script: Script) -> None:
    script.budgets = [pb.Budget(budget_id=f"bud_{number}", limit=5) for number in (1, 2, 3)]
    script.findings = [SUMMARY]
    script.compared = pb.CompareUsageResponse(alert_count=2)


def asked(script: Script) -> list[str]:
    return [type(request).__name__ for request in script.requests]


def test_the_client_that_blocks(script: Script, address: str) -> None:
    with Client(address) as client:
        assert client.create_budget(pb.Budget(name="b")).name == "b"
        assert client.get_budget("bud_2", tenant_id="acme").limit == 5
        assert len(list(client.list_budgets(pb.ListBudgetsRequest(page_size=2)))) == 3
        assert client.update_budget(CHANGE).limit == 7
        client.delete_budget("bud_1")
        client.resolve_unknown(pb.ResolveUnknownRequest(reservation_id="rsv_1"))
        assert client.compare_usage(COMPARE).alert_count == 2
        assert list(client.verify_ledger()) == [SUMMARY]
        assert asked(script) == ASKED
        assert script.requests[1] == pb.GetBudgetRequest(budget_id="bud_2", tenant_id="acme")
        script.refusals["VerifyLedger"] = [refusal(grpc.StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")]
        with pytest.raises(NotAllowed):
            list(client.verify_ledger())


async def test_the_client_for_asyncio(script: Script, address: str) -> None:
    async with AsyncClient(address) as client:
        assert (await client.create_budget(pb.Budget(name="b"))).name == "b"
        assert (await client.get_budget("bud_2", tenant_id="acme")).limit == 5
        assert len([each async for each in client.list_budgets(pb.ListBudgetsRequest(page_size=2))]) == 3
        assert (await client.update_budget(CHANGE)).limit == 7
        await client.delete_budget("bud_1")
        await client.resolve_unknown(pb.ResolveUnknownRequest(reservation_id="rsv_1"))
        assert (await client.compare_usage(COMPARE)).alert_count == 2
        assert [each async for each in client.verify_ledger()] == [SUMMARY]
        assert asked(script) == ASKED
        assert script.requests[1] == pb.GetBudgetRequest(budget_id="bud_2", tenant_id="acme")
        script.refusals["VerifyLedger"] = [refusal(grpc.StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")]
        with pytest.raises(NotAllowed):
            [each async for each in client.verify_ledger()]
