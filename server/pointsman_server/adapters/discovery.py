"""Asks providers what they serve: whether local ones answer, and which models they list."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import structlog
from pointsman.v1.completion_pb2 import FailureKind
from pointsman.v1.model_pb2 import ProviderState

from pointsman_server.adapters.base import Dialect, HttpCall, ModelPage, ProviderFailure
from pointsman_server.adapters.transport import Timeouts
from pointsman_server.catalog.assembly import Findings, must_answer
from pointsman_server.catalog.catalog import Catalog
from pointsman_server.catalog.model import Auth, Provider
from pointsman_server.catalog.snapshot import Snapshot
from pointsman_server.clock import Clock
from pointsman_server.secrets.model import Secret
from pointsman_server.telemetry import frames

MAX_PAGES = 100
"""A list that is longer is cut: it may have no end."""

_MAX_PAGE_BYTES = 32 * 1024 * 1024
_MAX_ANSWER_BYTES = 64 * 1024
_PROBE = Timeouts(connect_ms=500, first_byte_ms=500, chunk_ms=500, total_ms=1_000)
_LIST = Timeouts(connect_ms=2_000, first_byte_ms=10_000, chunk_ms=10_000, total_ms=60_000)

_ASKED = frozenset({ProviderState.PROVIDER_STATE_ACTIVE, ProviderState.PROVIDER_STATE_UNREACHABLE})
_OK = range(200, 300)

_log = structlog.get_logger(__name__)


class Response(Protocol):
    """What discovery reads of an answer."""

    status: int

    @property
    def headers(self) -> Mapping[str, str]: ...

    async def read(self, limit_bytes: int) -> bytes: ...


class Transport(Protocol):
    """What discovery asks through: ``adapters.transport.Transport``."""

    def exchange(
        self, call: HttpCall, provider: Provider, timeouts: Timeouts
    ) -> AbstractAsyncContextManager[Response]: ...


class Keys(Protocol):
    """Where keys are found."""

    def find(self, auth: Auth, /) -> tuple[Secret, str] | None: ...


class Discovery:
    """Keeps the catalog true to what providers say.

    Args:
        catalog: whose snapshot is replaced when what was found makes another one.
        assemble: makes a snapshot of findings by provider id.
        transport: sends the questions.
        dialects: by name.
        keys: the keys of providers that want one.
        clock: says when a list was read.
        prepare: derives what calls need of a new snapshot before they see it.
    """

    def __init__(
        self,
        catalog: Catalog,
        assemble: Callable[[Mapping[str, Findings]], Snapshot],
        *,
        transport: Transport,
        dialects: Mapping[str, Dialect],
        keys: Keys,
        clock: Clock,
        prepare: Callable[[Snapshot], None] | None = None,
    ) -> None:
        self._catalog = catalog
        self._assemble = assemble
        self._transport = transport
        self._dialects = dialects
        self._keys = keys
        self._clock = clock
        self._prepare = prepare
        self._findings: dict[str, Findings] = {}
        self._rebuilding = asyncio.Lock()

    async def refresh(self) -> bool:
        """Asks every provider that can be asked, all at once; returns whether the catalog has changed.

        A provider that does not answer keeps the models that it last listed; a local one becomes unreachable.
        """
        snapshot = self._catalog.snapshot
        asked = [
            provider
            for provider in snapshot.providers.values()
            if (provider.discover or must_answer(provider)) and snapshot.statuses[provider.id].state in _ASKED
        ]
        found = await asyncio.gather(*(self._ask(provider) for provider in asked))
        for provider, findings in zip(asked, found, strict=True):
            self._note(provider, findings)
        return await self.rebuild()

    async def rebuild(self) -> bool:
        """Makes the snapshot anew of what was found last, off the loop; returns whether the catalog has changed."""
        async with self._rebuilding:
            snapshot = await asyncio.to_thread(self._another, dict(self._findings))
            if snapshot is not None:
                self._catalog.replace(snapshot)
            return snapshot is not None

    def _another(self, findings: Mapping[str, Findings]) -> Snapshot | None:
        """The snapshot that is due, ready for calls; ``None``: it is the current one."""
        snapshot = self._assemble(findings)
        if snapshot.version == self._catalog.snapshot.version:
            return None
        if self._prepare is not None:
            self._prepare(snapshot)
        return snapshot

    async def run(self, interval_ms: int) -> None:
        """Refreshes again and again, until cancelled; a defect costs one round, not all later ones."""
        while True:
            await asyncio.sleep(interval_ms / 1000)
            try:
                await self.refresh()
            except Exception as defect:  # noqa: BLE001  # whatever it is, the next round may be without it
                _log.error("discovery_defect", exception=frames(defect))

    def _note(self, provider: Provider, findings: Findings) -> None:
        before = self._findings.get(provider.id)
        self._findings[provider.id] = findings
        if findings.reachable != (before is not None and before.reachable):
            event = "provider answers" if findings.reachable else "provider no longer answers"
            _log.info(event, provider=provider.id, models=len(findings.models), reason=findings.reason)

    async def _ask(self, provider: Provider) -> Findings:
        known = self._findings.get(provider.id) or Findings(reachable=False)
        try:
            await self._probe(provider)
        except ProviderFailure as failure:
            return replace(known, reachable=False, reason=_no_answer(provider, failure))
        if not provider.discover:
            return Findings(reachable=True)
        try:
            models = await self._list(provider)
        except ProviderFailure as failure:
            # Whoever never gave a list may be anything that answers the probe; whoever did may just be busy.
            return replace(known, reachable=known.synced_at is not None, reason=_no_list(provider, failure))
        synced_at = known.synced_at if models == known.models else None
        return Findings(reachable=True, models=models, synced_at=synced_at or self._clock.now())

    async def _probe(self, provider: Provider) -> None:
        if provider.probe_path is None:
            return
        # The list's request carries the key as this dialect sends it; some servers guard their probe path too.
        call = replace(self._list_call(provider, None), url=_at_root(provider.base_url, provider.probe_path))
        async with self._transport.exchange(call, provider, _PROBE) as response:
            await response.read(_MAX_ANSWER_BYTES)
            if response.status not in _OK:
                raise ProviderFailure(FailureKind.FAILURE_KIND_UNAVAILABLE, http_status=response.status)

    async def _list(self, provider: Provider) -> dict[str, Mapping[str, Any]]:
        models: dict[str, Mapping[str, Any]] = {}
        next_page: str | None = None
        for _ in range(MAX_PAGES):
            page = await self._page(provider, next_page)
            models |= {model.external_id: model.row for model in page.models}
            if page.next_page is None or page.next_page == next_page:
                return models
            next_page = page.next_page
        _log.warning("model list cut", provider=provider.id, models=len(models))
        return models

    async def _page(self, provider: Provider, page: str | None) -> ModelPage:
        dialect = self._dialects[provider.dialect]
        async with self._transport.exchange(self._list_call(provider, page), provider, _LIST) as response:
            body = await response.read(_MAX_PAGE_BYTES)
            if response.status not in _OK:
                raise dialect.failure(response.status, response.headers, body)
        return dialect.models(body)

    def _list_call(self, provider: Provider, page: str | None) -> HttpCall:
        key = self._keys.find(provider.auth)
        return self._dialects[provider.dialect].list_models(provider, key[0] if key else None, page)


def _at_root(base_url: str, path: str) -> str:
    parts = urlsplit(base_url)
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def _no_answer(provider: Provider, failure: ProviderFailure) -> str:
    if failure.http_status is None:
        return f"nothing answers at {provider.base_url}"
    return f"what answers at {provider.base_url} is no {provider.display_name}"


def _no_list(provider: Provider, failure: ProviderFailure) -> str:
    kind = FailureKind.Name(failure.kind).removeprefix("FAILURE_KIND_").lower().replace("_", " ")
    return f"the model list at {provider.base_url} cannot be read: {kind}"
