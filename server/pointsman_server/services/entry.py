"""What every call passes before its servicer: who may call it, and whether somebody must know that it looked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message

from pointsman_server.identity.audit import Change
from pointsman_server.identity.model import PLATFORM_TENANT, Role
from pointsman_server.services.access import NAMING, Access, Tenant, authorized
from pointsman_server.services.call import Call
from pointsman_server.services.validate.violations import Violations

_WORD_START: Final = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Entry:
    """The way into one method.

    Attributes:
        resource: the kind of thing that its answers have first, such as ``user``.
    """

    access: Access
    resource: str

    @classmethod
    def to(cls, method: MethodDescriptor, access: Access) -> Self:
        """The way into a method of the contract."""
        shown = (field.message_type for field in method.output_type.fields if field.message_type is not None)
        names = [each.name for each in shown if each.file.package == method.containing_service.file.package]
        return cls(access, _WORD_START.sub("_", names[0]).lower() if names else "")

    @property
    def visits(self) -> bool:
        """Whether it may lead into a tenant that is not the caller's own."""
        return self.access.tenant in NAMING or self.access.all_tenants

    def authorize(self, request: Message, call: Call) -> Call:
        """Lets a call in that cannot visit; see ``access.authorized``."""
        return authorized(self.access, request, call)

    async def admit(self, request: Message, call: Call) -> Call:
        """Lets a call in, and where it looks into another tenant, has that recorded first.

        A change is recorded by whoever makes it, in its transaction.

        Raises:
            RoleRequired, ForeignTenant: see ``access.authorized``.
            NotFound: a platform administrator names a tenant that is not there.
            StoreUnavailable: it could not be recorded.
        """
        call = self.authorize(request, call)
        tenant_id = call.named_tenant_id
        if tenant_id == PLATFORM_TENANT and self.access.tenant is Tenant.NAMED_OR_PLATFORM:
            return call  # what is of all tenants is a platform administrator's own
        if tenant_id and (self.access.writes or tenant_id == PLATFORM_TENANT):  # which is no tenant that there is
            await call.visits.expect(tenant_id)
        elif tenant_id or (self.access.all_tenants and call.principal.has(Role.PLATFORM_ADMIN)):
            look = Change(call.method, self.resource, self._looked_for(request))
            await call.visits.record(tenant_id or PLATFORM_TENANT, call.actor, look)
        return call

    def _looked_for(self, request: Message) -> str:
        """The one thing that the request names; empty: it names none, or what is no id, which nothing has."""
        named = getattr(request, f"{self.resource}_id", "")
        violations = Violations()
        violations.identifier(named, "")  # its servicer checks it too late: this is before
        return "" if len(violations) else named
