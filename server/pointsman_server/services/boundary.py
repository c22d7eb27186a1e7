"""What every call passes, whatever its transport: admission, request id, principal, log, and clean errors.

A transport wraps each call in ``Boundary.run`` and has two things left to do: carry bytes, and write a
``PointsmanError`` in its own form.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TypeVar

import structlog

from pointsman_server.clock import Clock
from pointsman_server.errors import CallCancelled, InternalError, PointsmanError, ShuttingDown, Status
from pointsman_server.identity.credentials import NOTHING, Presented
from pointsman_server.identity.model import Principal
from pointsman_server.identity.visits import NO_VISITS, Visits
from pointsman_server.ids import NewId
from pointsman_server.services.call import Call
from pointsman_server.telemetry import frames

T = TypeVar("T")

Authenticate = Callable[[Presented], Awaitable[Principal]]
"""Finds the principal behind what a caller shows of itself."""

REQUEST_ID_KEY = "x-request-id"
_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_CREDENTIAL_KEYS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key"})
_RETRY_AFTER_SHUTDOWN = timedelta(seconds=1)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call as a transport hands it in.

    Attributes:
        method: ``Service/Method``.
        request_id: names the call; see ``request_id_of``.
        metadata: the caller's text metadata, keys in lower case.
        seconds_left: until the caller stops waiting; ``None``: never.
        source: where the connection came from: address and port, or ``unix``.
        presented: the credentials that came with it.
    """

    method: str
    request_id: str
    metadata: Mapping[str, str] = field(default_factory=dict, repr=False)
    seconds_left: float | None = None
    source: str = ""
    presented: Presented = NOTHING


class Boundary:
    """Runs calls. ``drain`` ends the service."""

    def __init__(self, clock: Clock, new_id: NewId, authenticate: Authenticate, visits: Visits = NO_VISITS) -> None:
        self._clock = clock
        self._new_id = new_id
        self._authenticate = authenticate
        self._visits = visits
        self._running: set[asyncio.Task[object]] = set()
        self._cut: set[asyncio.Task[object]] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._draining = False

    @property
    def serving(self) -> bool:
        """Whether calls are admitted."""
        return not self._draining

    def request_id_of(self, metadata: Mapping[str, str]) -> str:
        """The caller's own request id where it is a sane one, else a fresh one."""
        given = metadata.get(REQUEST_ID_KEY, "")
        return given if _SANE_REQUEST_ID.fullmatch(given) else self._new_id("req")

    async def run(self, arrival: Arrival, body: Callable[[Call], Awaitable[T]]) -> T:
        """Runs a call.

        Raises:
            PointsmanError: what the caller is to be told; nothing else is raised, but for the next.
            asyncio.CancelledError: the caller went away.
        """
        received_at = self._clock.monotonic()
        with structlog.contextvars.bound_contextvars(request_id=arrival.request_id):
            try:
                with self._admitted() as task:
                    result = await self._answer(arrival, received_at, task, body)
            except PointsmanError as error:
                self._log(arrival, received_at, error)
                raise
            except asyncio.CancelledError:
                self._log(arrival, received_at, CallCancelled("the caller went away"))
                raise
            self._log(arrival, received_at, None)
            return result

    async def drain(self, grace_seconds: float) -> None:
        """Admits no further calls, waits for those that run, and after the grace ends them with ``ShuttingDown``."""
        self._draining = True
        if not self._running:
            return
        try:
            await asyncio.wait_for(self._idle.wait(), grace_seconds)
        except TimeoutError:
            _log.warning("calls_cut_at_shutdown", calls=len(self._running))
            self._cut |= self._running
            for task in self._running:
                task.cancel()
            await self._idle.wait()

    @contextmanager
    def _admitted(self) -> Iterator[asyncio.Task[object]]:
        if self._draining:
            raise _shutting_down()
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        self._idle.clear()
        try:
            yield task
        finally:
            self._running.discard(task)
            self._cut.discard(task)
            if not self._running:
                self._idle.set()

    async def _answer(
        self,
        arrival: Arrival,
        received_at: float,
        task: asyncio.Task[object],
        body: Callable[[Call], Awaitable[T]],
    ) -> T:
        """Runs the body and turns whatever it raises into a ``PointsmanError``."""
        try:
            return await body(await self._call(arrival, received_at))
        except PointsmanError:
            raise
        except asyncio.CancelledError as stray:
            if task in self._cut:
                task.uncancel()
                raise _shutting_down() from None
            if task.cancelling():
                raise
            raise self._internal(stray) from None
        except Exception as error:  # noqa: BLE001  # the last place that may know an exception: callers never see its text
            raise self._internal(error) from None

    async def _call(self, arrival: Arrival, received_at: float) -> Call:
        left = arrival.seconds_left
        authenticate = partial(self._authenticate, arrival.presented)
        return Call(
            principal=await authenticate(),
            request_id=arrival.request_id,
            received_at=received_at,
            deadline=None if left is None else received_at + left,
            metadata={key: value for key, value in arrival.metadata.items() if key not in _CREDENTIAL_KEYS},
            source=arrival.source,
            method=arrival.method.rpartition(".")[2],
            visits=self._visits,
            renew=authenticate,
        )

    def _internal(self, error: BaseException) -> InternalError:
        _log.error("call_raised", exception=frames(error))
        return InternalError("a defect in the server; its log has the cause under the request id")

    def _log(self, arrival: Arrival, received_at: float, error: PointsmanError | None) -> None:
        level = "error" if error is not None and error.status == Status.INTERNAL else "info"
        getattr(_log, level)(
            "call",
            method=arrival.method,
            status=(error.status if error is not None else Status.OK).name,
            reason=error.reason if error is not None else "",
            duration_ms=round((self._clock.monotonic() - received_at) * 1000, 1),
        )


def _shutting_down() -> ShuttingDown:
    return ShuttingDown("the server is shutting down; another may serve", retry_after=_RETRY_AFTER_SHUTDOWN)
