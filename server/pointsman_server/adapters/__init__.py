"""Dialects (bytes in, events out) and the transport that carries the bytes."""
