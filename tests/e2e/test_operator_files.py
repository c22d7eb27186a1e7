"""What an operator writes: provider files in the data directory."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pointsman.v1.router_service_pb2_grpc import RouterServiceStub

from tests.e2e.processes import Server, run, server_settings, start
from tests.e2e.requests import CALL_SECONDS, asking, collected

HOUSE = """
[provider]
id = "house"
display_name = "The house's own"
dialect = "openai"
base_url = "{base_url}"
access = "loopback"
auth = {{ environment = ["HOUSE_KEY"] }}

[[models]]
external_id = "steady"
aliases = ["house-model"]
context_window_tokens = 131072
max_output_tokens = 8192
prices = {{ input = "1", output = "4", cache_read = "0.1" }}
"""


@pytest.fixture
def upstream(tmp_path: Path) -> Iterator[str]:
    """A provider in a process of its own; its base URL."""
    process = start(tmp_path / "sandbox.log", "-m", "pointsman_server", "sandbox", "--address", "127.0.0.1:0")
    yield process.wait_for(lambda: re.search(r"^sandbox: (\S+)$", process.text(), re.MULTILINE))[1]
    assert process.end() == 0, process.text()


def write_provider(directory: Path, text: str) -> Path:
    path = directory / "data" / "providers" / "house.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    return path


START = '[provider]\nid = "house"\ndisplay_name = "House"\nbase_url = "http://127.0.0.1:1"\n'


@pytest.mark.full
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[provider]\nid = "house"\nbase_url = \n', 3),
        (f'{START}dialect = "esperanto"\n', 5),
        (f'{START}dialect = "openai"\ncolour = "red"\n', 6),
    ],
    ids=["no TOML", "unknown dialect", "unknown key"],
)
def test_a_broken_file_refuses_the_start_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    path = write_provider(tmp_path, text)
    refused = run("-m", "pointsman_server", "serve", directory=tmp_path, **server_settings(tmp_path / "data"))
    assert refused.returncode != 0
    assert f"{path}:{line}" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_provider_is_one_file_and_no_python(
    tmp_path: Path, upstream: str, serve: Callable[..., Server], router: Callable[[Server], RouterServiceStub]
) -> None:
    write_provider(tmp_path, HOUSE.format(base_url=upstream))
    server = serve(HOUSE_KEY="sk-of-the-house")

    request = asking("Who are you?", model="house-model")
    answer = collected(router(server).Complete(request, timeout=CALL_SECONDS))

    assert "steady" in answer.text
    assert answer.finished.model_id == "house/steady"
    used = answer.finished.usage
    assert answer.finished.cost_nanos == used.input_tokens * 1_000 + used.output_tokens * 4_000
    assert "sk-of-the-house" not in server.process.text()


@pytest.mark.full
def test_a_file_without_its_key_leaves_the_provider_inactive(
    tmp_path: Path, upstream: str, serve: Callable[..., Server]
) -> None:
    write_provider(tmp_path, HOUSE.format(base_url=upstream))
    server = serve()
    checked = run("-m", "pointsman_server", "check", directory=tmp_path, **server_settings(server.data_dir))
    assert re.search(r"^house .*HOUSE_KEY", checked.stdout, re.MULTILINE)
