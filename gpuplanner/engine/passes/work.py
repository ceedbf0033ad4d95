"""What one pass of a model computes and moves, operator by operator, for one sample."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.architecture.operator import Operator, Part, Runs

Floats = NDArray[np.float64]

MATRIX: Final = 0
CONVOLUTION: Final = 1
SCORES: Final = 2
WRITTEN_SCORES: Final = 4.0  # a kernel writes them, the softmax reads and writes them, a kernel reads them
_FORMS: Final = 6


@dataclass(frozen=True, slots=True)
class Extent:
    """The size of one sample, in what a network counts.

    ``tokens`` of the sequence, ``context`` tokens of the conditioning text, ``side`` the mean side of a map (pixels or latents)
    and ``depth`` its third dimension; ``frames`` of latents in a clip, of which each becomes up to ``frames_per_latent``
    where the map's scale passes ``smallest``.
    """

    tokens: float = 1.0
    context: float = 0.0
    side: float = 1.0
    depth: float = 1.0
    frames: float = 1.0
    frames_per_latent: float = 1.0
    smallest: float = 1.0
    written_scores: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """Operators of a stage, one array entry a kind of operator.

    ``form`` is one of the constants above; ``flops`` and ``moved`` (elements read and written) for one sample, ``weights`` in
    elements; ``depth`` the length of a product's sum, ``width`` the outputs of one group of a convolution, of scores
    the tokens that are looked at; ``count`` how often it runs.
    """

    form: NDArray[np.int64]
    flops: Floats
    moved: Floats
    weights: Floats
    depth: Floats
    width: Floats
    count: Floats

    @property
    def total_flops(self) -> float:
        """For one sample, over all operators."""
        return float((self.flops * self.count).sum())

    @property
    def longest_keys(self) -> float:
        """The most tokens that one looks at; 0 without attention."""
        return float(self.width[self.form == SCORES].max(initial=0.0))

    @property
    def kernels(self) -> float:
        """Operators that run."""
        return float(self.count.sum())


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a pass: its work, how often it ``repeats`` one after the other, ``samples`` at once for each item.

    ``quantised``: it runs in the precision asked for; else in 16 bit. Of a sample that several GPUs share, ``samples`` is a part.
    """

    name: str
    work: Work
    repeats: float = 1.0
    samples: float = 1.0
    quantised: bool = True


def work_of(operators: Iterable[Operator], extent: Extent) -> Work:
    """The work of these operators on a sample of this extent; equal ones are joined."""
    joined: dict[tuple[float, ...], float] = {}
    for operator in operators:
        for row in _rows(operator, extent):
            joined[row] = joined.get(row, 0.0) + operator.occurs
    return work_from(joined)


def work_from(joined: dict[tuple[float, ...], float]) -> Work:
    """Arrays of joined rows."""
    table = np.array(list(joined), dtype=float).reshape(-1, _FORMS)
    form, flops, moved, weights, depth, width = table.T
    return Work(form.astype(np.int64), flops, moved, weights, depth, width, np.array(list(joined.values()), dtype=float))


def attention_row(heads: int, head_dim: float, queries: float, keys: float, kv_width: float, written: bool) -> tuple[float, ...]:
    """One attention between tokens: scores and values.

    Args:
        heads: of the queries.
        head_dim: of queries and keys.
        queries: tokens that look.
        keys: tokens looked at.
        kv_width: elements of keys and values a token has.
        written: whether the scores pass through memory.
    """
    moved = 2 * heads * head_dim * queries + kv_width * keys + (WRITTEN_SCORES * heads * queries * keys if written else 0.0)
    return (SCORES, 4.0 * heads * head_dim * queries * keys, moved, 0.0, float(head_dim), float(keys))


def _rows(operator: Operator, extent: Extent) -> Iterator[tuple[float, ...]]:
    if operator.heads and not operator.params:
        yield _scores(operator, extent)
    elif operator.kernel is not None:
        yield _convolution(operator, extent)
    elif operator.rows_in and operator.cols_out and operator.part is not Part.EMBEDDING:
        rows = _tokens(operator, extent)
        if rows > 0:
            flops = 2.0 * operator.rows_in * operator.cols_out * operator.active * rows
            moved = (operator.rows_in + operator.cols_out) * operator.active * rows
            weights = float(operator.rows_in * operator.cols_out * operator.copies)
            yield (MATRIX, flops, moved, weights, float(operator.rows_in), float(operator.cols_out))


def _tokens(operator: Operator, extent: Extent) -> float:
    match operator.runs:
        case Runs.ONCE:
            return 1.0
        case Runs.CONTEXT:
            return extent.context
        case Runs.TOKEN:
            # the second half of a joint transformer has text and image in one stream
            tokens = extent.tokens + (extent.context if ".single." in f".{operator.name}." else 0.0)
            return tokens * operator.scale * _frames(operator, extent)


def _frames(operator: Operator, extent: Extent) -> float:
    if extent.frames <= 1:
        return 1.0
    return extent.frames * min(extent.frames_per_latent, max(1.0, _side_scale(operator) / extent.smallest))


def _side_scale(operator: Operator) -> float:
    return operator.scale if operator.kernel is not None else float(operator.scale**0.5)


def _convolution(operator: Operator, extent: Extent) -> tuple[float, ...]:
    kernel = operator.kernel
    assert kernel is not None
    positions = _positions(operator, extent)
    groups = kernel.groups
    strides = prod(kernel.stride) ** (len(kernel.size) if len(kernel.stride) == 1 else 1)
    channels_in = operator.rows_in * groups / prod(kernel.size)
    moved = channels_in * positions * strides + operator.cols_out * positions
    flops = 2.0 * operator.rows_in * operator.cols_out * positions
    weights = float(operator.rows_in * operator.cols_out)
    return (CONVOLUTION, flops, moved, weights, float(operator.rows_in), operator.cols_out / groups)


def _positions(operator: Operator, extent: Extent) -> float:
    """Output values of one channel."""
    assert operator.kernel is not None
    scale, dimensions = operator.scale, len(operator.kernel.size)
    if extent.side <= 1:
        return extent.tokens  # patches become tokens
    if dimensions == 1:
        return max(1.0, extent.side * scale)
    flat = max(1.0, (extent.side * scale) ** 2)
    if extent.depth > 1 and dimensions == 3:
        return flat * max(1.0, extent.depth * scale)
    return flat * _frames(operator, extent)


def _scores(operator: Operator, extent: Extent) -> tuple[float, ...]:
    head_dim = operator.rows_in
    frames = _frames(operator, extent) if extent.smallest < 1 else 1.0  # an autoencoder attends within a frame
    text_asks = "text.attention" in operator.name
    single = extent.context if ".single." in f".{operator.name}" else 0.0
    queries = extent.context if text_asks else extent.tokens * operator.scale + single
    keys = extent.tokens * operator.scale + single + (extent.context if operator.joint else 0.0)
    if operator.runs is Runs.CONTEXT:
        keys = extent.context
    if operator.window is not None:
        keys = min(keys, float(operator.window))
    row = attention_row(operator.heads, head_dim, queries, keys, 2 * operator.heads * head_dim, extent.written_scores)
    return (row[0], row[1] * frames, row[2] * frames, *row[3:])
