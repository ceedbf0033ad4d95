"""How the C library keeps freed memory: little of it, in one place.

glibc gives every thread that computes an area of its own, which keeps what was once needed, and learns to keep large arrays as
well: a window that was used for half an hour held 60 MB of nothing. Two areas and fixed rules hold that down; nothing is slower,
for Python runs one thread at a time anyway.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Final

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # as in malloc.h
_LARGE_BYTES: Final = 1 << 20  # arrays from here on are given back to the system at once
_AREAS: Final = 2


def hold_small() -> None:
    """Set it so, before the first thread computes; where there is no glibc nothing happens."""
    if sys.platform != "linux":
        return
    import ctypes

    with suppress(OSError, AttributeError):  # another C library
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
        libc.mallopt(_ARENA_MAX, _AREAS)
