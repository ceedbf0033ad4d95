"""The Servers tab: what is bought beside the GPUs, and why so many."""
