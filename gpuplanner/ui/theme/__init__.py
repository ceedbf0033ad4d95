"""Fonts, colours and style of the window."""
