"""Pointsman: stubs, client and command line."""
