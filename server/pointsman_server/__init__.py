"""Pointsman's server. Read ``gateway.py`` first: it tells the story of one completion."""

__version__ = "0.1.0"
