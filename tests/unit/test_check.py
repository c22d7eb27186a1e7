"""What ``pointsman-server check`` says of the simulated provider."""

from pathlib import Path

import pytest
from pointsman_server import config
from pointsman_server.check import check


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
