"""What GPUs reach in training: shares of their peaks and links, as arrays with an entry a GPU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.engine.wiring import GB, Wiring, wiring

Floats = NDArray[np.float64]
TERA = 1e12
BITS = 8.0


@dataclass(frozen=True, slots=True)
class Rates:
    """FLOP/s, B/s and seconds reached. NaN where a GPU lacks the format.

    ``peak`` is the datasheet's rate of the format products run in; ``products``, ``experts``, ``head``, ``convolutions`` and
    ``scores`` what the kinds of work reach. ``inside`` is the link among the ``group`` of GPUs that share one, ``beside`` the
    slow link of a server, ``network`` a GPU's part of the network between servers. ``passes`` and ``map_passes``: how often what
    lies between products goes through memory, ``layer`` and ``step`` the host's seconds for a layer's pass and for a step.
    Products reach half of their rate at the width ``narrow`` (``narrow_experts`` of experts), which grows with operations a byte,
    and at ``few`` tokens. Adapters add
    their share of passes through memory, weights that are unpacked one of the host's time.
    """

    peak: Floats
    products: Floats
    experts: Floats
    head: Floats
    convolutions: Floats
    scores: Floats
    bandwidth: Floats
    passes: Floats
    map_passes: Floats
    dequantise: Floats
    group: Floats
    inside: Floats
    beside: Floats
    node: Floats
    network: Floats
    host_link: Floats
    layer: Floats
    step: Floats
    message: Floats
    narrow: Floats
    narrow_experts: Floats
    few: Floats
    adapter_passes: Floats
    unpack_layer: Floats
    overlap_data: float
    overlap_tensor: float
    overlap_experts: float


def rates(gpus: Sequence[Gpu], catalog: Catalog, format_used: str, software: str, wires: Wiring | None = None) -> Rates:
    """Rates of these GPUs.

    Args:
        gpus: of the catalogue.
        catalog: facts and constants.
        format_used: number format of the products ("bf16", "fp8" …); where only FP16 is there, BF16 falls back to it.
        software: kind of training software: "megatron", "fsdp", "trainer" or "vision".
        wires: the GPUs' links, when they are known already.
    """
    known = catalog.calibration
    wires = wires or wiring(gpus, catalog)
    peak = np.array([_rate(gpu, format_used) for gpu in gpus]) * TERA
    peak_16 = np.array([_rate(gpu, "bf16") for gpu in gpus]) * TERA

    def fitted(name: str, *more: str) -> Floats:
        return np.array([known.constant(name, gpu.family, *more) for gpu in gpus])

    def whole(name: str) -> float:
        return known.constant(name, software)

    kernels = whole("training.kernels")
    joule = fitted("training.energy_j") / np.array([gpu.tdp_w or np.inf for gpu in gpus])
    products = kernels * sustained(peak * fitted("training.compute", format_used), joule * peak_16 / peak)
    plain = kernels * sustained(peak_16 * fitted("training.compute", "bf16"), joule)
    maps = sustained(peak * fitted("training.convolutions"), joule * peak_16 / peak)
    bandwidth = np.array([(gpu.bandwidth_gb_s or np.nan) * GB for gpu in gpus]) * known.constant("training.bandwidth")
    fast = wires.domain > 1
    slow = np.where(wires.slow_link > 0, wires.slow_link, np.nan) * known.constant("training.link.pcie")
    one = np.ones(len(gpus))
    return Rates(
        peak=peak,
        products=products,
        experts=products * fitted("training.experts", format_used),
        head=plain,
        convolutions=maps * whole("training.map_kernels"),
        scores=peak_16 * fitted("training.attention") * whole("training.attention_kernels"),
        bandwidth=bandwidth,
        passes=one * whole("training.passes"),
        map_passes=one * whole("training.map_passes"),
        dequantise=one * known.constant("training.dequantise_bytes"),
        group=np.where(fast, wires.domain, np.where(wires.slow_link > 0, wires.node, 1)).astype(float),
        inside=np.where(fast, wires.fast_link * known.constant("training.link.fast"), slow),
        beside=slow,
        node=wires.node.astype(float),
        network=_network(gpus, catalog) * known.constant("training.link.network"),
        host_link=slow,
        layer=one * whole("training.layer_s"),
        step=one * whole("training.step_s"),
        message=one * known.constant("training.message_s"),
        narrow=known.constant("training.narrow") * peak / bandwidth,
        narrow_experts=known.constant("training.narrow", "experts") * peak / bandwidth,
        few=one * known.constant("training.few"),
        adapter_passes=one * known.constant("training.adapters.passes"),
        unpack_layer=one * known.constant("training.unpack.layer"),
        overlap_data=known.constant("training.overlap.data", software),
        overlap_tensor=known.constant("training.overlap.tensor", software),
        overlap_experts=known.constant("training.overlap.experts", software),
    )


def sustained(rate: Floats, joule_per_watt: Floats) -> Floats:
    """A rate with the clocks that the power limit leaves: an operation's time, and its energy over the power, add up."""
    lowered: Floats = 1.0 / (1.0 / rate + joule_per_watt)
    return lowered


def _rate(gpu: Gpu, format_used: str) -> float:
    """A dense rate in TFLOP/s; 16-bit formats stand in for each other, TF32 for FP32 where products use it."""
    found = gpu.dense_tflops.rate(format_used)
    if found is None and format_used in {"bf16", "fp16"}:
        found = gpu.dense_tflops.fp16 if format_used == "bf16" else gpu.dense_tflops.bf16
    return found if found is not None else float("nan")


def _network(gpus: Sequence[Gpu], catalog: Catalog) -> Floats:
    """A GPU's part of its server's network cards, as its reference server has them. [B/s]"""
    known: dict[str, float] = {}
    for server in catalog.servers.values():
        if server.gpu_id and server.scale_out_gbps_total and server.gpu_count:
            known.setdefault(server.gpu_id, server.scale_out_gbps_total / server.gpu_count / BITS * GB)
    usual = catalog.calibration.constant
    return np.array(
        [known.get(gpu.id) or usual("training.network_b_s", "module" if gpu.scale_up_domain > 2 else "card") for gpu in gpus]
    )
