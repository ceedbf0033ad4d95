"""Quotes as they were given to a customer: frozen, numbered, with their history."""
