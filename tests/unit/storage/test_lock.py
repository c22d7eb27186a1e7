"""The lock on a database: one server, whatever became of the last one."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pointsman_server.errors import ConfigurationError
from pointsman_server.ids import new_id
from pointsman_server.storage.databases import migrate
from pointsman_server.storage.lock import DatabaseLock
from pointsman_server.storage.storage import Storage

from tests.conformance.builders import SetClock

HOLDER = """
import sys
from pathlib import Path
from pointsman_server.storage.lock import DatabaseLock
lock = DatabaseLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def modes(directory: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()}


async def test_nobody_else_reads_the_files(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    mask = os.umask(0)
    try:
        async with await Storage.open(path, clock=SetClock(), new_id=new_id):
            assert modes(tmp_path) == dict.fromkeys(("p.db", "p.db-shm", "p.db-wal", "p.db.lock"), 0o600)
        path.chmod(0o664)  # as of an earlier version, or a group that makes backups
        async with await Storage.open(path, clock=SetClock(), new_id=new_id):
            assert modes(tmp_path)["p.db"] == 0o660
    finally:
        os.umask(mask)


def hold(path: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_a_second_process_is_refused_until_the_first_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    with hold(path) as holder:
        with pytest.raises(ConfigurationError, match=rf"process {holder.pid}\).*POINTSMAN_DATA_DIR"):
            DatabaseLock(path)
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        DatabaseLock(path).release()


async def test_a_second_server_and_a_migration_are_refused_while_one_serves(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    async with await Storage.open(path, clock=SetClock(), new_id=new_id):
        with pytest.raises(ConfigurationError, match=f"process {os.getpid()}"):
            await Storage.open(path, clock=SetClock(), new_id=new_id)
        with pytest.raises(ConfigurationError, match="in use"):
            migrate(path)
    assert migrate(path)


async def test_a_start_that_fails_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(ConfigurationError):
        await Storage.open(path, clock=SetClock(), new_id=new_id)
    DatabaseLock(path).release()


def test_a_shorter_process_id_leaves_no_digits_of_a_longer(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    (tmp_path / "p.db.lock").write_text("99999999999")
    with DatabaseLock(path):
        assert (tmp_path / "p.db.lock").read_text() == str(os.getpid())
