"""The page on load and what-if: how a plan behaves as its load, its size or any input changes."""
