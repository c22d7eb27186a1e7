"""What Alembic runs: it migrates the connection that it was handed, inside that connection's transaction."""

from alembic import context

from pointsman_server.storage.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
