"""The methods of ``TenantService`` about projects."""

from __future__ import annotations

from dataclasses import replace

from pointsman.v1 import tenant_service_pb2 as pb

from pointsman_server.identity.missing import no_project
from pointsman_server.identity.tenant_messages import project_message, read_project
from pointsman_server.identity.tenant_stores import ProjectQuery
from pointsman_server.services import paging
from pointsman_server.services.call import Call
from pointsman_server.services.masks import named_in
from pointsman_server.services.origin import origin_of
from pointsman_server.services.tenant_parts import Part
from pointsman_server.services.user_methods import sees_all
from pointsman_server.services.validate import tenants as validate


class ProjectMethods(Part):
    """Checks each request and hands it on."""

    async def create_project(self, request: pb.CreateProjectRequest, call: Call) -> pb.CreateProjectResponse:
        """Makes a project."""
        validate.create_project(request)
        asked = read_project(request.project)
        project = replace(asked, tenant_id=call.tenant_id, project_id=asked.project_id or self._parts.new_id("prj"))
        made = await self._parts.projects.create(project, origin_of(request, call))
        return pb.CreateProjectResponse(project=project_message(made))

    async def get_project(self, request: pb.GetProjectRequest, call: Call) -> pb.GetProjectResponse:
        """One project: any for administrators and auditors, else one that the caller is a member of."""
        validate.named_project(request)
        project = await self._parts.projects.get(call.tenant_id, request.project_id)
        if not sees_all(call) and call.principal.user_id not in project.member_user_ids:
            raise no_project(request.project_id)
        return pb.GetProjectResponse(project=project_message(project))

    async def list_projects(self, request: pb.ListProjectsRequest, call: Call) -> pb.ListProjectsResponse:
        """Projects, ordered by id: all for administrators and auditors, else those that the caller is a member of."""
        validate.list_projects(request)
        size = paging.page_size(request)
        found, total = await self._parts.projects.page(
            ProjectQuery(
                call.tenant_id,
                member="" if sees_all(call) else call.principal.user_id,
                after=paging.last_id(request),
                page_size=size + 1,
            )
        )
        return pb.ListProjectsResponse(
            projects=map(project_message, found[:size]),
            next_page_token=paging.token(request, found[size - 1].project_id) if len(found) > size else "",
            total_size=total,
        )

    async def update_project(self, request: pb.UpdateProjectRequest, call: Call) -> pb.UpdateProjectResponse:
        """Changes a project."""
        validate.update_project(request)
        fields = set(request.update_mask.paths)
        asked = replace(read_project(named_in(request.project, "project_id", fields)), tenant_id=call.tenant_id)
        changed = await self._parts.projects.update(asked, fields, origin_of(request, call))
        return pb.UpdateProjectResponse(project=project_message(changed))

    async def delete_project(self, request: pb.DeleteProjectRequest, call: Call) -> pb.DeleteProjectResponse:
        """Removes a project."""
        validate.named_project(request)
        await self._parts.projects.delete(call.tenant_id, request.project_id, origin_of(request, call))
        return pb.DeleteProjectResponse()

    async def add_project_member(self, request: pb.AddProjectMemberRequest, call: Call) -> pb.AddProjectMemberResponse:
        """Lets a user charge a project."""
        validate.member(request)
        named = (call.tenant_id, request.project_id, request.user_id)
        changed = await self._parts.projects.add_member(*named, origin_of(request, call))
        return pb.AddProjectMemberResponse(project=project_message(changed))

    async def remove_project_member(
        self, request: pb.RemoveProjectMemberRequest, call: Call
    ) -> pb.RemoveProjectMemberResponse:
        """Ends that."""
        validate.member(request)
        named = (call.tenant_id, request.project_id, request.user_id)
        changed = await self._parts.projects.remove_member(*named, origin_of(request, call))
        return pb.RemoveProjectMemberResponse(project=project_message(changed))
