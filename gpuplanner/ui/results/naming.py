"""What things of the catalogue are called on the screen."""

from __future__ import annotations

import re
from typing import Protocol

_GLUED = re.compile(r"(?<=\d)(?=GB\b)")


class Named(Protocol):
    """A catalogue record with a name and, maybe, a vendor."""

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def vendor(self) -> str: ...  # noqa: D102


def gpu_label(gpu: Named) -> str:
    """A GPU's name without its vendor, the size apart from its unit: "H20 141 GB"."""
    name = gpu.name.removeprefix(gpu.vendor).strip() or gpu.name
    return _GLUED.sub(" ", name)
