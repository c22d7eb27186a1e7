"""What ``pointsman-server check`` says of the simulated provider."""

from pathlib import Path

import pytest
from pointsman_server import config
from pointsman_server.check import check, check_issuers, content_checks
from pointsman_server.issuers import IssuerFinding
from pointsman_server.policy.checks.model import CheckNotAvailable
from pointsman_server.policy.checks.table import loaded

from tests.unit.identity.forge import ISSUER, key_set, signer
from tests.unit.identity.key_server import serving


@pytest.mark.parametrize(
    ("variables", "state", "detail"),
    [
        ({}, "active", "no key; runs inside the server"),
        ({"OPENAI_API_KEY": "sk-test"}, "no_key", "set POINTSMAN_SANDBOX_URL"),
        ({"OPENAI_API_KEY": "sk-test", "POINTSMAN_SANDBOX": "on"}, "active", "no key; runs inside the server"),
        ({"POINTSMAN_SANDBOX": "off"}, "disabled", ""),
    ],
    ids=["nothing configured", "a real provider", "asked for", "switched off"],
)
async def test_the_sandbox_is_told_as_it_would_serve(
    tmp_path: Path, variables: dict[str, str], state: str, detail: str
) -> None:
    environment = {"POINTSMAN_DATA_DIR": str(tmp_path), "POINTSMAN_LOCAL_DISCOVERY": "false", **variables}
    findings = await check(config.load(environment), environment, offline=True)
    [sandbox] = [finding for finding in findings if finding.provider_id == "sandbox"]
    assert (sandbox.state, sandbox.model_count, sandbox.ok) == (state, 4, True)
    assert detail in sandbox.detail


async def test_the_keys_of_issuers_are_read() -> None:
    async with serving(key_set(signer("ES256").row(), signer("ES256", "k2").row(use="enc"))) as issuer:
        environment = {
            "POINTSMAN_JWT_ISSUER": ISSUER,
            "POINTSMAN_JWT_AUDIENCE": "pointsman",
            "POINTSMAN_JWT_JWKS_URL": issuer.url,
        }
        settings = config.load(environment)
        assert await check_issuers(settings) == [IssuerFinding(ISSUER, "keys: 1, passed over: 1", ok=True)]
        issuer.status = "404 Not Found"
        detail = f"its keys cannot be read from {issuer.url}: status 404"
        assert await check_issuers(settings) == [IssuerFinding(ISSUER, detail, ok=False)]
    assert await check_issuers(config.load({})) == []


def test_what_content_checks_lack_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(key: str) -> object:
        if key == "check_secrets":
            raise CheckNotAvailable("detect-secrets is not installed")
        return loaded(key)

    monkeypatch.setattr("pointsman_server.check.loaded", lacking)
    assert content_checks(config.load({})) == [
        "check_moderation: asks nobody; set POINTSMAN_MODERATION_PROVIDER",
        "check_personal_data: ready",
        "check_secrets: detect-secrets is not installed",
    ]


def test_who_moderates_is_told() -> None:
    settings = config.load({"POINTSMAN_MODERATION_PROVIDER": "openai"})
    assert content_checks(settings)[0] == "check_moderation: asks openai for omni-moderation-latest"
