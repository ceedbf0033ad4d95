"""Where the fit of training speed begins, and the bounds each constant is held to: what is physically possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Prior:
    """A constant's start and bounds, in its own unit.

    A small ``draw`` holds what no row tells by itself: 16-bit products on Blackwell were measured in models of experts alone, and
    stand beside 8-bit ones as they do on Hopper.
    """

    start: float
    low: float
    high: float
    draw: float = 0.5  # how far (in logarithms) it goes as lightly as one row goes off


PRIORS: Final = {
    "training.adapters.passes": Prior(0.8, 0.05, 4),
    "training.attention": Prior(0.45, 0.1, 0.9),
    "training.attention.ampere": Prior(0.45, 0.1, 0.9),
    "training.attention.blackwell": Prior(0.45, 0.1, 0.9),
    "training.attention.hopper": Prior(0.45, 0.1, 0.9),
    "training.attention_kernels.fsdp": Prior(0.8, 0.2, 1.5),
    "training.attention_kernels.trainer": Prior(1.0, 0.2, 1.5),
    "training.compute.ada": Prior(0.7, 0.1, 0.97),
    "training.compute.ada.fp16": Prior(0.7, 0.1, 0.97),
    "training.compute.ampere": Prior(0.7, 0.1, 0.97),
    "training.compute.ampere.fp16": Prior(0.7, 0.1, 0.97),
    "training.compute.ampere.tf32": Prior(0.65, 0.1, 0.97),
    "training.compute.blackwell": Prior(0.7, 0.1, 0.97),
    "training.compute.blackwell.fp4": Prior(0.5, 0.1, 0.97),
    "training.compute.blackwell.fp8": Prior(0.65, 0.1, 0.97),
    "training.compute.cdna4": Prior(0.7, 0.1, 0.97),
    "training.compute.hopper": Prior(0.7, 0.1, 0.97),
    "training.compute.hopper.fp16": Prior(0.7, 0.1, 0.97),
    "training.compute.hopper.fp8": Prior(0.65, 0.1, 0.97),
    "training.compute.volta": Prior(0.7, 0.1, 0.97),
    "training.compute.volta.fp32": Prior(0.8, 0.1, 0.97),
    "training.convolutions": Prior(4, 0.5, 20),
    "training.dequantise_bytes": Prior(10.0, 1, 40),
    "training.dequantise_bytes.packed": Prior(18.0, 1, 60),
    "training.energy_j": Prior(3e-13, 1e-15, 2e-12),
    "training.energy_j.ada": Prior(3e-13, 1e-15, 2e-12),
    "training.energy_j.ampere": Prior(6e-13, 1e-15, 2e-12),
    "training.energy_j.blackwell": Prior(1e-13, 1e-15, 2e-12),
    "training.energy_j.hopper": Prior(2e-13, 1e-15, 2e-12),
    "training.energy_j.volta": Prior(6e-13, 1e-15, 2e-12),
    "training.experts": Prior(0.55, 0.1, 1),
    "training.experts.blackwell": Prior(0.55, 0.1, 1),
    "training.experts.blackwell.fp4": Prior(0.55, 0.1, 1),
    "training.experts.blackwell.fp8": Prior(0.55, 0.1, 1),
    "training.experts.hopper": Prior(0.55, 0.1, 1),
    "training.experts.hopper.fp8": Prior(0.55, 0.1, 1),
    "training.forward": Prior(0.9, 0.6, 1.1, 0.2),
    "training.scan": Prior(0.05, 0.003, 0.5),
    "training.score_passes": Prior(10.0, 2, 60),
    "training.kernels.examples": Prior(0.6, 0.3, 1.15),
    "training.kernels.fabric": Prior(0.8, 0.3, 1.15),
    "training.kernels.fsdp": Prior(0.95, 0.3, 1.15),
    "training.kernels.trainer": Prior(0.8, 0.3, 1.15),
    "training.kernels.tuned": Prior(0.9, 0.3, 1.15),
    "training.layer_s.examples": Prior(0.0005, 3e-05, 0.02),
    "training.layer_s.fabric": Prior(0.004, 3e-05, 0.02),
    "training.layer_s.fsdp": Prior(0.0015, 3e-05, 0.02),
    "training.layer_s.megatron": Prior(0.001, 3e-05, 0.02),
    "training.layer_s.trainer": Prior(0.005, 3e-05, 0.02),
    "training.layer_s.tuned": Prior(0.0003, 3e-05, 0.02),
    "training.link.network": Prior(0.6, 0.1, 0.95),
    "training.link.pcie": Prior(0.4, 0.1, 0.9),
    "training.map_kernels.examples": Prior(0.8, 0.2, 1.2),
    "training.map_passes": Prior(6.0, 1, 30),
    "training.map_passes.examples": Prior(9.0, 1, 30),
    "training.few": Prior(100.0, 1, 1000),
    "training.narrow": Prior(0.4, 0.01, 4),
    "training.narrow.experts": Prior(1.5, 0.01, 10),
    "training.overlap.data": Prior(0.85, 0.2, 0.98),
    "training.overlap.data.fsdp": Prior(0.8, 0.2, 0.98),
    "training.overlap.data.trainer": Prior(0.4, 0.02, 0.98),
    "training.overlap.experts": Prior(0.3, 0.02, 0.98),
    "training.overlap.tensor": Prior(0.3, 0.02, 0.95),
    "training.overlap.tensor.fsdp": Prior(0.2, 0.02, 0.95),
    "training.passes.examples": Prior(4.0, 0.5, 10),
    "training.passes.fabric": Prior(6.0, 0.5, 10),
    "training.passes.fsdp": Prior(3.0, 0.5, 10),
    "training.passes.megatron": Prior(1.5, 0.5, 10),
    "training.passes.trainer": Prior(4.0, 0.5, 10),
    "training.passes.tuned": Prior(2.0, 0.5, 10),
    "training.progress.dense": Prior(0.05, 0.001, 0.4),
    "training.progress.experts": Prior(0.4, 0.001, 1.5),
    "training.step_s.examples": Prior(0.01, 0.0005, 0.3),
    "training.step_s.fabric": Prior(0.01, 0.0005, 0.3),
    "training.step_s.fsdp": Prior(0.02, 0.0005, 0.3),
    "training.step_s.megatron": Prior(0.02, 0.0005, 0.3),
    "training.step_s.trainer": Prior(0.03, 0.0005, 0.3),
    "training.step_s.tuned": Prior(0.003, 0.0005, 0.3),
    "training.unpack.layer": Prior(0.5, 0.05, 3),
}

# What is the same for all constants of a kind, for those of one family, format or software, and what is a constant's own: how far
# (in logarithms) each part may go. Hardware differs little once its peak is counted, software much.
HARDWARE: Final = {"attention", "compute", "energy_j", "experts"}
OF_KIND: Final = {True: 0.5, False: 0.2}
OF_PART: Final = 0.25
ITS_OWN: Final = {True: 0.15, False: 0.45}


def kinship(names: list[str]) -> NDArray[np.float64]:
    """How constants hang together: what moves one of a kind moves its kin, so that one without rows stands where they stand."""
    parts = [name.split(".")[1:] for name in names]
    shared = np.zeros((len(names), len(names)))
    for i, mine in enumerate(parts):
        hardware = mine[0] in HARDWARE
        for j, other in enumerate(parts):
            if mine[0] == other[0]:
                shared[i, j] = OF_KIND[hardware] ** 2 + OF_PART**2 * len(set(mine[1:]) & set(other[1:]))
        shared[i, i] += (PRIORS[names[i]].draw if PRIORS[names[i]].draw != 0.5 else ITS_OWN[hardware]) ** 2
    return shared
