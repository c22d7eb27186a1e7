"""What a request and a response need so that a client can page through a list."""

from __future__ import annotations

from typing import Protocol, TypeVar


class PagedRequest(Protocol):
    """A request that says where to go on."""

    page_token: str


class Page(Protocol):
    """A response that says where to go on; empty: nowhere."""

    next_page_token: str


Request = TypeVar("Request")
Response = TypeVar("Response")
ListRequest = TypeVar("ListRequest", bound=PagedRequest)
ListResponse = TypeVar("ListResponse", bound=Page)
