"""Runs the migrations on a connection, whatever the database."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from pointsman_server.errors import ConfigurationError


def upgrade_connection(connection: Connection, *, name: str, setting: str) -> str:
    """Brings the connection's database to this version's tables, inside its transaction; returns the revision.

    Args:
        connection: holds whatever keeps a second migration away.
        name: the database's, for messages.
        setting: the variable that names another database.

    Raises:
        ConfigurationError: a newer version wrote the database.
    """
    config = _alembic(connection)
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    for revision in MigrationContext.configure(connection).get_current_heads():
        if revision not in known:
            raise ConfigurationError(
                f"{name} is at revision {revision}, which this version does not know: a newer version wrote it. "
                f"Run that version, or set {setting} to another one."
            )
    head = scripts.get_current_head()
    assert head is not None, "the migrations are packaged with the server"
    command.upgrade(config, head)
    return head


def _alembic(connection: Connection) -> Config:
    config = Config()
    migrations = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", migrations.replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
