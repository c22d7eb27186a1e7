"""The rules that keep the code readable and the layers apart."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SERVER = ROOT / "server" / "pointsman_server"
CLIENT = ROOT / "clients" / "python" / "pointsman"
GENERATED = CLIENT / "v1"

LONGEST_FUNCTION = 60
LONGEST_FILE = 500
LONGEST_GATEWAY = 300

# Where a provider's id may stand in code, because there it names a wire format or the simulated provider as such.
NAMES_ALLOWED = {
    "adapters": {"anthropic", "gemini", "openai"},  # the dialects of that name
    "sandbox": {"sandbox"},
    "app.py": {"sandbox"},
    "config.py": {"sandbox"},
    "__main__.py": {"sandbox"},
}


def sources() -> list[Path]:
    paths = [*SERVER.rglob("*.py"), *CLIENT.rglob("*.py")]
    return sorted(path for path in paths if GENERATED not in path.parents)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def provider_ids() -> set[str]:
    rows = [tomllib.loads(path.read_text("utf-8")) for path in (SERVER / "catalog" / "providers").glob("*.toml")]
    return {str(row["provider"]["id"]) for row in rows}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_imports_go_downwards() -> None:
    found = run(sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")
    assert found.returncode == 0, found.stdout


def test_no_function_is_longer_than_its_reader_can_hold() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for path in sources()
        for node in functions(path)
        if node.end_lineno is not None and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert found == []


def test_no_file_asks_for_a_split() -> None:
    found = {str(path.relative_to(ROOT)): lines(path) for path in sources() if lines(path) > LONGEST_FILE}
    assert found == {}


def test_the_gateway_is_one_short_story() -> None:
    assert lines(SERVER / "gateway.py") < LONGEST_GATEWAY


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sources()
        if path.name != "__init__.py" and ast.get_docstring(ast.parse(path.read_text("utf-8"))) is None
    ]
    assert silent == []


def test_no_code_names_a_provider() -> None:
    # "local" is also a word of its own: a key of provider files, where a price comes from, all local providers at once.
    ids = provider_ids() - {"local"}
    assert {"openai", "ollama", "sandbox"} <= ids
    found = []
    for path in sorted(SERVER.rglob("*.py")):
        place = path.relative_to(SERVER)
        banned = ids - NAMES_ALLOWED.get(place.parts[0], set())
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                name = node.value.partition("/")[0]
                found += [f"{place}:{node.lineno} {node.value!r}"] if name in banned else []
    assert found == []


def test_the_stubs_are_what_the_protos_generate() -> None:
    found = run(sys.executable, "tools/check_generated.py")
    assert found.returncode == 0, found.stdout


def headings(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def pages() -> list[Path]:
    places = [ROOT.glob("*.md"), *((ROOT / name).rglob("*.md") for name in ("docs", "clients", "bench"))]
    return sorted(page for place in places for page in place if "node_modules" not in page.parts)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_resolve(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        place, _, anchor = target.partition("#")
        if ":" in place:
            continue
        other = (page.parent / place).resolve() if place else page
        if not other.exists() or (anchor and anchor not in headings(other.read_text("utf-8"))):
            broken.append(target)
    assert broken == []


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    others = [page.relative_to(ROOT / "docs") for page in (ROOT / "docs").rglob("*.md") if page.name != "README.md"]
    assert [str(page) for page in others if f"]({page})" not in index] == []
