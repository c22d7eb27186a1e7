"""Benchmarks of Pointsman; see docs/development.md."""
