"""Quotes as Word documents."""
