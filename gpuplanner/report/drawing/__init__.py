"""Drawings as plain shapes: the window, a PDF and an SVG file show the same ones."""
