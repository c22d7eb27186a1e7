"""How the blocking client makes its calls: with its token, a deadline, and our errors."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

import grpc

from pointsman.credentials import Credential, Metadata
from pointsman.errors import translated
from pointsman.paging import ListRequest, ListResponse, Request, Response


class Caller:
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

    def call(
        self, method: grpc.UnaryUnaryMultiCallable[Request, Response], request: Request, timeout: float | None
    ) -> Response:
        """Makes a call that is answered once."""
        with translated():
            return method(request, timeout=self.seconds(timeout), metadata=self.metadata())

    def stream(
        self, method: grpc.UnaryStreamMultiCallable[Request, Response], request: Request, timeout: float | None
    ) -> Iterator[Response]:
        """Makes a call that is answered in pieces."""
        with translated():
            yield from method(request, timeout=self.seconds(timeout), metadata=self.metadata())

    def pages(
        self,
        method: grpc.UnaryUnaryMultiCallable[ListRequest, ListResponse],
        request: ListRequest,
        timeout: float | None,
    ) -> Iterator[ListResponse]:
        """Asks for one page after the other, each when it is needed."""
        request = deepcopy(request)  # the page token is set below; the caller's own request stays as it is
        while True:
            page = self.call(method, request, timeout)
            request.page_token = page.next_page_token
            yield page
            if not request.page_token:
                return
