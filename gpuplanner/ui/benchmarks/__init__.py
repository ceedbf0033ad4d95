"""Importing measurements of one's own, and what they change."""
