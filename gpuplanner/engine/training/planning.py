"""The ways to train a model: every legal layout at once, and the memory it takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.shape import DecoderShape, Experts
from gpuplanner.catalog.schema.shapes import Shape
from gpuplanner.engine.training.formulas import reserved_bytes
from gpuplanner.engine.training.network import network, profile_key
from gpuplanner.engine.training.parts import NotTrainableError
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.timeline import MOMENTS, Layout, Stage, stages
from gpuplanner.scenario.document import Recompute

Floats = NDArray[np.float64]

TENSOR_DEGREES = (1, 2, 4, 8)
PIPELINE_DEGREES = (1, 2, 4, 8, 16)
MICRO_BATCHES = (1, 2, 4, 8)
EXPERT_DEGREES = (1, 8, 64)
ZERO_STAGES = (0, 1, 3)
PARTS = ("gradients", "activations", "logits", "communication")
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


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """Layouts, those on few GPUs first; memory in bytes on the fullest GPU, what an allocator counts.

    ``moments`` has the shape (moments, parts, layouts), in the order of :data:`MOMENTS` and :data:`PARTS`.
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
    weights: Floats
    optimizer: Floats
    moments: Floats
    gpus: NDArray[np.int64]

    def need(self, fragmentation: Sequence[float], context: float) -> Floats:
        """What the GPU holds at the worst moment, with what the allocator can't fill at each of them, and the context."""
        standing = self.weights + self.optimizer + self.moments[:, 0]
        every: Floats = reserved_bytes(standing, self.moments[:, 1:].sum(axis=1), np.array(fragmentation)[:, None], context).max(
            axis=0
        )
        return every

    @property
    def peak(self) -> Floats:
        """The most that lives at any moment."""
        most: Floats = self.weights + self.optimizer + self.moments.sum(axis=1).max(axis=0)
        return most


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
    pieces = list(_pieces(shape, setup, asked, recomputes))
    if not pieces:
        raise NotTrainableError("refusal.training_spread")
    columns = [np.concatenate([piece[i] for piece in pieces], axis=-1) for i in range(len(pieces[0]))]
    tensor, pipeline, data, micro, count, zero, again, expert, weights, optimizer, moments = columns
    gpus = tensor * pipeline * data * setup.context_parallel
    order = np.argsort(gpus, kind="stable")

    def whole(column: Floats) -> NDArray[np.int64]:
        return column[order].astype(np.int64)

    return TrainingRows(
        tensor_parallel=whole(tensor),
        pipeline_parallel=whole(pipeline),
        data_parallel=whole(data),
        micro_batch=whole(micro),
        micro_batches=whole(count),
        zero=whole(zero),
        recompute=recomputes,
        recompute_index=whole(again),
        expert_parallel=whole(expert),
        weights=weights[order],
        optimizer=optimizer[order],
        moments=moments[..., order],
        gpus=whole(gpus),
    )


def _pieces(shape: Shape, setup: Setup, asked: Asked, recomputes: tuple[Recompute, ...]) -> Iterator[tuple[Floats, ...]]:
    degrees = (asked.tensor_parallel,) if asked.tensor_parallel else TENSOR_DEGREES
    for tensor, expert in product(degrees, _expert_degrees(shape, asked)):
        cut = replace(setup, tensor_parallel=tensor, expert_parallel=expert)
        net = network(shape, profile_key(cut))
        if net.heads % tensor:
            continue
        pipelines = [p for p in ((asked.pipeline_parallel,) if asked.pipeline_parallel else PIPELINE_DEGREES) if p <= net.layers]
        grid = _grid(pipelines, cut, asked, tensor)
        if not len(grid.data):
            continue
        for index, recompute in enumerate(recomputes):
            yield _piece(shape, replace(cut, recompute=recompute), grid, index)


def _expert_degrees(shape: Shape, asked: Asked) -> tuple[int, ...]:
    """Degrees that experts divide into; the asked one as it is."""
    if asked.expert_parallel is not None:
        return (asked.expert_parallel,)
    feeds = [layer.feed_forward for layer in shape.layers] if isinstance(shape, DecoderShape) else []
    counts = [feed.experts for feed in feeds if isinstance(feed, Experts)]
    return tuple(degree for degree in EXPERT_DEGREES if degree == 1 or (counts and all(n % degree == 0 for n in counts)))


def _grid(pipelines: list[int], setup: Setup, asked: Asked, tensor: int) -> Layout:
    micro_list = (asked.micro_batch,) if asked.micro_batch else MICRO_BATCHES
    zeros = (asked.zero,) if asked.zero is not None else ZERO_STAGES
    pairs = [(p, data) for p in pipelines for data in _copies(tensor * p * setup.context_parallel, asked)]
    if not pairs:
        none = np.zeros(0)
        return Layout(none, none, none, none, none)
    axes = np.meshgrid(np.arange(len(pairs)), np.array(micro_list), np.array(zeros), indexing="ij")
    index, micro, zero = (axis.reshape(-1) for axis in axes)
    pipeline, data = np.array(pairs, dtype=float)[index].T
    micro, zero = micro.astype(float), zero.astype(float)
    legal = (micro * data <= asked.global_batch) | ((micro == 1) & (data == 1))
    legal &= (data * tensor) % setup.expert_parallel == 0
    alone = data * setup.context_parallel == 1
    legal &= (zero > 0) | alone | (asked.zero == 0)
    legal &= (zero == zeros[0]) | ~alone  # with one copy there is nothing to share out
    layout = Layout(micro, pipeline, data, np.maximum(1.0, np.ceil(asked.global_batch / (micro * data))), zero)
    return layout.pick(legal)


def _copies(gpus: int, asked: Asked) -> list[int]:
    """Numbers of copies, each on so many GPUs: powers of two, or as many as the GPUs asked for hold."""
    if asked.gpus is not None:
        most = asked.gpus // gpus
        return [most] if most and most * gpus >= NEAR * asked.gpus else []
    most = asked.max_gpus // gpus
    return [2**i for i in range(most.bit_length())] if most else []


def _piece(shape: Shape, setup: Setup, layout: Layout, index: int) -> tuple[Floats, ...]:
    """Columns of one tensor degree, sharding and recompute; of the two ends of a pipeline the fuller one."""
    net = network(shape, profile_key(setup))
    ends = stages(net, setup, layout)
    none = np.zeros_like(layout.data)
    tables = [_table(stage, none) for stage in ends]
    first, last = tables[0], tables[-1]
    fuller = first[:2].sum(axis=0) + first[2:].reshape(len(MOMENTS), len(PARTS), -1).sum(axis=1).max(axis=0) >= (
        last[:2].sum(axis=0) + last[2:].reshape(len(MOMENTS), len(PARTS), -1).sum(axis=1).max(axis=0)
    )
    table = np.where(fuller, first, last)
    return (
        none + setup.tensor_parallel,
        layout.pipeline,
        layout.data,
        layout.micro_batch,
        layout.micro_batches,
        layout.zero,
        none + index,
        none + setup.expert_parallel,
        table[0],
        table[1],
        table[2:].reshape(len(MOMENTS), len(PARTS), -1),
    )


def _table(stage: Stage, none: Floats) -> Floats:
    """Weights, optimizer, then the parts of each moment, as rows."""
    rows = [stage.weights, stage.optimizer]
    for name in MOMENTS:
        moment = next((moment for moment in stage.moments if moment.name == name), None)
        rows += [getattr(moment, part) if moment else none for part in PARTS]
    return np.array(np.broadcast_arrays(*rows, none)[:-1])
