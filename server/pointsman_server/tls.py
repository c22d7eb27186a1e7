"""The files of TLS: the server's certificate with its key, and who signs client certificates. Read again on change."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from pointsman_server.errors import ConfigurationError

MadeT = TypeVar("MadeT")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Where the PEM files are. ``client_ca`` is ``None`` where no client certificate is asked for."""

    certificate: Path
    key: Path
    client_ca: Path | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """All of them."""
        return tuple(path for path in (self.certificate, self.key, self.client_ca) if path is not None)

    def context(self) -> ssl.SSLContext:
        """What the files say, checked: the key is the certificate's, and all can be read.

        Raises:
            ConfigurationError: they cannot be used.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            # The empty password: without one OpenSSL would ask for it on the terminal.
            context.load_cert_chain(self.certificate, self.key, password="")
            if self.client_ca is not None:
                context.load_verify_locations(self.client_ca)
                context.verify_mode = ssl.CERT_REQUIRED
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            names = ", ".join(map(str, self.paths))
            why = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
            raise ConfigurationError(
                f"TLS cannot be set up from {names} ({why}): they must be readable PEM files, and the key the "
                f"certificate's, without a password."
            ) from None
        return context


class Reloading(Generic[MadeT]):
    """What is made of the files, made anew when they have changed. Files that cannot be used change nothing."""

    def __init__(self, files: TlsFiles, make: Callable[[TlsFiles], MadeT]) -> None:
        """Makes it the first time.

        Raises:
            ConfigurationError: the files cannot be used.
        """
        self._files = files
        self._make = make
        self._seen = self._stamps()
        self._made = make(files)

    def fresh(self) -> MadeT | None:
        """It, where the files have changed since the last look and can be used; ``None``: what was made holds."""
        seen = self._stamps()
        if seen == self._seen:
            return None
        self._seen = seen
        try:
            self._made = self._make(self._files)
        except ConfigurationError as error:
            _log.error("tls_not_reloaded", detail=str(error))
            return None
        _log.info("tls_reloaded")
        return self._made

    @property
    def current(self) -> MadeT:
        """What holds now."""
        return self._made

    def _stamps(self) -> tuple[tuple[int, int, int], ...]:
        """By which a change of each file is noticed; zeros for one that is not there."""
        return tuple(_stamp(path) for path in self._files.paths)


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_ino, found.st_mtime_ns, found.st_size)
