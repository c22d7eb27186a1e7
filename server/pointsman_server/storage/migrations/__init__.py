"""Migrations of the database, run by Alembic from ``database.py``."""
