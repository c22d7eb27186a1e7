"""The methods of ``TenantService`` about plans, features and tasks."""

from __future__ import annotations

from pointsman.v1 import tenant_service_pb2 as pb

from pointsman_server.policy.plan_messages import (
    feature_message,
    plan_message,
    read_feature,
    read_plan,
    read_task,
    task_message,
)
from pointsman_server.policy.plan_store import OfferQuery
from pointsman_server.services import paging
from pointsman_server.services.call import Call
from pointsman_server.services.masks import named_in
from pointsman_server.services.origin import origin_of
from pointsman_server.services.tenant_parts import Part
from pointsman_server.services.validate import plans as validate


class PlanMethods(Part):
    """Checks each request and hands it on."""

    async def create_plan(self, request: pb.CreatePlanRequest, call: Call) -> pb.CreatePlanResponse:
        """Makes a plan."""
        validate.create_plan(request)
        made = await self._parts.plans.create(read_plan(request.plan), origin_of(request, call))
        return pb.CreatePlanResponse(plan=plan_message(made))

    async def get_plan(self, request: pb.GetPlanRequest, _call: Call) -> pb.GetPlanResponse:
        """One plan."""
        validate.named(request.plan_id, "plan_id")
        return pb.GetPlanResponse(plan=plan_message(await self._parts.plans.get(request.plan_id)))

    async def list_plans(self, request: pb.ListPlansRequest, _call: Call) -> pb.ListPlansResponse:
        """Plans, ordered by id."""
        validate.listing(request)
        size = paging.page_size(request)
        found, total = await self._parts.plans.page(_query(request))
        return pb.ListPlansResponse(
            plans=map(plan_message, found[:size]),
            next_page_token=paging.token(request, found[size - 1].plan_id) if len(found) > size else "",
            total_size=total,
        )

    async def update_plan(self, request: pb.UpdatePlanRequest, call: Call) -> pb.UpdatePlanResponse:
        """Changes a plan."""
        validate.update_plan(request)
        fields = set(request.update_mask.paths)
        asked = read_plan(named_in(request.plan, "plan_id", fields))
        changed = await self._parts.plans.update(asked, fields, origin_of(request, call))
        return pb.UpdatePlanResponse(plan=plan_message(changed))

    async def delete_plan(self, request: pb.DeletePlanRequest, call: Call) -> pb.DeletePlanResponse:
        """Removes a plan that no access token gives."""
        validate.named(request.plan_id, "plan_id")
        await self._parts.plans.delete(request.plan_id, origin_of(request, call))
        return pb.DeletePlanResponse()

    async def create_feature(self, request: pb.CreateFeatureRequest, call: Call) -> pb.CreateFeatureResponse:
        """Makes a feature."""
        validate.create_feature(request)
        made = await self._parts.features.create(read_feature(request.feature), origin_of(request, call))
        return pb.CreateFeatureResponse(feature=feature_message(made))

    async def list_features(self, request: pb.ListFeaturesRequest, _call: Call) -> pb.ListFeaturesResponse:
        """Features, ordered by id."""
        validate.listing(request)
        size = paging.page_size(request)
        found, total = await self._parts.features.page(_query(request))
        return pb.ListFeaturesResponse(
            features=map(feature_message, found[:size]),
            next_page_token=paging.token(request, found[size - 1].feature_id) if len(found) > size else "",
            total_size=total,
        )

    async def update_feature(self, request: pb.UpdateFeatureRequest, call: Call) -> pb.UpdateFeatureResponse:
        """Changes a feature."""
        validate.update_feature(request)
        fields = set(request.update_mask.paths)
        asked = read_feature(named_in(request.feature, "feature_id", fields))
        changed = await self._parts.features.update(asked, fields, origin_of(request, call))
        return pb.UpdateFeatureResponse(feature=feature_message(changed))

    async def delete_feature(self, request: pb.DeleteFeatureRequest, call: Call) -> pb.DeleteFeatureResponse:
        """Removes a feature that no plan and no task has."""
        validate.named(request.feature_id, "feature_id")
        await self._parts.features.delete(request.feature_id, origin_of(request, call))
        return pb.DeleteFeatureResponse()

    async def create_task(self, request: pb.CreateTaskRequest, call: Call) -> pb.CreateTaskResponse:
        """Makes a task."""
        validate.create_task(request)
        made = await self._parts.tasks.create(read_task(request.task), origin_of(request, call))
        return pb.CreateTaskResponse(task=task_message(made))

    async def list_tasks(self, request: pb.ListTasksRequest, _call: Call) -> pb.ListTasksResponse:
        """Tasks, ordered by code."""
        validate.listing(request)
        size = paging.page_size(request)
        found, total = await self._parts.tasks.page(_query(request, request.feature_id))
        return pb.ListTasksResponse(
            tasks=map(task_message, found[:size]),
            next_page_token=paging.token(request, found[size - 1].task_code) if len(found) > size else "",
            total_size=total,
        )

    async def update_task(self, request: pb.UpdateTaskRequest, call: Call) -> pb.UpdateTaskResponse:
        """Changes a task."""
        validate.update_task(request)
        fields = set(request.update_mask.paths)
        asked = read_task(named_in(request.task, "task_code", fields))
        changed = await self._parts.tasks.update(asked, fields, origin_of(request, call))
        return pb.UpdateTaskResponse(task=task_message(changed))

    async def delete_task(self, request: pb.DeleteTaskRequest, call: Call) -> pb.DeleteTaskResponse:
        """Removes a task that no plan has."""
        validate.named(request.task_code, "task_code")
        await self._parts.tasks.delete(request.task_code, origin_of(request, call))
        return pb.DeleteTaskResponse()


def _query(request: paging.PagedRequest, feature_id: str = "") -> OfferQuery:
    """One more than is shown says whether there is a next page."""
    return OfferQuery(feature_id, paging.last_id(request), paging.page_size(request) + 1)
