"""Correction of an estimate by measurements of the user's own."""
