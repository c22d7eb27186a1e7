"""Builds a provider's HTTP calls: base URL, path, query, headers and key, as its file says."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from pointsman_server.adapters.base import HttpCall
from pointsman_server.catalog.model import AuthScheme, Provider
from pointsman_server.secrets.model import Secret


def build(
    provider: Provider,
    key: Secret | None,
    *,
    operation: str,
    default_path: str,
    model: str = "",
    body: bytes | None = None,
    accept: str = "application/json",
    query: Mapping[str, str] | None = None,
) -> HttpCall:
    """Returns the call: ``POST`` with a body, ``GET`` without.

    Args:
        provider: whose call it is; its ``paths`` may override the path by ``operation``. ``{model}`` in a path stands
            for the model's id on the wire.
        key: goes into the header that the provider names.
        operation: ``chat`` or ``models``.
        default_path: the dialect's own path.
        model: the model's id on the wire.
        body: JSON text.
        accept: the types of answer that the dialect reads.
        query: the dialect's own, beside the provider's.
    """
    path = provider.paths.get(operation, default_path).replace("{model}", quote(model, safe=""))
    headers = {"accept": accept}
    if body is not None:
        headers["content-type"] = "application/json"
    headers |= {name.lower(): value for name, value in provider.headers.items()}
    if key is not None and provider.auth.scheme is not AuthScheme.NONE:
        prefix = "Bearer " if provider.auth.scheme is AuthScheme.BEARER else ""
        headers[provider.auth.header.lower()] = prefix + key.reveal()
    return HttpCall(
        method="GET" if body is None else "POST",
        url=_with_query(provider.base_url + path, {**(query or {}), **provider.query}),
        headers=headers,
        body=body or b"",
    )


def _with_query(url: str, query: Mapping[str, str]) -> str:
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"
