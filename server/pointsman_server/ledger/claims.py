"""Claims on request ids: under one id, one call takes effect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from pointsman.v1.completion_pb2 import CompletionFailure


class ClaimKey(NamedTuple):
    """Whose request id it is; two users never share one."""

    tenant_id: str
    user_id: str
    request_id: str


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """What makes a call repeatable.

    Attributes:
        request_id: the caller's name for it.
        body_digest: of the whole request; under one id there is one body.
    """

    request_id: str
    body_digest: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A call's claim on its request id."""

    key: ClaimKey
    body_digest: str
    completion_id: str
    decision_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ClaimEnd:
    """What becomes of a claim when its call ends.

    Attributes:
        status: the name of the call's status.
        told: what the call used, for callers who come with the id later; ``None``: the id is free again.
    """

    claim: Claim
    status: str
    told: CompletionFailure | None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim as the store has it.

    Attributes:
        status: the name of the call's status; empty: its end was not recorded.
        told: what the call used, as far as that is known.
        running: whether the call has a reservation that is open.
    """

    body_digest: str
    status: str
    told: CompletionFailure
    running: bool


class AlreadyClaimed(Exception):
    """Another call has the request id; the reservation was not made."""


class ClaimStore(Protocol):
    """Reads claims, and forgets old ones."""

    async def find(self, key: ClaimKey) -> Claimed | None:
        """Returns the claim on a request id; ``None``: the id is free.

        Raises:
            StoreUnavailable: the store cannot be read.
        """
        ...

    async def forget(self, before: datetime) -> int:
        """Removes some of the claims, and of other calls' outcomes, older than a time; returns how many. None: no more.

        Raises:
            StoreUnavailable: the store cannot be written.
        """
        ...
