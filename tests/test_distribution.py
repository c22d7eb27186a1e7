"""The locks, the contract's image and what the distributions promise."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")


def pins(lock: str) -> dict[str, int]:
    """How many hashes each pin of a lock has."""
    entries = re.split(r"^(?=[a-z0-9])", (ROOT / lock).read_text("utf-8"), flags=re.MULTILINE)
    return {entry.partition(" \\")[0]: entry.count("--hash=sha256:") for entry in entries[1:]}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    assert all("==" in pin and hashes > 0 for pin, hashes in pins(lock).items())


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index(lock: str) -> None:
    assert not re.search(r"://|--index|--extra-index|--find-links", (ROOT / lock).read_text("utf-8"))


def requirements(name: str, *groups: str) -> list[Requirement]:
    """What a distribution asks for, its own packages left out."""
    document = tomllib.loads((ROOT / name).read_text("utf-8"))
    found = list(document["project"]["dependencies"])
    for group in groups:
        entries = document.get("dependency-groups", document["project"].get("optional-dependencies"))[group]
        found += [entry for entry in entries if isinstance(entry, str)]
    return [asked for asked in map(Requirement, found) if asked.name != "pointsman"]


@pytest.mark.parametrize(
    ("lock", "asked"),
    [
        ("requirements.lock", requirements("pyproject.toml", "build")),
        ("requirements.lock", requirements("clients/python/pyproject.toml", "cli")),
        ("requirements-dev.lock", requirements("pyproject.toml", "dev")),
    ],
    ids=["server", "client", "development"],
)
def test_the_locks_hold_what_is_asked_for(lock: str, asked: list[Requirement]) -> None:
    versions: dict[str, str] = {}
    for pin in pins(lock):
        name, _, version = pin.partition(";")[0].strip().partition("==")
        versions[name] = version
    assert [str(one) for one in asked if not one.specifier.contains(versions.get(one.name, "0"))] == []
    assert {one.name for one in asked} <= versions.keys()


def test_development_runs_on_the_versions_that_serve() -> None:
    runtime, development = (set(pins(lock)) for lock in LOCKS)
    assert {"grpcio", "aiohttp"} <= {pin.partition("==")[0] for pin in runtime}
    assert runtime <= development


def test_the_client_asks_for_what_its_stubs_need() -> None:
    package = tomllib.loads((ROOT / "clients/python/pyproject.toml").read_text("utf-8"))
    floors = dict(line.split(">=") for line in package["project"]["dependencies"])
    stub = (ROOT / "clients/python/pointsman/v1/router_service_pb2_grpc.py").read_text("utf-8")
    message = (ROOT / "clients/python/pointsman/v1/router_service_pb2.py").read_text("utf-8")
    generated = re.search(r"GRPC_GENERATED_VERSION = '(.+)'", stub)
    runtime = re.search(r"Domain\.PUBLIC,\s+(\d+),\s+(\d+),\s+(\d+),", message)
    assert generated is not None
    assert runtime is not None
    assert floors["grpcio"] == generated[1]
    assert floors["protobuf"] == ".".join(runtime.groups())


def test_both_distributions_have_one_version() -> None:
    server, client = (
        tomllib.loads((ROOT / name).read_text("utf-8"))["project"]
        for name in ("pyproject.toml", "clients/python/pyproject.toml")
    )
    assert server["version"] == client["version"]
    assert f"pointsman=={client['version']}" in server["dependencies"]


def breaking(root: Path) -> subprocess.CompletedProcess[str]:
    buf = Path(sys.executable).with_name("buf")
    command = [str(buf), "breaking", "--against", str(ROOT / "protos/released.binpb")]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def test_a_removed_field_is_seen_as_breaking(tmp_path: Path) -> None:
    shutil.copy(ROOT / "buf.yaml", tmp_path)
    shutil.copytree(ROOT / "protos", tmp_path / "protos")
    assert breaking(tmp_path).returncode == 0
    proto = tmp_path / "protos/pointsman/v1/completion.proto"
    proto.write_text(proto.read_text("utf-8").replace("  optional int64 seed = 8;\n", ""), "utf-8")
    found = breaking(tmp_path)
    assert found.returncode != 0
    assert 'field "8" with name "seed"' in found.stdout


def test_each_distribution_carries_the_licence() -> None:
    client = tomllib.loads((ROOT / "clients/python/pyproject.toml").read_text("utf-8"))["project"]
    assert client["license-files"] == ["LICENSE"]
    assert (ROOT / "clients/python/LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
