"""An issuer whose keys are behind https: its certificate is checked, by the authorities that the operator names."""

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pointsman_server.check import check_issuers
from pointsman_server.config import load
from pointsman_server.issuers import IssuerFinding

from tests.certificates import Authority
from tests.e2e.processes import environment
from tests.unit.identity.forge import ISSUER, key_set, signer
from tests.unit.identity.key_server import KeyServer, serving

# In a process of its own, since the authorities are read when it starts.
PROGRAM = """
import asyncio, os
from pointsman_server.check import check_issuers
from pointsman_server.config import load
print(asyncio.run(check_issuers(load(os.environ)))[0].detail)
"""


@pytest.fixture
async def issuer(tmp_path: Path) -> AsyncIterator[KeyServer]:
    authority = Authority()
    server = authority.server()
    for name, data in (("ca", authority.certificate), ("chain", server.certificate), ("key", server.key)):
        (tmp_path / name).write_bytes(data)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "chain", tmp_path / "key")
    async with serving(key_set(signer("ES256").row()), tls) as found:
        yield found


@pytest.mark.full
async def test_only_an_issuer_with_a_certificate_that_is_trusted_is_believed(issuer: KeyServer, tmp_path: Path) -> None:
    url = f"https://localhost:{issuer.port}/keys"
    settings = {
        "POINTSMAN_JWT_ISSUER": ISSUER,
        "POINTSMAN_JWT_AUDIENCE": "pointsman",
        "POINTSMAN_JWT_JWKS_URL": url,
    }
    why = f"its keys cannot be read from {url}: connect"
    assert await check_issuers(load(settings)) == [IssuerFinding(ISSUER, why, ok=False)]
    assert issuer.asked == 0
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM),
        env=environment(**settings, SSL_CERT_FILE=str(tmp_path / "ca")),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert output.decode() == "keys: 1, passed over: 0\n"
