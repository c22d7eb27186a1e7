"""Databases: schema, migrations and the stores that the domains ask for."""
