"""The first start of a whole server, and what stops a later one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pointsman_server.app import renew_admin_token, running
from pointsman_server.config import Settings
from pointsman_server.errors import ConfigurationError


async def test_a_token_key_that_changes_stops_the_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(
        data_dir=tmp_path / "data",
        grpc_address=f"unix:{tmp_path}/s",
        http_address="",
        local_discovery=False,
        token_key="k" * 32,
    )
    async with running(settings, {}):
        first = (tmp_path / "data" / "admin-token").read_text().strip()
        assert first in capsys.readouterr().err
    for other in ("l" * 32, ""):
        with pytest.raises(ConfigurationError, match="POINTSMAN_TOKEN_KEY"):
            async with running(replace(settings, token_key=other), {}):
                pass
    await renew_admin_token(settings)
    renewed = (tmp_path / "data" / "admin-token").read_text().strip()
    assert renewed != first
    assert renewed in capsys.readouterr().err
