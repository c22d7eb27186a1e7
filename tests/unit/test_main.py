"""The program's own arguments: what is wrong is told in a line, not in a traceback."""

import socket

import pytest
from pointsman_server import __version__, telemetry
from pointsman_server.__main__ import main


@pytest.mark.parametrize(
    "arguments",
    [
        ["--address", "xx"],
        ["--address", ":1"],
        ["--address", "127.0.0.1:x"],
        ["--address", "127.0.0.1:65536"],
        ["--speed", "0"],
        ["--speed", "-1"],
        ["--speed", "nan"],
        ["--speed", "inf"],
        ["--speed", "fast"],
    ],
)
def test_what_the_sandbox_cannot_do_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["sandbox", *arguments])
    assert ended.value.code == 2
    assert f"argument {arguments[0]}: " in capsys.readouterr().err


def test_an_address_that_is_taken_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "configure", lambda *_: None)  # the tests' own logs stay as they are
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit) as ended:
        main(["sandbox", "--address", f"127.0.0.1:{taken.getsockname()[1]}"])
    assert ended.value.code == 1
    assert "taken" in capsys.readouterr().err


def test_the_version_names_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"pointsman-server {__version__}\n"
