"""TLS of the gRPC port: each new connection gets the certificate that the files hold by then."""

from __future__ import annotations

import grpc

from pointsman_server.errors import ConfigurationError
from pointsman_server.tls import Reloading, TlsFiles


def credentials(files: TlsFiles) -> grpc.ServerCredentials:
    """What a port is opened with.

    Raises:
        ConfigurationError: the files cannot be used.
    """
    reloading = Reloading(files, _configuration)
    made: grpc.ServerCredentials = grpc.dynamic_ssl_server_credentials(
        reloading.current,
        reloading.fresh,  # type: ignore[arg-type]  # None is what the library takes for no change; its stubs forgot
        require_client_authentication=files.client_ca is not None,
    )
    return made


def _configuration(files: TlsFiles) -> grpc.ServerCertificateConfiguration:
    files.context()  # says what is wrong, where gRPC would only refuse each connection
    try:
        pair = (files.key.read_bytes(), files.certificate.read_bytes())
        client_ca = None if files.client_ca is None else files.client_ca.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"TLS cannot be set up: {error.filename} cannot be read") from None
    return grpc.ssl_server_certificate_configuration([pair], root_certificates=client_ca)
