"""Where a change comes from: who asks for it, by which method, and under which request id."""

from __future__ import annotations

from dataclasses import dataclass

from pointsman_server.identity.model import Actor


@dataclass(frozen=True, slots=True)
class Origin:
    """What a store must know of a change beside the change.

    Attributes:
        action: the method, such as ``TenantService/UpdateUser``.
        request_id: makes the change repeatable; empty: it is not.
        body_digest: of the whole request; under one request id there is one body.
    """

    actor: Actor
    action: str
    request_id: str = ""
    body_digest: bytes = b""
