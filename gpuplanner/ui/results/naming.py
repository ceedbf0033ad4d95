"""What things of the catalogue are called on the screen."""

from __future__ import annotations

import re
from functools import lru_cache
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
    return _label(gpu.name, gpu.vendor)


@lru_cache(maxsize=4096)
def _label(name: str, vendor: str) -> str:
    return _GLUED.sub(" ", name.removeprefix(vendor).strip() or name)
