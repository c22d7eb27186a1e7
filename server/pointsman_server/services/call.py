"""What a servicer knows of the call beside its request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

from pointsman_server.identity.model import Actor, Principal
from pointsman_server.identity.visits import NO_VISITS, Visits


async def _nobody() -> Principal:
    raise AssertionError("nothing authenticates, and somebody asks who is calling")


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
        renew: who is asking, looked up anew where anything was revoked since; raises as authentication does.
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
    renew: Callable[[], Awaitable[Principal]] = field(default=_nobody, repr=False, compare=False)

    async def renewed(self) -> Call:
        """The call with its principal as it is now: for who waited since it was let in.

        Raises:
            PointsmanError: its credential is not valid any more.
        """
        return replace(self, principal=await self.renew())

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
