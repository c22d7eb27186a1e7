"""Calls that have a request id: which run on this server, and what the ended ones said, for a while."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from pointsman.v1.completion_pb2 import CompletionFailure

from pointsman_server.errors import InternalError, StoreUnavailable
from pointsman_server.execution.repetition import in_use, reused
from pointsman_server.execution.shared_relay import SharedReader, SharedRelay
from pointsman_server.ledger.claims import Claim, ClaimKey

HOLD_S = 300.0
"""How long an answer is held after its end, for whoever asks again."""

HELD_BYTES = 64 * 1024 * 1024
"""How much is held of all answers together, running ones included."""


class _Call(NamedTuple):
    claim: Claim
    relay: SharedRelay


class Repeats:
    """Finds the call that has a request id, and bounds what is held of their answers.

    Where room is short, the answers of the calls that ended first go first.
    """

    def __init__(self, *, hold_s: float = HOLD_S, held_bytes: int = HELD_BYTES) -> None:
        self._hold_s = hold_s
        self._most_bytes = held_bytes
        self._used_bytes = 0
        self._calls: dict[ClaimKey, _Call] = {}
        self._held: dict[ClaimKey, asyncio.TimerHandle] = {}

    def join(self, key: ClaimKey, body_digest: str) -> SharedReader | None:
        """The whole stream of the call that has the request id here; ``None``: none is known here.

        Raises:
            RequestIdReused: the call has another body.
            RequestIdInUse: it runs, and the beginning of its answer is not held any more.
        """
        call = self._calls.get(key)
        if call is None:
            return None
        if call.claim.body_digest != body_digest:
            raise reused(key.request_id)
        if not call.relay.keeps_beginning:
            claim = call.claim
            so_far = CompletionFailure(
                completion_id=claim.completion_id,
                decision_id=claim.decision_id,
                last_sequence=call.relay.sent_count - 1,
            )
            raise in_use(key.request_id, "the beginning of its answer is not held any more", so_far)
        return call.relay.join()

    def begin(self, claim: Claim, relay: SharedRelay) -> SharedReader:
        """Makes a call known, and returns its first reader."""
        self._calls[claim.key] = _Call(claim, relay)
        return relay.join()

    def end(self, claim: Claim) -> None:
        """Says that a call is over. Its answer is held where there is one; the store knows of the rest."""
        relay = self._calls[claim.key].relay
        lost = isinstance(relay.error, StoreUnavailable | InternalError)
        if relay.keeps_beginning and relay.sent_count and not lost:
            timer = asyncio.get_running_loop().call_later(self._hold_s, self._drop, claim.key)
            self._held[claim.key] = timer
        else:
            self._drop(claim.key)

    def take(self, size_bytes: int) -> bool:
        """Takes room for more of an answer, from those that ended first where it must be; false: there is none."""
        while self._used_bytes + size_bytes > self._most_bytes and self._held:
            self._drop(next(iter(self._held)))
        if self._used_bytes + size_bytes > self._most_bytes:
            return False
        self._used_bytes += size_bytes
        return True

    def give(self, size_bytes: int) -> None:
        """Gives room back."""
        self._used_bytes -= size_bytes

    def _drop(self, key: ClaimKey) -> None:
        if timer := self._held.pop(key, None):
            timer.cancel()
        self._calls.pop(key).relay.forget()
