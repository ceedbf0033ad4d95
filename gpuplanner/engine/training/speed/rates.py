"""What GPUs reach in training: shares of their peaks and links, as arrays with an entry a GPU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.calibration import Calibration
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.engine.wiring import GB, Wiring, wiring

Floats = NDArray[np.float64]
TERA = 1e12
BITS = 8.0
HALF_LANES, NEWER = 8.0, 9.0  # compute capability up to which a multiprocessor has 64 lanes for FP32 instead of 128
USUAL_RATIO = 15.0  # of a 16-bit rate to the FP32 one


@dataclass(frozen=True, slots=True)
class Rates:
    """FLOP/s, B/s and seconds reached. NaN where a GPU lacks the format.

    ``peak`` is the datasheet's rate of the format products run in; ``products``, ``experts``, ``head``, ``convolutions`` and
    ``scores`` what the kinds of work reach. ``inside`` is the link among the ``group`` of GPUs that share one, ``beside`` the
    slow link of a server, ``network`` a GPU's part of the network between servers. ``passes`` and ``map_passes``: how often what
    lies between products goes through memory, ``layer`` and ``step`` the host's seconds for a layer's pass and for a step.
    Products reach half of their rate at the width ``narrow`` (``narrow_experts`` of experts), which grows with operations a byte,
    and at ``few`` tokens. Adapters add their share of passes through memory, weights that are unpacked one of the host's time.
    ``scan``: recurrent states; ``score_passes``: how often unfused scores pass memory; ``forward``: a forward product's time
    beside the mean of a forward and two backward ones.
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
    dequantise_packed: Floats
    score_passes: Floats
    scan: Floats
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
    forward: float

    def of(self, places: NDArray[np.intp]) -> Rates:
        """The rates of some of the GPUs."""
        found = [(item.name, getattr(self, item.name)) for item in fields(self)]
        some: dict[str, Any] = {name: value[places] if isinstance(value, np.ndarray) else value for name, value in found}
        return Rates(**some)


def rates(gpus: Sequence[Gpu], catalog: Catalog, format_used: str, software: str, wires: Wiring | None = None) -> Rates:
    """Rates of these GPUs.

    Args:
        gpus: of the catalogue.
        catalog: facts and constants.
        format_used: number format of the products ("bf16", "fp8" …); where only FP16 is there, BF16 falls back to it.
        software: kind of training software: "megatron", "fsdp", "trainer" or "vision".
        wires: the GPUs' links, when they are known already.
    """
    known, wires = catalog.calibration, wires or wiring(gpus, catalog)
    return Rates(
        **_reached(gpus, known, format_used, software),
        **_links(gpus, catalog, wires),
        **_beside(len(gpus), known, software),
        overlap_data=known.constant("training.overlap.data", software),
        overlap_tensor=known.constant("training.overlap.tensor", software),
        overlap_experts=known.constant("training.overlap.experts", software),
        forward=known.constant("training.forward"),
    )


def _reached(gpus: Sequence[Gpu], known: Calibration, format_used: str, software: str) -> dict[str, Floats]:
    """What kinds of work reach on the GPU."""
    peak = np.array([_rate(gpu, format_used) for gpu in gpus]) * TERA
    peak_16 = np.array([_rate(gpu, "bf16") for gpu in gpus]) * TERA

    def fitted(name: str, *more: str) -> Floats:
        return np.array([known.constant(name, gpu.family, *more) for gpu in gpus])

    kernels = known.constant("training.kernels", software)
    joule = fitted("training.energy_j") / np.array([gpu.tdp_w or np.inf for gpu in gpus])
    alone = sustained(peak * fitted("training.compute", format_used), joule * peak_16 / peak)
    issue = np.array([_issue(gpu) for gpu in gpus]) * TERA * known.constant("training.convolutions")
    bandwidth = np.array([(gpu.bandwidth_gb_s or np.nan) * GB for gpu in gpus]) * known.constant("training.bandwidth")
    return {
        "peak": peak,
        "products": kernels * alone,
        "experts": kernels * alone * fitted("training.experts", format_used),
        "head": kernels * sustained(peak_16 * fitted("training.compute", "bf16"), joule),
        "convolutions": known.constant("training.map_kernels", software) / (1.0 / alone + 1.0 / issue),
        "scores": peak_16 * fitted("training.attention") * known.constant("training.attention_kernels", software),
        "scan": peak_16 * known.constant("training.scan"),
        "bandwidth": bandwidth,
        "narrow": known.constant("training.narrow") * peak / bandwidth,
        "narrow_experts": known.constant("training.narrow", "experts") * peak / bandwidth,
    }


def _links(gpus: Sequence[Gpu], catalog: Catalog, wires: Wiring) -> dict[str, Floats]:
    """What links between GPUs carry."""
    known = catalog.calibration
    fast = wires.domain > 1
    slow = np.where(wires.slow_link > 0, wires.slow_link, np.nan) * known.constant("training.link.pcie")
    return {
        "group": np.where(fast, wires.domain, np.where(wires.slow_link > 0, wires.node, 1)).astype(float),
        "inside": np.where(fast, wires.fast_link * known.constant("training.link.fast"), slow),
        "beside": slow,
        "node": wires.node.astype(float),
        "network": _network(gpus, catalog) * known.constant("training.link.network"),
        "host_link": slow,
    }


BESIDE = {  # constants of the software, and of all
    "passes": ("training.passes", True), "map_passes": ("training.map_passes", True), "layer": ("training.layer_s", True),
    "step": ("training.step_s", True), "message": ("training.message_s", False), "few": ("training.few", False),
    "score_passes": ("training.score_passes", False), "dequantise": ("training.dequantise_bytes", False),
    "dequantise_packed": ("training.dequantise_bytes.packed", False),
    "adapter_passes": ("training.adapters.passes", False), "unpack_layer": ("training.unpack.layer", False),
}  # fmt: skip


def _beside(count: int, known: Calibration, software: str) -> dict[str, Floats]:
    """What doesn't depend on the GPU: passes through memory, the host's time."""
    one = np.ones(count)
    return {name: one * known.constant(key, *([software] if own else [])) for name, (key, own) in BESIDE.items()}


def sustained(rate: Floats, joule_per_watt: Floats) -> Floats:
    """A rate with the clocks that the power limit leaves: an operation's time, and its energy over the power, add up."""
    lowered: Floats = 1.0 / (1.0 / rate + joule_per_watt)
    return lowered


def _issue(gpu: Gpu) -> float:
    """What the schedulers can issue at most, as if every lane worked in FP32: half of them did until compute 8.0. [TFLOP/s]"""
    plain = gpu.dense_tflops.fp32
    if plain is None:
        return _rate(gpu, "bf16") / USUAL_RATIO
    return plain * (2.0 if gpu.vendor == "NVIDIA" and (gpu.compute_capability or NEWER) <= HALF_LANES else 1.0)


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
