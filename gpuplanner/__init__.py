"""GPU Planner: which GPUs a model needs, how fast it will be, and why."""

import os as _os

__version__ = "0.1.0"

# pydantic would look through all installed packages for plug-ins, 20 ms at every start; none is wanted.
_os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
