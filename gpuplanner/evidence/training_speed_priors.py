"""Where the fit of training speed begins, and the bounds each constant is held to: what is physically possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


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
    "training.attention.ampere": Prior(0.5, 0.1, 0.9),
    "training.attention.blackwell": Prior(0.4, 0.1, 0.9),
    "training.attention.hopper": Prior(0.4, 0.1, 0.9),
    "training.attention_kernels.examples": Prior(0.3, 0.05, 1),
    "training.attention_kernels.fsdp": Prior(0.8, 0.2, 1.5),
    "training.attention_kernels.trainer": Prior(1.0, 0.2, 1.5),
    "training.compute.ada": Prior(0.5, 0.1, 0.97),
    "training.compute.ada.fp16": Prior(0.5, 0.1, 0.97),
    "training.compute.ampere": Prior(0.75, 0.1, 0.97),
    "training.compute.ampere.fp16": Prior(0.6, 0.1, 0.97),
    "training.compute.ampere.tf32": Prior(0.6, 0.1, 0.97),
    "training.compute.blackwell": Prior(0.68, 0.1, 0.97, 0.05),
    "training.compute.blackwell.fp4": Prior(0.4, 0.1, 0.97),
    "training.compute.blackwell.fp8": Prior(0.55, 0.1, 0.97),
    "training.compute.cdna4": Prior(0.4, 0.1, 0.97),
    "training.compute.hopper": Prior(0.65, 0.1, 0.97),
    "training.compute.hopper.fp16": Prior(0.5, 0.1, 0.97),
    "training.compute.hopper.fp8": Prior(0.55, 0.1, 0.97),
    "training.compute.volta": Prior(0.55, 0.1, 0.97),
    "training.compute.volta.fp32": Prior(0.8, 0.1, 0.97),
    "training.convolutions.ada": Prior(0.4, 0.1, 0.9),
    "training.convolutions.ampere": Prior(0.45, 0.1, 0.9),
    "training.convolutions.hopper": Prior(0.35, 0.1, 0.9),
    "training.convolutions.volta": Prior(0.45, 0.1, 0.9),
    "training.dequantise_bytes": Prior(10.0, 1, 40),
    "training.energy_j.ada": Prior(3e-13, 1e-15, 2e-12),
    "training.energy_j.ampere": Prior(6e-13, 1e-15, 2e-12),
    "training.energy_j.blackwell": Prior(1e-13, 1e-15, 2e-12),
    "training.energy_j.hopper": Prior(2e-13, 1e-15, 2e-12),
    "training.energy_j.volta": Prior(6e-13, 1e-15, 2e-12),
    "training.experts.blackwell": Prior(0.6, 0.2, 1),
    "training.experts.blackwell.fp4": Prior(0.35, 0.1, 1),
    "training.experts.blackwell.fp8": Prior(0.45, 0.15, 1),
    "training.experts.hopper": Prior(0.6, 0.2, 1),
    "training.experts.hopper.fp8": Prior(0.45, 0.15, 1),
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
