"""An engine that launches kernels one by one: what it then doesn't set aside."""

from __future__ import annotations

from gpuplanner.catalog.schema.engine import MemoryProfile

_GRAPHS = (
    "graph_bytes",
    "graph_bytes_per_width",
    "graph_bytes_per_layer",
    "graph_bytes_per_hidden",
    "graph_bytes_per_expert",
)


def without_graphs(profile: MemoryProfile) -> MemoryProfile:
    """The profile of a server whose graphs are switched off.

    With them goes the compiler, and with the compiler the all-reduce it fuses with the norms after it, whose workspace is what
    GPUs with a fast link hold beyond NCCL's buffers.
    """
    update: dict[str, float] = dict.fromkeys(_GRAPHS, 0.0)
    if profile.communication_slow_bytes is not None:
        update["communication_bytes"] = profile.communication_slow_bytes
    return profile.model_copy(update=update)
