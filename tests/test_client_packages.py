"""What the packages of the other languages promise, read from their files: no toolchain is needed."""

import json
import re
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GO = ROOT / "clients/go"
TYPESCRIPT = ROOT / "clients/typescript"
JAVA = ROOT / "clients/java"
POM = {"pom": "http://maven.apache.org/POM/4.0.0"}


def pom() -> ET.Element:
    return ET.parse(JAVA / "pom.xml").getroot()


def package(name: str) -> dict[str, object]:
    found = json.loads((TYPESCRIPT / name).read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def headers(directory: Path, pattern: str, line: str) -> set[str]:
    """The versions that the generated files' headers name."""
    found = {re.search(line, path.read_text("utf-8"), re.MULTILINE) for path in directory.rglob(pattern)}
    return {match[1] if match else "none" for match in found}


def test_they_have_the_servers_version() -> None:
    server = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert pom().findtext("pom:version", namespaces=POM) == server
    assert package("package.json")["version"] == package("package-lock.json")["version"] == server


def test_the_npm_lock_pins_by_hash_and_names_no_registry() -> None:
    packages = package("package-lock.json")["packages"]
    assert isinstance(packages, dict)
    fetched = {name: entry for name, entry in packages.items() if name}
    assert fetched
    assert [name for name, entry in fetched.items() if "integrity" not in entry or "resolved" in entry] == []


def test_the_pom_pins_everything_and_names_no_repository() -> None:
    artifacts = [*pom().iter(f"{{{POM['pom']}}}dependency"), *pom().iter(f"{{{POM['pom']}}}plugin")]
    versions = [artifact.findtext("pom:version", "", POM) for artifact in artifacts]
    assert len(versions) > 4
    exact = re.compile(r"\d+\.\d+\.\d+|\$\{(grpc|protobuf)\.version\}")
    assert [version for version in versions if not exact.fullmatch(version)] == []
    assert "epository>" not in (JAVA / "pom.xml").read_text("utf-8")


@pytest.mark.parametrize(
    ("pattern", "line", "generator"),
    [
        ("*_grpc.pb.go", r"protoc-gen-go-grpc v(\S+)$", "google.golang.org/grpc/cmd/protoc-gen-go-grpc"),
        ("*[!c].pb.go", r"protoc-gen-go v(\S+)$", "google.golang.org/protobuf"),
    ],
)
def test_the_go_stubs_are_of_the_pinned_generator(pattern: str, line: str, generator: str) -> None:
    pinned = re.search(rf"{generator} v(\S+)", (GO / "tools/go.mod").read_text("utf-8"))
    assert pinned is not None
    assert headers(GO / "v1", pattern, line) == {pinned[1]}


def test_go_has_the_runtime_that_its_stubs_were_generated_for() -> None:
    runtime, generator = (
        re.search(r"google\.golang\.org/protobuf v(\S+)", (GO / name).read_text("utf-8"))
        for name in ("go.mod", "tools/go.mod")
    )
    assert runtime is not None
    assert generator is not None
    assert runtime[1] == generator[1]


def test_the_typescript_stubs_are_of_the_pinned_generator_and_runtime() -> None:
    manifest = package("package.json")
    callers, ours = manifest["peerDependencies"], manifest["devDependencies"]
    assert isinstance(callers, dict)
    assert isinstance(ours, dict)
    generator = ours["@bufbuild/protoc-gen-es"]
    assert ours["@bufbuild/protobuf"] == generator
    assert callers == {"@bufbuild/protobuf": f"^{generator}"}
    assert headers(TYPESCRIPT / "src", "*_pb.ts", r"protoc-gen-es v(\S+)") == {generator}


def test_the_java_stubs_are_of_the_pinned_protoc() -> None:
    pinned = pom().findtext("pom:properties/pom:protobuf.version", namespaces=POM)
    assert headers(JAVA / "src/main/java", "*[!c].java", r"^// Protobuf Java Version: (\S+)$") == {pinned}


@pytest.mark.parametrize(("directory", "language"), [(GO, "go"), (TYPESCRIPT, "ts"), (JAVA, "java")])
def test_the_readme_has_the_clients_own_ten_lines(directory: Path, language: str) -> None:
    fence = re.compile(rf"^```{language}\n.*?^```$", re.MULTILINE | re.DOTALL)
    (lines,) = fence.findall((directory / "README.md").read_text("utf-8"))
    assert fence.findall((ROOT / "README.md").read_text("utf-8")) == [lines]
