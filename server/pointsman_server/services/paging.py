"""Page tokens: opaque, checked, and bound to the question whose next page they ask for."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Protocol

from google.protobuf.message import Message

from pointsman_server.errors import FieldViolation, InvalidRequest

DEFAULT_PAGE_SIZE = 100
_DIGEST_BYTES = 8
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


class PagedRequest(Protocol):
    """A request of the contract that asks for a page."""

    page_size: int
    page_token: str


def token(request: PagedRequest, last_id: str) -> str:
    """A token for the page after ``last_id`` of the same question."""
    return base64.urlsafe_b64encode(_digest(request, last_id) + last_id.encode()).decode().rstrip("=")


def last_id(request: PagedRequest) -> str:
    """The id after which the page begins; empty: the first page.

    Raises:
        InvalidRequest: the token was not made for this question.
    """
    if not request.page_token:
        return ""
    try:
        raw = base64.b64decode(request.page_token + "=" * (-len(request.page_token) % 4), altchars=b"-_", validate=True)
        found = raw[_DIGEST_BYTES:].decode()
    except (binascii.Error, ValueError) as error:
        raise _invalid() from error
    # Whoever knows how, can make a token of its own: what it says was never checked.
    if not found.isprintable() or not found or raw[:_DIGEST_BYTES] != _digest(request, found):
        raise _invalid()
    return found


def last_number(request: PagedRequest) -> int | None:
    """As ``last_id``, where rows are numbered from 1; ``None``: the first page.

    Raises:
        InvalidRequest: the token was not made for this question.
    """
    found = last_id(request)
    if not found:
        return None
    if not _NUMBER.fullmatch(found):
        raise _invalid()
    return int(found)


def page_size(request: PagedRequest) -> int:
    """How many rows the page has at most."""
    return request.page_size or DEFAULT_PAGE_SIZE


def _digest(request: PagedRequest, last: str) -> bytes:
    assert isinstance(request, Message), "every request is a message"
    question = type(request)()
    question.CopyFrom(request)
    question.ClearField("page_token")
    question.ClearField("page_size")
    content = question.DESCRIPTOR.full_name.encode() + question.SerializeToString(deterministic=True)
    return hashlib.sha256(content + b"\x00" + last.encode()).digest()[:_DIGEST_BYTES]


def _invalid() -> InvalidRequest:
    problem = FieldViolation(
        "page_token", "is not one that this question gave; leave it empty and begin with the first page"
    )
    return InvalidRequest(f"{problem.field}: {problem.description}", fields=(problem,))
