"""Column types that are spelt by the database: for tables and migrations alike."""

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import TEXT as POSTGRESQL_TEXT

TEXT = Text().with_variant(POSTGRESQL_TEXT(collation="C"), "postgresql")
"""Text in the order of its code points. SQLite has no other; on PostgreSQL an operator's locale would sort reports
differently, and an update of the system's locales would break the indexes."""
