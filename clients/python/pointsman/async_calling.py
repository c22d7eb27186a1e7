"""How the client for asyncio makes its calls; ``calling.py`` has the same for the one that blocks."""

# ruff: noqa: ASYNC109  # a timeout here is gRPC's deadline, which the server sees; asyncio.timeout would not tell it

from __future__ import annotations

from collections.abc import AsyncIterator
from copy import deepcopy

import grpc.aio

from pointsman.credentials import Credential, Metadata
from pointsman.errors import translated
from pointsman.paging import ListRequest, ListResponse, Request, Response


class AsyncCaller:
    """Makes calls.

    Args:
        credential: goes with each.
        timeout: how long one may take, in seconds, where the call itself does not say; unset: as long as the server
            allows.
    """

    def __init__(self, credential: Credential, timeout: float | None) -> None:
        self.credential = credential
        self._timeout = timeout

    def seconds(self, timeout: float | None) -> float | None:
        """How long a call may take."""
        return self._timeout if timeout is None else timeout

    def metadata(self) -> Metadata:
        """What a call carries beside its request."""
        return self.credential.metadata()

    async def call(
        self, method: grpc.aio.UnaryUnaryMultiCallable[Request, Response], request: Request, timeout: float | None
    ) -> Response:
        """Makes a call that is answered once."""
        with translated():
            return await method(request, timeout=self.seconds(timeout), metadata=self.metadata())

    async def stream(
        self, method: grpc.aio.UnaryStreamMultiCallable[Request, Response], request: Request, timeout: float | None
    ) -> AsyncIterator[Response]:
        """Makes a call that is answered in pieces."""
        with translated():
            async for response in method(request, timeout=self.seconds(timeout), metadata=self.metadata()):
                yield response

    async def pages(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[ListRequest, ListResponse],
        request: ListRequest,
        timeout: float | None,
    ) -> AsyncIterator[ListResponse]:
        """Asks for one page after the other, each when it is needed."""
        request = deepcopy(request)  # the page token is set below; the caller's own request stays as it is
        while True:
            page = await self.call(method, request, timeout)
            request.page_token = page.next_page_token
            yield page
            if not request.page_token:
                return
