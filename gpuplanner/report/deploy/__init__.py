"""Deployment files: what starts, watches and tests that which was quoted."""
