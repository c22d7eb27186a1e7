"""Rules, and what they say together, for the client for asyncio; ``policy.py`` has the other's."""

# ruff: noqa: ASYNC109  # a timeout here is gRPC's deadline, which the server sees; asyncio.timeout would not tell it

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

import grpc.aio
from google.protobuf.field_mask_pb2 import FieldMask

from pointsman.async_calling import AsyncCaller
from pointsman.v1.policy_service_pb2 import (
    CreatePolicyRuleRequest,
    DeletePolicyRuleRequest,
    EvaluateRequest,
    EvaluateResponse,
    GetPolicyRuleRequest,
    ListPolicyRulesRequest,
    PolicyRule,
    UpdatePolicyRuleRequest,
)
from pointsman.v1.policy_service_pb2_grpc import PolicyServiceStub


class AsyncPolicy:
    """Rules that limit calls."""

    def __init__(self, caller: AsyncCaller, channel: grpc.aio.Channel) -> None:
        self._caller = caller
        self._stub = PolicyServiceStub(channel)

    async def create(
        self, policy_rule: PolicyRule, *, tenant_id: str = "", request_id: str = "", timeout: float | None = None
    ) -> PolicyRule:
        """Makes a rule."""
        request = CreatePolicyRuleRequest(policy_rule=policy_rule, tenant_id=tenant_id, request_id=request_id)
        return (await self._caller.call(self._stub.CreatePolicyRule, request, timeout)).policy_rule

    async def get(self, policy_rule_id: str, *, tenant_id: str = "", timeout: float | None = None) -> PolicyRule:
        """One rule."""
        request = GetPolicyRuleRequest(policy_rule_id=policy_rule_id, tenant_id=tenant_id)
        return (await self._caller.call(self._stub.GetPolicyRule, request, timeout)).policy_rule

    async def list(
        self, request: ListPolicyRulesRequest | None = None, *, timeout: float | None = None
    ) -> AsyncIterator[PolicyRule]:
        """The tenant's rules, and the platform's that hold for it; asks for further pages as they are needed."""
        async for page in self._caller.pages(self._stub.ListPolicyRules, request or ListPolicyRulesRequest(), timeout):
            for row in page.policy_rules:
                yield row

    async def update(
        self, policy_rule: PolicyRule, paths: Iterable[str], *, tenant_id: str = "", timeout: float | None = None
    ) -> PolicyRule:
        """Changes the named fields."""
        request = UpdatePolicyRuleRequest(
            policy_rule=policy_rule, update_mask=FieldMask(paths=paths), tenant_id=tenant_id
        )
        return (await self._caller.call(self._stub.UpdatePolicyRule, request, timeout)).policy_rule

    async def delete(self, policy_rule_id: str, *, tenant_id: str = "", timeout: float | None = None) -> None:
        """Removes a rule."""
        await self._caller.call(
            self._stub.DeletePolicyRule,
            DeletePolicyRuleRequest(policy_rule_id=policy_rule_id, tenant_id=tenant_id),
            timeout,
        )

    async def evaluate(self, request: EvaluateRequest, *, timeout: float | None = None) -> EvaluateResponse:
        """What policy would make of a call. Calls nobody and charges nothing."""
        return await self._caller.call(self._stub.Evaluate, request, timeout)
