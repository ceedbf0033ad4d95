"""Prefill apart from decode: replicas that only read prompts, and replicas that only write."""
