"""Python's search for dead cycles of objects, kept away from what lives as long as the program.

Starting makes some 300,000 objects that stay: modules, classes, facts. To look through them again and again while they are
made takes a fifth of the start, and half a repainting later on, whenever the search happens to fall into one.
"""

from __future__ import annotations

import gc
from typing import Final

_THRESHOLD: Final = 10_000  # new objects before they are looked through; an answer makes about as many


def hold() -> None:
    """Don't search from now on."""
    gc.disable()


def release() -> None:
    """Search again, but never among what is there by now."""
    gc.freeze()
    gc.set_threshold(_THRESHOLD, 10, 10)
    gc.enable()


def end() -> None:
    """Spare the interpreter its search at the end of the process: the system takes everything back at once."""
    gc.disable()
    gc.freeze()
