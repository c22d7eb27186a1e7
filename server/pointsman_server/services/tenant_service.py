"""TenantService: who may ask, and what each tenant bought."""

from __future__ import annotations

from typing import ClassVar

from google.protobuf.descriptor import ServiceDescriptor
from pointsman.v1 import tenant_service_pb2 as pb

from pointsman_server.services.credential_methods import CredentialMethods
from pointsman_server.services.plan_methods import PlanMethods
from pointsman_server.services.project_methods import ProjectMethods
from pointsman_server.services.tenant_methods import TenantMethods
from pointsman_server.services.user_methods import UserMethods


class TenantService(TenantMethods, UserMethods, ProjectMethods, CredentialMethods, PlanMethods):
    """Made of parts, one for each kind of thing."""

    descriptor: ClassVar[ServiceDescriptor] = pb.DESCRIPTOR.services_by_name["TenantService"]
