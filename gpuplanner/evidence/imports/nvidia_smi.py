"""``nvidia-smi --query-gpu=…,memory.used --format=csv``: the most each card held while it was watched."""

from __future__ import annotations

import csv
import io
import re
from typing import Final

from gpuplanner.evidence.imports.run import MEMORY, PEAK, RecordError, Run, finite, measured

TOOL: Final = "nvidia-smi"
_SCALES: Final = {"mib": 2**20, "gib": 2**30, "": 2**20, "mb": 1e6, "kib": 2**10}
_IDLE: Final = 0.1  # of the fullest card: less is a card beside the run


def is_csv(text: str) -> bool:
    """Whether a text is such a file."""
    return "memory.used" in text.lstrip()[:2000].partition("\n")[0]


def runs(text: str) -> list[Run]:
    """One run: the fullest card.

    Raises:
        RecordError: when no line gives memory.
    """
    reader = csv.reader(io.StringIO(text.strip(), newline=""), skipinitialspace=True)
    head = [cell.strip() for cell in next(reader)]
    names = [re.sub(r"\s*\[.*\]$", "", cell) for cell in head]
    if "memory.used" not in names:
        raise RecordError("benchmark.record.nothing")
    used = names.index("memory.used")
    unit = re.search(r"\[(\w+)\]", head[used])
    which = next((names.index(name) for name in ("uuid", "gpu_uuid", "index", "pci.bus_id", "gpu_bus_id") if name in names), None)
    title = next((names.index(name) for name in ("name", "gpu_name") if name in names), None)
    total = names.index("memory.total") if "memory.total" in names else None
    most: dict[str, float] = {}
    card, together, first = "", 0, ""
    for row in reader:
        if len(row) <= used:
            continue
        value = finite(row[used].split()[0] if row[used].split() else "")
        if value is None:
            continue
        # without an index, lines of one moment are the cards
        key = row[which].strip() if which is not None and which < len(row) else ""
        card = card or (row[title].strip() if title is not None and title < len(row) else "")
        first = first or (row[total].strip() if total is not None and total < len(row) else "")
        most[key] = max(most.get(key, 0.0), value)
        together += 1
    if not most:
        raise RecordError("benchmark.record.nothing")
    scale = _SCALES.get((unit[1] if unit else "mib").casefold())
    if scale is None:
        raise RecordError("benchmark.record.unit", unit=unit[1] if unit else "")
    peak = max(most.values())
    gpus = sum(value > _IDLE * peak for value in most.values()) if which is not None else None
    figures = measured({PEAK: peak * scale})
    return [Run(TOOL, "", MEMORY, figures, gpu=card, gpus=gpus, extra={"samples": str(together), "total": first})]
