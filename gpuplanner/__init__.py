"""GPU Planner: which GPUs a model needs, how fast it will be, and why."""

__version__ = "0.1.0"
