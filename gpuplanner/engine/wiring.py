"""What is known of every GPU whatever runs on it: memory, and the links between cards, as arrays."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.engine.heap import keep_freed

Floats = NDArray[np.float64]
GB = 1e9
BOARDS = ("SXM", "OAM", "module", "Superchip")  # form factors that come by the board; the others go one by one into a slot


@dataclass(frozen=True, slots=True)
class Wiring:
    """One array entry a GPU. Memory in bytes, links in B/s one direction, latencies in seconds.

    ``domain`` is how many cards the fast link joins, ``node`` how many one server or rack holds, ``board`` how many are sold
    together; ``*_share`` is the fitted part of a link's rate that collectives reach.
    """

    gpus: tuple[Gpu, ...]
    usable: Floats
    domain: NDArray[np.int64]
    node: NDArray[np.int64]
    board: NDArray[np.int64]
    fast_link: Floats
    fast_link_share: Floats
    fast_latency: Floats
    slow_link: Floats
    slow_link_share: Floats
    slow_latency: Floats


def wiring(gpus: Sequence[Gpu], catalog: Catalog) -> Wiring:
    """Memory and links of these GPUs; a rate that nobody published is 0, as if there were no such link."""
    keep_freed()  # what is built here is followed by estimates
    fast = np.array([_fast_gb_s(gpu) for gpu in gpus])
    domain = np.array([gpu.scale_up_domain if rate else 1 for gpu, rate in zip(gpus, fast, strict=True)])
    per_server = int(catalog.calibration.constant("layout.gpus_per_server"))
    alone = np.array([gpu.form_factor in {"SoC", "Superchip"} and gpu.scale_up_domain <= 2 for gpu in gpus])

    def fitted(name: str) -> Floats:
        return np.array([catalog.calibration.constant(name, gpu.family) for gpu in gpus])

    return Wiring(
        gpus=tuple(gpus),
        usable=np.array([gpu.usable_bytes for gpu in gpus], dtype=float),
        domain=domain,
        node=np.where(alone, np.maximum(domain, 1), np.maximum(domain, per_server)),
        board=np.array([_board(gpu, catalog, per_server) for gpu in gpus], dtype=np.int64),
        fast_link=fast * GB,
        fast_link_share=fitted("link.fast"),
        fast_latency=fitted("latency.fast_s"),
        slow_link=np.array([_pcie_gb_s(gpu, catalog) for gpu in gpus]) * GB,
        slow_link_share=fitted("link.pcie"),
        slow_latency=fitted("latency.pcie_s"),
    )


def _board(gpu: Gpu, catalog: Catalog, per_server: int) -> int:
    """GPUs that are sold together: as many as the smallest server of the catalogue holds where they come only on a board."""
    alone = gpu.form_factor == "Superchip" and gpu.scale_up_domain <= 2
    if alone or not gpu.form_factor.startswith(BOARDS) or "PCIe" in gpu.form_factor:
        return 1
    return min(
        (server.gpu_count for server in catalog.servers.values() if server.gpu_id == gpu.id and server.gpu_count),
        default=per_server,
    )


def card_size_gb(gpus: tuple[Gpu, ...], needed_gb: float) -> float | None:
    """The smallest card of the catalogue that holds so much; None when there is none. [GB]"""
    sizes = _sizes_gb(gpus)
    place = bisect_left(sizes, needed_gb)
    return sizes[place] if place < len(sizes) else None


_sizes: list[tuple[tuple[Gpu, ...], list[float]]] = []


def _sizes_gb(gpus: tuple[Gpu, ...]) -> list[float]:
    """Memory of these cards, ascending; kept for the last few: each card that is too small asks. [GB]"""
    for known, sizes in tuple(_sizes):
        if known is gpus:
            return sizes
    found = sorted(gpu.memory_gb for gpu in gpus)
    _sizes.insert(0, (gpus, found))
    del _sizes[4:]
    return found


def _fast_gb_s(gpu: Gpu) -> float:
    """One direction of the fast link.

    A bridge is an extra that joins pairs; published rows of such cards run over PCIe, so it counts as absent.
    """
    return 0.0 if gpu.interconnect.topology == "bridge" else gpu.scale_up_gb_s or 0.0


def _pcie_gb_s(gpu: Gpu, catalog: Catalog) -> float:
    link = catalog.links.get(gpu.pcie_link) if gpu.pcie_link else None
    rate = link.unidirectional_gb_s if link else None
    return (rate or 0.0) * (gpu.interconnect.pcie_lanes or 16) / 16
