"""The file with the first administrator's key is its owner's alone, whole or not there."""

import os
import stat
from pathlib import Path

import pytest
from pointsman_server.errors import ConfigurationError
from pointsman_server.identity.token_file import TokenFile
from pointsman_server.identity.tokens import mint


@pytest.fixture
def file(tmp_path: Path) -> TokenFile:
    return TokenFile(tmp_path / "made" / "data")


def test_what_is_written_is_read_back_by_its_owner_alone(file: TokenFile) -> None:
    token = mint("pmk_1")
    assert file.read() is None
    assert file.create(token)
    found = file.read()
    assert found is not None
    assert found.reveal() == token.reveal()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [path.name for path in file.path.parent.iterdir()] == ["admin-token"]


def test_a_file_that_is_there_stays(file: TokenFile) -> None:
    file.create(mint("pmk_1"))
    before = file.path.read_text()
    assert not file.create(mint("pmk_2"))
    assert file.path.read_text() == before
    file.replace(mint("pmk_3"))
    assert file.path.read_text().startswith("pmk_3_")
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    file.remove()
    assert file.read() is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_may_read_is_not_trusted(file: TokenFile, mode: int) -> None:
    file.create(mint("pmk_1"))
    file.path.chmod(mode)
    with pytest.raises(ConfigurationError, match="read by others"):
        file.read()


def test_a_link_is_not_followed(file: TokenFile, tmp_path: Path) -> None:
    file.path.parent.mkdir(parents=True)
    target = tmp_path / "elsewhere"
    target.write_text("untouched")
    file.path.symlink_to(target)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        file.read()
    assert not file.create(mint("pmk_1"))
    file.replace(mint("pmk_1"))
    assert target.read_text() == "untouched"
    assert not file.path.is_symlink()


def test_a_pipe_is_not_waited_for(file: TokenFile) -> None:
    file.path.parent.mkdir(parents=True)
    os.mkfifo(file.path, 0o600)
    with pytest.raises(ConfigurationError, match="not a file"):
        file.read()


def test_what_is_no_key_is_refused_and_not_repeated(file: TokenFile) -> None:
    file.path.parent.mkdir(parents=True)
    file.path.write_text("somebody's password")
    file.path.chmod(0o600)
    with pytest.raises(ConfigurationError, match="holds no key") as caught:
        file.read()
    assert "password" not in str(caught.value)


def test_a_directory_that_everybody_writes_is_refused(file: TokenFile) -> None:
    file.path.parent.mkdir(parents=True)
    file.path.parent.chmod(0o777)
    with pytest.raises(ConfigurationError, match="chmod o-w"):
        file.create(mint("pmk_1"))
    file.path.parent.chmod(0o1777)  # as /tmp: nobody replaces another's file
    assert file.create(mint("pmk_1"))
