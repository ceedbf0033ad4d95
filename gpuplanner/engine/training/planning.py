"""The ways to train a model: every legal layout at once, and the memory it takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.shape import DecoderShape, Experts
from gpuplanner.catalog.schema.shapes import Shape
from gpuplanner.engine.training.formulas import reserved_bytes
from gpuplanner.engine.training.layouts import Layout, Nets
from gpuplanner.engine.training.network import network, profile_key
from gpuplanner.engine.training.parts import Network, NotTrainableError
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.timeline import MOMENTS, Stage, courses
from gpuplanner.scenario.document import Recompute

Floats = NDArray[np.float64]

TENSOR_DEGREES = (1, 2, 4, 8)
PIPELINE_DEGREES = (1, 2, 4, 8, 16)
MICRO_BATCHES = (1, 2, 4, 8)
EXPERT_DEGREES = (1, 8, 64)
ZERO_STAGES = (0, 1, 3)
PARTS = ("gradients", "activations", "logits", "communication")
LONG_PIPELINE = 4  # from which on stages are interleaved
ENDS = 2  # embedding and head, which take a layer's place in the first and the last stage
WIDEST = 2**62
NEAR = 0.9  # of the GPUs asked for, layouts that use at least so many are looked at


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user fixed; None leaves it to the search."""

    tensor_parallel: int | None = None
    pipeline_parallel: int | None = None
    micro_batch: int | None = None
    recompute: Recompute | None = None
    zero: int | None = None
    global_batch: int = 128
    max_gpus: int = 1024
    gpus: int | None = None
    expert_parallel: int | None = 1
    contexts: tuple[int, ...] | None = None  # degrees of context parallelism to look at, the setup's own when None
    virtual: tuple[int, ...] | None = None  # stages of a GPU in an interleaved pipeline, likewise
    partly: bool = False  # whether the software can compute some of the layers again and others not


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """Layouts, those on few GPUs first; memory in bytes on the fullest GPU, what an allocator counts.

    ``moments`` has the shape (moments, parts, layouts), in the order of :data:`MOMENTS` and :data:`PARTS`. ``saved`` is what
    full recompute saves until the backward pass ends: a layer that isn't computed again takes its part of it back. ``group``
    numbers layouts that differ in recompute and sharding alone.
    """

    tensor_parallel: NDArray[np.int64]
    pipeline_parallel: NDArray[np.int64]
    data_parallel: NDArray[np.int64]
    micro_batch: NDArray[np.int64]
    micro_batches: NDArray[np.int64]
    zero: NDArray[np.int64]
    recompute: tuple[Recompute, ...]
    recompute_index: NDArray[np.int64]
    expert_parallel: NDArray[np.int64]
    context_parallel: NDArray[np.int64]
    virtual_stages: NDArray[np.int64]
    group: NDArray[np.int64]
    saved: Floats
    weights: Floats
    optimizer: Floats
    moments: Floats
    gpus: NDArray[np.int64]

    def need(self, fragmentation: Sequence[float], context: float) -> Floats:
        """What the GPU holds at the worst moment, with what the allocator can't fill at each of them, and the context."""
        standing = self.weights + self.optimizer + self.moments[:, 0]
        every: Floats = reserved_bytes(standing, self.moments[:, 1:].sum(axis=1), np.array(fragmentation)[:, None], context)
        most: Floats = every.max(axis=0)
        return most

    def part(self, start: int, end: int) -> TrainingRows:
        """Some of them in a row."""
        columns = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "recompute"}
        return TrainingRows(recompute=self.recompute, **{name: column[..., start:end] for name, column in columns.items()})

    @property
    def peak(self) -> Floats:
        """The most that lives at any moment."""
        most: Floats = self.weights + self.optimizer + self.moments.sum(axis=1).max(axis=0)
        return most


@lru_cache(maxsize=4)  # whoever changes prices or limits keeps the layouts
def training_rows(shape: Shape, setup: Setup, asked: Asked) -> TrainingRows:
    """Every layout, and what it takes; those on few GPUs first.

    Args:
        shape: the model.
        setup: what doesn't depend on the layout.
        asked: what the user fixed.

    Raises:
        NotTrainableError: for kinds of models that aren't modelled, and where no layout is legal at all.
    """
    recomputes = (asked.recompute,) if asked.recompute else (Recompute.NONE, Recompute.FULL)
    nets, grid = _cut(shape, setup, asked)
    if not nets.nets:
        raise NotTrainableError("refusal.training_spread")
    found = [_fullest(ends) for ends in courses(nets, setup, grid, recomputes)]
    held = [held for _, held in found]
    saved = np.maximum(held[0] - held[-1], 0.0) * asked.partly  # of the end that holds more: no stage takes more back
    tables = [table for table, _ in found]
    again = len(recomputes)
    gpus = np.tile(grid.gpus, again)
    order = np.argsort(gpus, kind="stable")
    table = np.concatenate(tables, axis=1)[:, order]
    index = np.repeat(np.arange(again), grid.data.size)
    wholes = {item.name: np.tile(getattr(grid, item.name), again)[order].astype(np.int64) for item in fields(Layout)}
    return TrainingRows(
        tensor_parallel=wholes["tensor"],
        pipeline_parallel=wholes["pipeline"],
        data_parallel=wholes["data"],
        micro_batch=wholes["micro_batch"],
        micro_batches=wholes["micro_batches"],
        zero=wholes["zero"],
        recompute=recomputes,
        recompute_index=index[order],
        expert_parallel=wholes["expert"],
        context_parallel=wholes["context"],
        virtual_stages=wholes["virtual"],
        group=np.tile(_groups(grid), again)[order],
        saved=np.where(index > 0, np.tile(saved, again), 0.0)[order],
        weights=table[0],
        optimizer=table[1],
        moments=table[2:].reshape(len(MOMENTS), len(PARTS), -1),
        gpus=gpus[order].astype(np.int64),
    )


def _cut(shape: Shape, setup: Setup, asked: Asked) -> tuple[Nets, Layout]:
    """The model's network at each degree of tensor and expert parallelism, and the layouts of each."""
    degrees = (asked.tensor_parallel,) if asked.tensor_parallel else TENSOR_DEGREES
    nets, grids = [], []
    for tensor, expert in product(degrees, _expert_degrees(shape, asked)):
        cut = replace(setup, tensor_parallel=tensor, expert_parallel=expert)
        net = network(shape, profile_key(cut))
        if net.heads % tensor:
            continue
        grid = _grid(net, cut, asked)
        if grid is not None and grid.data.size:
            nets.append(net)
            grids.append(grid)
    if not nets:
        return Nets((), ()), Layout(*(np.zeros(0),) * len(fields(Layout)))
    columns = (np.concatenate([getattr(grid, item.name) for grid in grids]) for item in fields(Layout))
    return Nets(nets, [grid.data.size for grid in grids]), Layout(*columns)


def _expert_degrees(shape: Shape, asked: Asked) -> tuple[int, ...]:
    """Degrees that experts divide into; the asked one as it is."""
    if asked.expert_parallel is not None:
        return (asked.expert_parallel,)
    feeds = [layer.feed_forward for layer in shape.layers] if isinstance(shape, DecoderShape) else []
    counts = [feed.experts for feed in feeds if isinstance(feed, Experts)]
    return tuple(degree for degree in EXPERT_DEGREES if degree == 1 or (counts and all(n % degree == 0 for n in counts)))


def _grid(net: Network, setup: Setup, asked: Asked) -> Layout | None:
    """The layouts of one network."""
    micro_list = (asked.micro_batch,) if asked.micro_batch else MICRO_BATCHES
    zeros = (asked.zero,) if asked.zero is not None else ZERO_STAGES
    pairs = list(_spans(net, setup, asked))
    if not pairs:
        return None
    axes = np.meshgrid(np.arange(len(pairs)), np.array(micro_list), np.array(zeros), indexing="ij")
    index, micro, zero = (axis.reshape(-1) for axis in axes)
    pipeline, virtual, context, data = np.array(pairs, dtype=float)[index].T
    micro, zero = micro.astype(float), zero.astype(float)
    tensor, expert = (np.full_like(data, degree) for degree in (setup.tensor_parallel, setup.expert_parallel))
    legal = (micro * data <= asked.global_batch) | ((micro == 1) & (data == 1))
    legal &= (data * context * tensor) % expert == 0
    alone = data * context == 1
    legal &= (zero > 0) | alone | (asked.zero == 0)
    legal &= (zero == zeros[0]) | ~alone  # with one copy there is nothing to share out
    count = np.maximum(1.0, np.ceil(asked.global_batch / (micro * data)))
    if asked.virtual is not None and len(asked.virtual) > 1:
        legal &= (virtual == 1) | (count % pipeline == 0)  # an interleaved pipeline takes whole rounds of micro-batches
    return Layout(micro, pipeline, data, count, zero, tensor, context, expert, virtual).pick(legal)


def _spans(net: Network, setup: Setup, asked: Asked) -> Iterable[tuple[int, int, int, int]]:
    """Pipeline degree, stages a GPU has, context degree and copies."""
    contexts = asked.contexts or (setup.context_parallel,)
    virtuals = asked.virtual or (setup.virtual_stages,)
    for pipeline in (asked.pipeline_parallel,) if asked.pipeline_parallel else PIPELINE_DEGREES:
        if pipeline > net.layers:
            continue
        for context in contexts:
            for copies in _copies(setup.tensor_parallel * pipeline * context, asked):
                for virtual in virtuals if pipeline >= LONG_PIPELINE or len(virtuals) == 1 else (1,):
                    if len(virtuals) == 1 or pipeline * virtual <= net.layers + ENDS:
                        yield pipeline, virtual, context, copies


def _copies(gpus: int, asked: Asked) -> list[int]:
    """Numbers of copies, each on so many GPUs: powers of two, or as many as the GPUs asked for hold."""
    if asked.gpus is not None:
        most = asked.gpus // gpus
        return [most] if most and most * gpus >= NEAR * asked.gpus else []
    most = asked.max_gpus // gpus
    return [2**i for i in range(most.bit_length())] if most else []


def _groups(grid: Layout) -> NDArray[np.int64]:
    """A number for all layouts that differ in what is shared out alone."""
    number: NDArray[np.int64] = np.unique(
        coded([getattr(grid, item.name) for item in fields(Layout) if item.name != "zero"]), return_inverse=True
    )[1]
    return number


def coded(columns: Sequence[Floats]) -> NDArray[np.int64]:
    """One number for each row of columns of whole numbers, in the order of the rows: equal where the rows are."""
    code = np.zeros(len(columns[0]), dtype=np.int64)
    room = 1
    for column in columns:
        whole = column.astype(np.int64)
        size = int(whole.max(initial=0)) + 1
        if room * size > WIDEST:  # too large to stand side by side: by their places instead
            code = np.unique(code, return_inverse=True)[1].astype(np.int64)
            values, whole = np.unique(whole, return_inverse=True)
            room, size = int(code.max(initial=0)) + 1, len(values)
        code, room = code * size + whole, room * size
    return code


def _fullest(ends: Sequence[Stage]) -> tuple[Floats, Floats]:
    """The columns of the fuller of two ends of a pipeline, and the most that layers of an end keep."""
    tables = [_table(stage) for stage in ends]
    held: Floats = np.max([stage.held for stage in ends], axis=0)
    if len(tables) == 1:
        return tables[0], held
    first, last = ends[0].peak, ends[-1].peak
    return np.where(first >= last, tables[0], tables[-1]), held


def _table(stage: Stage) -> Floats:
    """Weights, optimizer, then the parts of each moment, as rows."""
    rows = [stage.weights, stage.optimizer]
    for moment in stage.moments:  # all of them, in the order of MOMENTS
        rows += [getattr(moment, part) for part in PARTS]
    return np.array(np.broadcast_arrays(*rows))
