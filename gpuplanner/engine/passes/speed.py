"""How long a pass takes on every GPU at every batch, stage by stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.calibration import Calibration
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.catalog.schema.precision import Execution
from gpuplanner.engine.passes import formulas as f
from gpuplanner.engine.passes.work import CONVOLUTION, SCORES, Floats, Stage, Work

ELEMENT_BYTES = {"fp32": 4.0, "tf32": 4.0, "fp16": 2.0, "bf16": 2.0, "fp16_fp16acc": 2.0}
FULL_BYTES = 4.0
NARROW_BYTES = 1.0  # activations beside 8-bit and narrower products
UNKNOWN_WATTS = 1.0  # a watt for each 16-bit TFLOPS is usual


@dataclass(frozen=True, slots=True)
class Devices:
    """GPUs as columns of shape (gpus, 1, 1), for one number format.

    ``compute`` is the peak times its reachable share, by the forms of operators (matrix, convolution, scores).
    """

    compute: Floats  # (forms, gpus, 1, 1)
    peak: Floats  # (forms, gpus)
    bandwidth: Floats
    weight_bytes: float
    element_bytes: Floats
    fill: Floats
    launch: Floats
    host: float
    item: float
    call: float
    extra: Floats  # by forms
    group_width: float
    short: float
    long: float
    long_keys: float


def devices(
    gpus: Sequence[Gpu], ways: Sequence[Execution], weight_bytes: float, calibration: Calibration, runtime: str
) -> Devices:
    """Columns of these GPUs.

    Args:
        gpus: one entry each; their bandwidth must be known.
        ways: how each computes in the precision.
        weight_bytes: of a weight.
        calibration: constants ``passes.*``.
        runtime: what runs the passes: eager, graph, compiled, tensorrt.
    """

    def fitted(name: str, *more: str) -> Floats:
        return _column(calibration.constant(f"passes.{name}", gpu.family, *more) for gpu in gpus)

    def by_runtime(name: str) -> float:
        return calibration.constant(f"passes.{name}", runtime)

    formats = [way.compute_format for way in ways]
    share = _column(
        calibration.constant("passes.compute", gpu.family, name) * by_runtime("kernels")
        for gpu, name in zip(gpus, formats, strict=True)
    )
    watts = _column(_watts(gpu) for gpu in gpus)
    share = share * f.power_share(
        watts, calibration.constant("passes.watts_enough"), calibration.constant("passes.power_exponent")
    )
    peak = _column(way.tflops * 1e12 for way in ways)
    scores = _column(_scores_rate(gpu, way) for gpu, way in zip(gpus, ways, strict=True))
    compute = np.stack(
        [peak * share, peak * share * by_runtime("convolution"), scores * fitted("attention") * by_runtime("kernels")]
    )
    element = _column(2.0 if way.weight_only else ELEMENT_BYTES.get(way.compute_format, NARROW_BYTES) for way in ways)
    return Devices(
        compute=compute,
        peak=np.stack([peak, peak, scores])[:, :, 0, 0],
        bandwidth=_column((gpu.bandwidth_gb_s or np.nan) * 1e9 for gpu in gpus) * fitted("bandwidth"),
        weight_bytes=weight_bytes,
        element_bytes=element,
        fill=element * calibration.constant("passes.fill_s"),
        launch=fitted("launch_s"),
        host=by_runtime("host_s"),
        item=by_runtime("item_s"),
        call=by_runtime("call_s"),
        extra=np.array([by_runtime("extra"), by_runtime("convolution_extra"), 0.0]),
        group_width=calibration.constant("passes.group_width"),
        short=calibration.constant("passes.attention"),
        long=calibration.constant("passes.long_attention"),
        long_keys=calibration.constant("passes.long_keys"),
    )


def stage_times(stage: Stage, at: Devices, batch: NDArray[np.float64]) -> Floats:
    """Seconds of a stage, of shape (gpus, batches).

    Args:
        stage: what runs.
        at: GPUs.
        batch: items at once, of shape (batches,) or (gpus, batches).
    """
    device = device_times(stage, at, batch)
    times: Floats = f.stage_time_s(stage.repeats, device, stage.work.kernels, at.host, at.item, np.atleast_2d(batch), at.call)
    return times


def device_times(stage: Stage, at: Devices, batch: NDArray[np.float64]) -> Floats:
    """Seconds the GPU works on one repetition of a stage, of shape (gpus, batches)."""
    work = stage.work
    samples = np.atleast_2d(batch)[..., None] * stage.samples
    times = operator_times(stage, at, samples)
    total: Floats = (times * work.count).sum(axis=-1)
    return total


def operator_times(stage: Stage, at: Devices, samples: Floats) -> Floats:
    """Seconds of every operator, of shape (gpus, batches, operators)."""
    work = stage.work
    compute = at.compute[work.form, :, 0, 0].T[:, None, :] * longer(work, at)
    padding = np.where(work.form == CONVOLUTION, f.padding(at.group_width, work.width), 1.0)
    moved = work.moved * at.element_bytes
    times: Floats = f.operator_time_s(
        samples, work.flops, padding, compute, 1.0, work.weights * at.weight_bytes, moved, at.bandwidth, 1.0, work.depth,
        at.fill, at.extra[work.form], at.launch,
    )  # fmt: skip
    return times


def longer(work: Work, at: Devices) -> Floats:
    """How many times faster operators compute than short ones of their form: attention over many tokens fills a GPU."""
    seen = np.maximum(work.width, 1.0)
    reached: Floats = f.attention_share(at.short, at.long, at.long_keys, seen, 1.0) / at.short
    return np.where(work.form == SCORES, reached, 1.0)


def _scores_rate(gpu: Gpu, way: Execution) -> float:
    """Attention's products stay in 16 bit where others are narrower. [FLOP/s]"""
    half = gpu.dense_tflops.bf16 or gpu.dense_tflops.fp16 or way.tflops
    return 1e12 * (min(half, way.tflops) if ELEMENT_BYTES.get(way.compute_format, 1.0) >= FULL_BYTES else half)


def _watts(gpu: Gpu) -> float:
    rate = gpu.dense_tflops.fp16 or gpu.dense_tflops.bf16
    return gpu.tdp_w / rate if gpu.tdp_w and rate else UNKNOWN_WATTS


def _column(values: Iterable[float]) -> Floats:
    return np.array(list(values), dtype=np.float64)[:, None, None]
