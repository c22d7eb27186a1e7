"""Filters, one file each; the explicit list is in ``table.py``."""
