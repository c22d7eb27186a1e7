"""TLS of the HTTP port: each new connection gets the certificate that the files hold by then."""

from __future__ import annotations

import ssl

from pointsman_server.tls import Reloading, TlsFiles

_PROTOCOLS = ["http/1.1"]


def context(files: TlsFiles) -> ssl.SSLContext:
    """What a port is opened with.

    Raises:
        ConfigurationError: the files cannot be used.
    """
    reloading = Reloading(files, _context)
    listening = _context(files)

    def choose(connection: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _context: ssl.SSLContext) -> None:
        reloading.fresh()
        connection.context = reloading.current

    listening.sni_callback = choose
    return listening


def _context(files: TlsFiles) -> ssl.SSLContext:
    made = files.context()
    made.set_alpn_protocols(_PROTOCOLS)
    return made
