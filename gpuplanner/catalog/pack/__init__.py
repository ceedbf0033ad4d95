"""Catalogue packs: facts that arrive on a stick, signed, checked, and put away again."""
