"""The comparison of all GPUs."""
