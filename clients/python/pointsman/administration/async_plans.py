"""Plans, features and tasks, for the client for asyncio; ``plans.py`` has the other's."""

# ruff: noqa: ASYNC109  # a timeout here is gRPC's deadline, which the server sees; asyncio.timeout would not tell it

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

import grpc.aio
from google.protobuf.field_mask_pb2 import FieldMask

from pointsman.async_calling import AsyncCaller
from pointsman.v1.plan_pb2 import Feature, Plan, Task
from pointsman.v1.tenant_service_pb2 import (
    CreateFeatureRequest,
    CreatePlanRequest,
    CreateTaskRequest,
    DeleteFeatureRequest,
    DeletePlanRequest,
    DeleteTaskRequest,
    GetPlanRequest,
    ListFeaturesRequest,
    ListPlansRequest,
    ListTasksRequest,
    UpdateFeatureRequest,
    UpdatePlanRequest,
    UpdateTaskRequest,
)
from pointsman.v1.tenant_service_pb2_grpc import TenantServiceStub


class AsyncPlans:
    """What tenants buy."""

    def __init__(self, caller: AsyncCaller, channel: grpc.aio.Channel) -> None:
        self._caller = caller
        self._stub = TenantServiceStub(channel)

    async def create(self, plan: Plan, *, request_id: str = "", timeout: float | None = None) -> Plan:
        """Makes a plan."""
        request = CreatePlanRequest(plan=plan, request_id=request_id)
        return (await self._caller.call(self._stub.CreatePlan, request, timeout)).plan

    async def get(self, plan_id: str, *, timeout: float | None = None) -> Plan:
        """One plan."""
        request = GetPlanRequest(plan_id=plan_id)
        return (await self._caller.call(self._stub.GetPlan, request, timeout)).plan

    async def list(
        self, request: ListPlansRequest | None = None, *, timeout: float | None = None
    ) -> AsyncIterator[Plan]:
        """Plans by id; asks for further pages as they are needed."""
        async for page in self._caller.pages(self._stub.ListPlans, request or ListPlansRequest(), timeout):
            for row in page.plans:
                yield row

    async def update(self, plan: Plan, paths: Iterable[str], *, timeout: float | None = None) -> Plan:
        """Changes the named fields."""
        request = UpdatePlanRequest(plan=plan, update_mask=FieldMask(paths=paths))
        return (await self._caller.call(self._stub.UpdatePlan, request, timeout)).plan

    async def delete(self, plan_id: str, *, timeout: float | None = None) -> None:
        """Removes a plan that nobody is on."""
        await self._caller.call(self._stub.DeletePlan, DeletePlanRequest(plan_id=plan_id), timeout)


class AsyncFeatures:
    """Groups of tasks, as they are sold."""

    def __init__(self, caller: AsyncCaller, channel: grpc.aio.Channel) -> None:
        self._caller = caller
        self._stub = TenantServiceStub(channel)

    async def create(self, feature: Feature, *, request_id: str = "", timeout: float | None = None) -> Feature:
        """Makes a feature."""
        request = CreateFeatureRequest(feature=feature, request_id=request_id)
        return (await self._caller.call(self._stub.CreateFeature, request, timeout)).feature

    async def list(
        self, request: ListFeaturesRequest | None = None, *, timeout: float | None = None
    ) -> AsyncIterator[Feature]:
        """Features by id; asks for further pages as they are needed."""
        async for page in self._caller.pages(self._stub.ListFeatures, request or ListFeaturesRequest(), timeout):
            for row in page.features:
                yield row

    async def update(self, feature: Feature, paths: Iterable[str], *, timeout: float | None = None) -> Feature:
        """Changes the named fields."""
        request = UpdateFeatureRequest(feature=feature, update_mask=FieldMask(paths=paths))
        return (await self._caller.call(self._stub.UpdateFeature, request, timeout)).feature

    async def delete(self, feature_id: str, *, timeout: float | None = None) -> None:
        """Removes a feature that no plan and no task has."""
        await self._caller.call(self._stub.DeleteFeature, DeleteFeatureRequest(feature_id=feature_id), timeout)


class AsyncTasks:
    """Kinds of calls that plans allow and rules limit."""

    def __init__(self, caller: AsyncCaller, channel: grpc.aio.Channel) -> None:
        self._caller = caller
        self._stub = TenantServiceStub(channel)

    async def create(self, task: Task, *, request_id: str = "", timeout: float | None = None) -> Task:
        """Makes a task."""
        request = CreateTaskRequest(task=task, request_id=request_id)
        return (await self._caller.call(self._stub.CreateTask, request, timeout)).task

    async def list(
        self, request: ListTasksRequest | None = None, *, timeout: float | None = None
    ) -> AsyncIterator[Task]:
        """Tasks by code; asks for further pages as they are needed."""
        async for page in self._caller.pages(self._stub.ListTasks, request or ListTasksRequest(), timeout):
            for row in page.tasks:
                yield row

    async def update(self, task: Task, paths: Iterable[str], *, timeout: float | None = None) -> Task:
        """Changes the named fields."""
        request = UpdateTaskRequest(task=task, update_mask=FieldMask(paths=paths))
        return (await self._caller.call(self._stub.UpdateTask, request, timeout)).task

    async def delete(self, task_code: str, *, timeout: float | None = None) -> None:
        """Removes a task that no plan has."""
        await self._caller.call(self._stub.DeleteTask, DeleteTaskRequest(task_code=task_code), timeout)
