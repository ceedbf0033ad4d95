"""Offline help: what its pages say, and the window that shows them."""
