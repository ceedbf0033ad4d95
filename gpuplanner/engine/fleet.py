"""Every GPU of the catalogue as arrays: rates, efficiencies and links for one precision and one engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from gpuplanner.catalog.schema.calibration import Calibration
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.engine import MemoryProfile, ServingEngine, Tier
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.catalog.schema.precision import Execution, Precision, Refusal
from gpuplanner.engine.result import Code
from gpuplanner.engine.wiring import GB, Floats, Wiring, wiring

USUAL_MULTIPROCESSORS = 108  # where a card's number isn't known: an A100's


@dataclass(frozen=True, slots=True)
class Fleet(Wiring):
    """One array entry a GPU. Rates in FLOP/s and B/s; ``refusals`` holds the reason where a GPU cannot compute at all."""

    refusals: tuple[Code | None, ...]
    executions: tuple[Execution | None, ...]
    ports: tuple[str | None, ...]
    utilization: Floats
    batched_tokens: Floats
    max_seqs: Floats
    multiprocessors: Floats
    bandwidth: Floats
    peak: Floats
    peak_16: Floats
    compute: Floats
    expert_compute: Floats
    attention: Floats
    weight_share: Floats
    single_weights: Floats
    kv_share: Floats
    single_kv: Floats
    token_padding: Floats
    expert_padding: Floats
    imbalance: Floats
    layer_overhead: Floats
    movement: Floats
    expert_layer_overhead: Floats
    step_overhead: Floats
    sequence_overhead: Floats
    request_overhead: Floats
    front_end: Floats
    one_shot: Floats
    queues: Mapping[str, float]  # factor and limit of the wait behind prompts, by how requests come


LEAST_SUSTAINED, MOST_SUSTAINED = 0.6, 1.2  # what a lack and an abundance of watts make of a card's rate at most

_cache: list[tuple[Catalog, tuple[object, ...], Fleet]] = []


def fleet(catalog: Catalog, precision: Precision, engine: ServingEngine) -> Fleet:
    """All GPUs of the catalogue for a precision and an engine; kept for the last few, since a keystroke seldom changes either."""
    key = (precision.id, engine.id)
    for known, known_key, result in _cache:
        if known is catalog and known_key == key:
            return result
    result = build_fleet(tuple(catalog.gpus.values()), catalog, precision, engine)
    _cache.insert(0, (catalog, key, result))
    del _cache[8:]
    return result


def build_fleet(
    gpus: Sequence[Gpu], catalog: Catalog, precision: Precision, engine: ServingEngine, profile: MemoryProfile | None = None
) -> Fleet:
    """Arrays for these GPUs. Unknown rates make a refusal; efficiencies come from the GPU's family, or the general value.

    Raises:
        ValueError: when the engine has no memory profile.
    """
    profile = profile or engine.profile
    if profile is None:
        raise ValueError(engine.id)
    states = [_state(gpu, precision, engine) for gpu in gpus]
    executions = tuple(state if isinstance(state, Execution) else None for state in states)
    known = _Fitted(tuple(gpus), executions, catalog.calibration, profile.runtime)
    wires = wiring(gpus, catalog)
    wires = replace(
        wires,
        fast_latency=wires.fast_latency * known.by_runtime("kernels.latency"),
        slow_latency=wires.slow_latency * known.by_runtime("kernels.latency"),
    )

    def tier(tiers: tuple[Tier, ...]) -> Floats:
        return np.array([_tier(tiers, gpu.usable_bytes) for gpu in gpus], dtype=float)

    return Fleet(
        **{field.name: getattr(wires, field.name) for field in fields(Wiring)},
        refusals=tuple(state if isinstance(state, Code) else None for state in states),
        executions=executions,
        ports=tuple(_port(gpu, engine) for gpu in gpus),
        utilization=np.full(len(gpus), profile.utilization),
        batched_tokens=tier(profile.max_batched_tokens),
        max_seqs=tier(profile.max_seqs),
        **known.rates(),
        **known.shares(),
        **known.overheads(),
        queues={
            f"queue_{kind}_{name}": catalog.calibration.constant(f"queue.{kind}.{name}")
            for kind in ("closed", "open")
            for name in ("factor", "limit")
        },
    )


@dataclass(frozen=True, slots=True)
class _Fitted:
    """Datasheet rates and fitted constants of GPUs, as arrays by the names of :class:`Fleet`."""

    gpus: tuple[Gpu, ...]
    executions: tuple[Execution | None, ...]
    calibration: Calibration
    runtime: str

    def fitted(self, name: str) -> Floats:
        """A constant of each GPU's family."""
        return np.array([self.calibration.constant(name, gpu.family) for gpu in self.gpus])

    def by_runtime(self, name: str) -> Floats:
        """A constant of the engine's runtime on each family."""
        return np.array([self.calibration.constant(name, self.runtime, gpu.family) for gpu in self.gpus])

    def by_format(self, name: str) -> Floats:
        """A share of a peak in the number format that each GPU computes in."""
        pairs = zip(self.gpus, self.executions, strict=True)
        return np.array([_efficiency(self.calibration, name, gpu, way, self.runtime) for gpu, way in pairs])

    def rates(self) -> dict[str, Any]:
        """What the datasheet says, in FLOP/s and B/s."""
        gpus = self.gpus
        return {
            "multiprocessors": np.array([float(gpu.multiprocessors or USUAL_MULTIPROCESSORS) for gpu in gpus]),
            "bandwidth": np.array([(gpu.bandwidth_gb_s or np.nan) * GB for gpu in gpus]),
            "peak": np.array([way.tflops * 1e12 if way else np.nan for way in self.executions]),
            "peak_16": np.array([(gpu.dense_tflops.bf16 or gpu.dense_tflops.fp16 or np.nan) * 1e12 for gpu in gpus]),
        }

    def shares(self) -> dict[str, Any]:
        """What kernels reach of it."""
        compute, read = self.by_format("compute"), self.by_format("bandwidth.weights")
        most = [fed(self.calibration, gpu, self.runtime) for gpu in self.gpus]
        return {
            "compute": compute,
            "expert_compute": compute * self.fitted("experts.compute"),
            "attention": self.fitted("attention.compute") * self.by_runtime("kernels.attention.compute"),
            "weight_share": np.minimum(read, most),
            "single_weights": self.by_runtime("kernels.bandwidth.weights"),
            "kv_share": self.fitted("bandwidth.kv"),
            "single_kv": self.by_runtime("kernels.bandwidth.kv"),
            "token_padding": self.by_runtime("padding.tokens"),
            "expert_padding": self.fitted("padding.experts"),
            "imbalance": self.fitted("experts.imbalance"),
            "movement": self.fitted("movement.passes"),
        }

    def overheads(self) -> dict[str, Any]:
        """Times that don't depend on the work. [s]"""
        names = {
            "layer_overhead": "layer_s", "expert_layer_overhead": "expert_layer_s", "step_overhead": "step_s",
            "sequence_overhead": "sequence_s", "request_overhead": "request_s", "front_end": "front_end_s",
        }  # fmt: skip
        found = {name: self.by_runtime(f"overhead.{constant}") for name, constant in names.items()}
        return found | {"one_shot": self.fitted("latency.one_shot_s")}


def _state(gpu: Gpu, precision: Precision, engine: ServingEngine) -> Execution | Code:
    if _port(gpu, engine) is None:
        return Code("reason.engine_missing", {"engine": engine.name})
    if gpu.bandwidth_gb_s is None:
        return Code("reason.bandwidth_unknown")
    way = precision.execution(gpu)
    if isinstance(way, Refusal):
        return Code(f"reason.{way.reason}", {"format": way.compute_format.upper(), "precision": precision.name})
    if gpu.dense_tflops.bf16 is None and gpu.dense_tflops.fp16 is None:
        return Code("reason.rate_unknown", {"format": "FP16", "precision": precision.name})
    return way


def _port(gpu: Gpu, engine: ServingEngine) -> str | None:
    """The engine itself, or the port of it made for this hardware; None when there is neither."""
    if engine.id in gpu.engines:
        return engine.id
    return next((name for name in gpu.engines if name.startswith(f"{engine.id}-")), None)


def _efficiency(calibration: Calibration, name: str, gpu: Gpu, way: Execution | None, runtime: str) -> float:
    """Share of a peak that a family reaches, by how good the software's kernels are beside the reference."""
    if way is None:
        return 1.0
    share = calibration.constant(name, gpu.family, way.compute_format)
    if name == "compute":
        share *= calibration.constant("kernels.compute", runtime, gpu.family) * sustained(calibration, gpu)
    return share * (calibration.constant(f"{name}.weight_only", runtime) if way.weight_only else 1.0)


def fed(calibration: Calibration, gpu: Gpu, runtime: str) -> float:
    """Share of the bandwidth that a GPU's multiprocessors can take in by the kernels of a runtime.

    Kernels that multiply by one vector keep few bytes on their way: beside fast memory the multiprocessors are what limits them.
    No limit where their number isn't known, or the runtime's kernels have none.
    """
    each = calibration.constants.get(f"kernels.read_gb_s.{runtime}")
    if each is None or not gpu.multiprocessors or not gpu.bandwidth_gb_s:
        return 1.0
    return each.value * gpu.multiprocessors / gpu.bandwidth_gb_s


def sustained(calibration: Calibration, gpu: Gpu) -> float:
    """Rate that a card's power sustains, over that of its family's reference card.

    Products on tensor cores draw all the power there is: the fewer watts a card has for the rate of its data sheet, the further
    its clock falls below the one that rate was reckoned at. 1 where power or reference isn't known.
    """
    rates = gpu.dense_tflops
    rate = max(rates.fp16_fp16acc or 0.0, rates.bf16 or rates.fp16 or 0.0)
    reference = calibration.constants.get(f"power.w_per_tflops.{gpu.family}")
    if not gpu.tdp_w or not rate or reference is None:
        return 1.0
    factor = (gpu.tdp_w / rate / reference.value) ** calibration.constant("compute.power_exponent")
    return float(min(max(factor, LEAST_SUSTAINED), MOST_SUSTAINED))


def _tier(tiers: tuple[Tier, ...], usable_bytes: float) -> int:
    fitting = [tier for tier in tiers if usable_bytes / 2**30 >= tier.min_gib]
    return max(fitting, key=lambda tier: tier.min_gib).value
