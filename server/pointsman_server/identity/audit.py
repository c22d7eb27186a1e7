"""The audit log's entries: what they hold, and how their hashes chain them. docs/audit.md has the format."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, NamedTuple

from google.protobuf.descriptor import Descriptor
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from pointsman_server.identity.model import Actor

FORMAT: Final = "pointsman-audit-1"
"""Begins what is hashed, so that a later format cannot be taken for this one."""

_SALT_BYTES = 16


class SecretInAudit(TypeError):
    """A defect: a message that can hold a secret was to be recorded."""


def _salt() -> str:
    return secrets.token_hex(_SALT_BYTES)


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to a thing.

    Attributes:
        action: the method, such as ``TenantService/UpdateUser``; of the server's own deeds ``server/first_run``.
        resource: the kind of thing, such as ``user``.
        resource_id: the thing.
        before: the thing before; ``None``: there was none, or it was only looked at.
        after: the thing after; ``None``: it is gone, or it was only looked at.
        salt: random, so that what was erased cannot be guessed from its hash.

    Raises:
        SecretInAudit: before or after can hold a secret.
    """

    action: str
    resource: str
    resource_id: str
    before: Message | None = None
    after: Message | None = None
    salt: str = field(default_factory=_salt, repr=False)

    def __post_init__(self) -> None:
        for message in (self.before, self.after):
            if message is not None and (found := secret_fields(message.DESCRIPTOR)):
                raise SecretInAudit(f"{found[0]} is a secret; record the thing without it.")

    @property
    def payload(self) -> str:
        """The thing before and after, as one canonical JSON object; empty: it was only looked at."""
        things = {"before": self.before, "after": self.after}
        shown = {name: MessageToDict(thing) for name, thing in things.items() if thing is not None}
        return canonical({**shown, "salt": self.salt}) if shown else ""


@dataclass(frozen=True, slots=True)
class Deed:
    """A change, who made it, and whose chain it goes into."""

    tenant_id: str
    actor: Actor
    change: Change


class Head(NamedTuple):
    """The end of a chain.

    Attributes:
        sequence: the last entry's; 0: there is none.
        hash: the last entry's.
    """

    sequence: int = 0
    hash: str = ""


NO_ENTRIES: Final = Head()


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of a tenant's chain.

    Attributes:
        sequence: from 1, without gaps.
        at: when, by the clock of the server that recorded it.
        payload_hash: of the payload, in hexadecimal; empty: there is none.
        previous_hash: of the entry before; empty in the first.
    """

    tenant_id: str
    sequence: int
    at: datetime
    actor: Actor
    action: str
    resource: str
    resource_id: str
    payload_hash: str
    previous_hash: str

    @property
    def hash(self) -> str:
        """SHA-256 over all of it, in hexadecimal."""
        return hashlib.sha256(b"".join(_netstring(part) for part in self._parts())).hexdigest()

    def _parts(self) -> Iterator[str]:
        """What is hashed, in this order for ever."""
        actor = self.actor
        yield from (FORMAT, self.tenant_id, str(self.sequence), _time(self.at))
        yield from (actor.tenant_id, actor.user_id, actor.agent_id, actor.credential_id)
        yield from (canonical(sorted(actor.roles)), actor.request_id, actor.source)
        yield from (self.action, self.resource, self.resource_id, self.payload_hash, self.previous_hash)


def link(head: Head, tenant_id: str, actor: Actor, change: Change, at: datetime) -> tuple[Entry, str]:
    """The entry that goes after the chain's end, and its payload."""
    payload = change.payload
    entry = Entry(
        tenant_id=tenant_id,
        sequence=head.sequence + 1,
        at=at,
        actor=actor,
        action=change.action,
        resource=change.resource,
        resource_id=change.resource_id,
        payload_hash=payload_hash(payload),
        previous_hash=head.hash,
    )
    return entry, payload


def payload_hash(payload: str) -> str:
    """SHA-256 in hexadecimal; empty for no payload."""
    return hashlib.sha256(payload.encode()).hexdigest() if payload else ""


def canonical(value: Any) -> str:  # noqa: ANN401  # whatever JSON can hold
    """The value as JSON that is the same wherever it is made: keys in order, no spaces, UTF-8 as it is."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


@cache
def secret_fields(descriptor: Descriptor) -> tuple[str, ...]:
    """The fields, at any depth, that the contract marks with ``debug_redact``."""
    waiting, seen, found = [descriptor], {descriptor.full_name}, []
    while waiting:
        for inner in waiting.pop().fields:
            if inner.GetOptions().debug_redact:
                found.append(inner.full_name)
            if inner.message_type is not None and inner.message_type.full_name not in seen:
                seen.add(inner.message_type.full_name)
                waiting.append(inner.message_type)
    return tuple(found)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _netstring(text: str) -> bytes:
    content = text.encode()
    return b"%d:%b," % (len(content), content)
