"""Looks for content: secrets, personal data, and what a moderation model flags."""
