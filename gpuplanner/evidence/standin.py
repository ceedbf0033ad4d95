"""A GPU to compute a memory row on when the catalogue has none by its name: memory asks for the size, not for the make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.evidence.rows import Row

GIB: Final = 2**30
_SIZE: Final = re.compile(r"(?<![\d.])(\d{1,3})\s*(?:GB|GiB|G)\b", re.IGNORECASE)
_DRIVER_SHARE: Final = 0.985  # of the nominal size, what the driver leaves
_ANY_SIZE: Final = frozenset({"infer_weights", "infer_peak", "nontorch_overhead", "cudagraph"})  # the same on every card
_COMMON: Final = "nvidia-a100-sxm4-80gb"


@dataclass(frozen=True, slots=True)
class StandIn:
    """The card to compute on, and the bytes that count instead of its own; None where its own do."""

    gpu: str
    usable_bytes: float | None


def stand_in(row: Row, gpus: Mapping[str, Gpu]) -> StandIn | None:
    """The catalogue's NVIDIA card nearest in size to what the row states; None when the row needs a size and states none.

    Args:
        row: of the memory table.
        gpus: of the catalogue.
    """
    total = _total_bytes(row)
    if total is None:
        sized = row.task in _ANY_SIZE and not row.gpu.strip()
        return StandIn(_COMMON if _COMMON in gpus else next(iter(gpus)), None) if sized else None
    nvidia = [gpu for gpu in gpus.values() if gpu.vendor == "NVIDIA"] or list(gpus.values())
    nearest = min(nvidia, key=lambda gpu: (abs(gpu.usable_bytes - total), gpu.id))
    return StandIn(nearest.id, total)


def _total_bytes(row: Row) -> float | None:
    stated = row.extra.get("total_gpu_memory_gib", "")
    if re.fullmatch(r"\d{1,4}(\.\d+)?", stated):
        return float(stated) * GIB
    named = _SIZE.search(row.gpu)
    return float(named[1]) * GIB * _DRIVER_SHARE if named else None
