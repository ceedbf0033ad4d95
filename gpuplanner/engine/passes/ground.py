"""What doesn't change with the load: the GPUs that can compute, memory and time of a pass at every batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.catalog.schema.precision import Execution, Refusal
from gpuplanner.engine.passes.memory import PassMemory, pass_memory
from gpuplanner.engine.passes.request import PassRequest
from gpuplanner.engine.passes.speed import Devices, devices, stage_times
from gpuplanner.engine.passes.spread import exchange_times, joins
from gpuplanner.engine.passes.work import Floats, Stage
from gpuplanner.engine.result import Code
from gpuplanner.engine.wiring import Wiring, wiring
from gpuplanner.scenario.passes import GenerationChoice, PipelineOffload

BATCHES: Final = tuple(2**i for i in range(11))
PICTURES: Final = 7  # of these batches, for pipelines
HALF: Final = 2.0


@dataclass(frozen=True, slots=True)
class Able:
    """GPUs that can compute in the precision asked for: their places in the catalogue, and how."""

    places: tuple[int, ...]
    gpus: tuple[Gpu, ...]
    ways: tuple[Execution, ...]
    refusals: dict[int, Code]


@dataclass(frozen=True, slots=True)
class Ground:
    """GPUs, memory and time of a pass at every batch; ``times`` with ``offload`` and ``exchange`` in them.

    ``joined``: which GPUs can work on one request together, where it is spread.
    """

    every: Wiring
    able: Able
    batches: Floats
    memory: PassMemory
    at: Devices
    half: Devices
    parts: tuple[tuple[str, Floats], ...]
    offload: float
    exchange: Floats
    joined: Floats
    times: Floats


_grounds: list[tuple[Catalog, tuple[Stage, ...], tuple[object, ...], Ground]] = []
KEPT: Final = 8


def ground(request: PassRequest, catalog: Catalog, choice: GenerationChoice) -> Ground:
    """The ground of a scenario; the last few are kept, since a keystroke seldom changes it."""
    key = (request.weights.id, request.runtime, request.batch, request.item, choice)
    for known, stages, words, found in _grounds:
        if known is catalog and stages is request.stages and words == key:
            return found
    made = _ground(request, catalog, choice)
    _grounds.insert(0, (catalog, request.stages, key, made))
    del _grounds[KEPT:]
    return made


def _ground(request: PassRequest, catalog: Catalog, choice: GenerationChoice) -> Ground:
    every = wiring(tuple(catalog.gpus.values()), catalog)
    cards, batches = able(every.gpus, request), _batches(request)
    at = devices(cards.gpus, cards.ways, request.weight_bytes, catalog.calibration, request.runtime)
    half = _half(cards, request, catalog, at)
    parts = tuple((stage.name, stage_times(stage, at if stage.quantised else half, batches)) for stage in request.stages)
    # weights that wait in host memory come over PCIe before they work
    stays = choice.offload is PipelineOffload.NONE
    offload = 1.0 if stays else catalog.calibration.constant("passes.offload", choice.offload.value)
    exchange = _exchange(request, every, cards, batches)
    times: Floats = np.sum([times for _, times in parts], axis=0) * offload + exchange
    memory = pass_memory(request, catalog, batches, choice)
    joined = joins(every, cards.places, request.spread)
    return Ground(every, cards, batches, memory, at, half, parts, offload, exchange, joined, times)


def _exchange(request: PassRequest, every: Wiring, cards: Able, batches: Floats) -> Floats:
    """What the GPUs of a replica wait for each other, of shape (gpus, batches); no time where they work alone. [s]"""
    if request.spread.gpus == 1:
        return np.zeros((len(cards.gpus), len(batches)))
    samples = batches * request.halves
    return exchange_times(request.spread, request.load.steps, samples, request.element_bytes, every, cards.places)


def able(gpus: tuple[Gpu, ...], request: PassRequest) -> Able:
    """Which GPUs can compute in the precision, and why the others can't."""
    places, cards, ways, refusals = [], [], [], {}
    for place, gpu in enumerate(gpus):
        way = request.weights.execution(gpu)
        if gpu.bandwidth_gb_s is None:
            refusals[place] = Code("reason.bandwidth_unknown")
        elif isinstance(way, Refusal):
            facts = {"format": way.compute_format.upper(), "precision": request.weights.name}
            refusals[place] = Code(f"reason.{way.reason}", facts)
        else:
            places.append(place)
            cards.append(gpu)
            ways.append(way)
    return Able(tuple(places), tuple(cards), tuple(ways), refusals)


def _half(able: Able, request: PassRequest, catalog: Catalog, at: Devices) -> Devices:
    """What stays in 16 bit where the denoiser alone is quantised."""
    if all(stage.quantised for stage in request.stages) or request.weight_bytes >= HALF:
        return at
    ways = tuple(sixteen(gpu, way) for gpu, way in zip(able.gpus, able.ways, strict=True))
    return devices(able.gpus, ways, HALF, catalog.calibration, request.runtime)


def sixteen(gpu: Gpu, way: Execution) -> Execution:
    """How a GPU computes in 16 bit; as given where it has no such rate."""
    rates = gpu.dense_tflops
    rate = rates.fp16 or rates.bf16
    return Execution("fp16" if rates.fp16 else "bf16", rate, False, None, False) if rate else way


def _batches(request: PassRequest) -> Floats:
    grid = BATCHES[:PICTURES] if request.item in {"image", "clip"} else BATCHES
    if request.batch:
        grid = (*(b for b in grid if b < request.batch), request.batch)
    return np.array(grid, dtype=float)
