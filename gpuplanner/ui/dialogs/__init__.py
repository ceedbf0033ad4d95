"""Dialogs: few, and imported when they are opened."""
