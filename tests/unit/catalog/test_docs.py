"""The pages about settings and providers say what the code does."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pointsman.v1.model_pb2 import Capability, CostTier, ProviderState
from pointsman_server import config
from pointsman_server.adapters.dialects import QUIRKS
from pointsman_server.catalog import provider_file
from pointsman_server.catalog.assembly import assemble
from pointsman_server.catalog.fields import Table, Tables
from pointsman_server.catalog.loader import load
from pointsman_server.catalog.prices import PriceLibrary
from pointsman_server.catalog.snapshot import Snapshot
from pointsman_server.config import Settings
from pointsman_server.secrets.environment import EnvironmentKeys

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```toml\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
NOW = datetime(2026, 11, 20, tzinfo=UTC)
TOOL = [sys.executable, str(ROOT / "tools" / "write_settings_doc.py")]


def assembled(directory: Path, example: str, environment: dict[str, str]) -> Snapshot:
    (directory / "example.toml").write_text(example)
    rows = load(environment, operator_dir=directory, dialects=QUIRKS)
    return assemble(rows, EnvironmentKeys(environment), {}, prices=PriceLibrary(), now=NOW)


def test_the_first_example_adds_a_whole_provider(tmp_path: Path) -> None:
    snapshot = assembled(tmp_path, EXAMPLES[0], {"ACME_API_KEY": "k"})
    assert snapshot.statuses["acme"].state == ProviderState.PROVIDER_STATE_ACTIVE
    assert snapshot.statuses["acme"].key_source == "ACME_API_KEY"
    assert snapshot.providers["acme"].base_url == "https://inference.acme.example/v1"
    (row,) = snapshot.resolve("swift-latest")
    model = snapshot.models[row]
    assert (model.id, model.provider_model_id) == ("acme/acme-swift", "swift")
    assert model.prices is not None
    assert model.prices.output_nanos_per_million == 400_000_000
    assert model.cost_tier == CostTier.COST_TIER_LOW
    assert Capability.CAPABILITY_FUNCTION_CALLING in model.capabilities
    assert snapshot.columns.active[row]
    assert snapshot.columns.routable[row]


def test_the_first_example_names_its_key_when_it_is_missing(tmp_path: Path) -> None:
    assert assembled(tmp_path, EXAMPLES[0], {}).statuses["acme"].state_reason == "set ACME_API_KEY"


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_loads(tmp_path: Path, example: str) -> None:
    assert assembled(tmp_path, example, {"AZURE_RESOURCE": "acme"}).models


def keys(table: Table) -> set[str]:
    found = set(table.kinds)
    for kind in table.kinds.values():
        if isinstance(kind, Tables):
            found |= keys(kind.table)
        elif isinstance(kind, Table):
            found |= keys(kind)
    return found


def test_every_key_capability_and_quirk_is_described() -> None:
    described = set(re.findall(r"`([a-z_.{}]+)`", PAGE.partition("## Every key")[2]))
    wanted = keys(provider_file.FILE) - {"provider", "models"}
    wanted |= set(provider_file.CAPABILITIES) | {quirk for quirks in QUIRKS.values() for quirk in quirks}
    assert wanted <= described, wanted - described


def test_the_page_of_settings_is_current_and_the_tool_sees_when_it_is_not(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    check = subprocess.run([*TOOL, "--check"], env=environment, capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout + check.stderr
    copy = tmp_path / "tools" / "write_settings_doc.py"
    copy.parent.mkdir()
    copy.write_text(Path(TOOL[1]).read_text())
    (tmp_path / "docs").mkdir()
    stale = subprocess.run(
        [sys.executable, str(copy), "--check"], env=environment, capture_output=True, text=True, check=False
    )
    assert stale.returncode == 1
    assert "is not current" in stale.stdout
    subprocess.run([sys.executable, str(copy)], env=environment, check=True)
    assert (tmp_path / "docs" / "configuration.md").read_text() == (ROOT / "docs" / "configuration.md").read_text()


def test_the_page_of_settings_names_every_setting_and_key() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    for name in set(Settings.__slots__) - {"jwt_issuers"}:
        assert f"`POINTSMAN_{name.upper()}`" in page
    assert "`[[jwt_issuers]]`" in page
    for variable in ("OPENAI_API_KEY", "OPENROUTER_API_KEY", "OLLAMA_HOST", "TGI_BASE_URL"):
        assert f"`{variable}`" in page


def test_the_file_of_settings_in_the_page_is_taken(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```toml\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)
    (tmp_path / "settings.toml").write_text(example)
    settings = config.load({"POINTSMAN_CONFIG": str(tmp_path / "settings.toml")})
    assert (settings.retries, settings.private_networks) == (2, ("10.1.0.0/16",))
