"""How much memory the allocator keeps between estimates."""

from __future__ import annotations

from typing import Final

import numpy as np

_FREED_BYTES: Final = 12 << 20


def keep_freed() -> None:
    """Let the allocator keep some MB of what arrays give back.

    The arrays of an estimate are just so large that glibc returns them to the system at once, and each next one is paid for in
    page faults: up to half of an estimate's time. Its thresholds follow the largest block that was ever freed, so one is,
    untouched; elsewhere this does nothing.
    """
    block = np.empty(_FREED_BYTES, dtype=np.uint8)
    del block
