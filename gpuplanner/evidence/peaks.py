"""The highest use of a run: what the engine says it takes, as the source counted it."""

from __future__ import annotations

import re
from typing import Final

from gpuplanner.engine.layout.held import tied
from gpuplanner.engine.layout.rows import Rows
from gpuplanner.engine.request import Request
from gpuplanner.evidence.configuration import Configuration

# Counters that see the whole card, and so the driver's context; an allocator's doesn't.
_WHOLE_CARD: Final = re.compile(r"nvml|nvidia-smi|whole gpu|vram|process memory|max gpu memory|max memory usage", re.IGNORECASE)


def sees_context(metric: str) -> bool:
    """Whether a counter holds the CUDA context, after the words of the source."""
    return bool(_WHOLE_CARD.search(metric)) and "max_memory_allocated" not in metric


def peak_bytes(configuration: Configuration, request: Request, rows: Rows, entry: int) -> float:
    """What one GPU has in use at the peak. [B]

    Args:
        configuration: of the row.
        request: the model with its formats.
        rows: its layouts.
        entry: which of them. A server that sets memory aside has filled its pool.
    """
    profile = configuration.setup.profile
    context = 0.0 if not sees_context(configuration.row.metric) else float(rows.context[entry])
    beside = float(rows.engine[entry] - rows.context[entry]) + context + float(rows.communication[entry])
    need = float(rows.weights[entry] + rows.activations[entry]) + beside
    if "litgpt" in configuration.row.framework.casefold() and tied(request):  # which keeps the head apart
        need += request.operators.vocab * request.operators.hidden * request.weight_bytes.kept
    if profile.budget != "on_demand":
        return need + float(rows.pool[entry])
    load = configuration.load or 1.0
    return need + load * float(rows.kv_per_request[entry] + rows.activations_each[entry])
