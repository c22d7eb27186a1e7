"""What a servicer knows of the call beside its request."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pointsman_server.identity.model import Actor, Principal
from pointsman_server.identity.visits import NO_VISITS, Visits


@dataclass(frozen=True, slots=True)
class Call:
    """One call, whatever transport carried it.

    Attributes:
        principal: who is asking.
        request_id: names the call in logs and errors; the caller's ``x-request-id`` or a fresh one.
        received_at: when it came, on the monotonic clock, in seconds.
        deadline: when the caller stops waiting, on the monotonic clock, in seconds; ``None``: never.
        metadata: the caller's text metadata, keys in lower case.
        source: where the connection came from: address and port, or ``unix``.
        method: ``Service/Method`` without the package.
        named_tenant_id: the tenant that the request names, which the principal may; empty: none.
        visits: records looks into other tenants.
    """

    principal: Principal
    request_id: str
    received_at: float
    deadline: float | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    method: str = ""
    named_tenant_id: str = ""
    visits: Visits = field(default=NO_VISITS, repr=False)

    @property
    def tenant_id(self) -> str:
        """The tenant that the call is about: the named one, else the principal's own."""
        return self.named_tenant_id or self.principal.tenant_id

    @property
    def actor(self) -> Actor:
        """Who is asking, for the audit log."""
        principal = self.principal
        return Actor(
            tenant_id=principal.tenant_id,
            user_id=principal.user_id,
            roles=principal.roles,
            agent_id=principal.agent_id,
            credential_id=principal.credential_id,
            request_id=self.request_id,
            source=self.source,
        )
