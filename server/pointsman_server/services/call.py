"""What a servicer knows of the call beside its request."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pointsman_server.identity.model import Principal


@dataclass(frozen=True, slots=True)
class Call:
    """One call, whatever transport carried it.

    Attributes:
        principal: who is asking.
        request_id: names the call in logs and errors; the caller's ``x-request-id`` or a fresh one.
        received_at: when it came, on the monotonic clock, in seconds.
        deadline: when the caller stops waiting, on the monotonic clock, in seconds; ``None``: never.
        metadata: the caller's text metadata, keys in lower case.
    """

    principal: Principal
    request_id: str
    received_at: float
    deadline: float | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
