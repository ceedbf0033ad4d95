"""Where the bars of the memory chart lie: from plans to rectangles in pixels. Pure, no Qt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from gpuplanner.engine.result import Estimate, MemoryPart, Plan, Status

FREE: Final = "free"
PARTS: Final = tuple(part.value for part in MemoryPart)
MOST_OVERFLOW: Final = 1.25  # a need beyond this multiple of the largest card is cut, else every other bar would shrink to a line
DEFAULT_ROWS: Final = 3
BAR_HEIGHT: Final = 24
ROW_PITCH: Final = 28
TOP: Final = 2  # the limit lines stand out of their bar by this


@dataclass(frozen=True, slots=True)
class Bar:
    """The memory of one GPU, in bytes; ``parts`` in the order they are drawn."""

    gpu_id: str
    parts: tuple[tuple[str, float], ...]
    usable_bytes: float
    limit_bytes: float

    @property
    def need_bytes(self) -> float:
        """What the load needs."""
        return sum(size for _, size in self.parts)

    @property
    def free_bytes(self) -> float:
        """What the load leaves; 0 when it needs more than there is."""
        return max(0.0, self.usable_bytes - self.need_bytes)

    @property
    def over(self) -> bool:
        """Whether the need is above what the serving engine lets itself use."""
        return self.need_bytes > self.limit_bytes

    def segments(self) -> Iterator[tuple[str, float]]:
        """Part and size in bytes, the free rest last."""
        yield from self.parts
        if self.free_bytes > 0:
            yield FREE, self.free_bytes


@dataclass(frozen=True, slots=True)
class Segment:
    """A rectangle of the chart: row, part, size in bytes, edges in pixels."""

    row: int
    gpu_id: str
    part: str
    size_bytes: float
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything to draw: segments, the stretch of each row beyond its card, the engine's limits; all in pixels."""

    segments: tuple[Segment, ...]
    overflows: tuple[tuple[int, float, float], ...]  # row, left, right
    limits: tuple[tuple[int, float], ...]  # row, x
    ends: tuple[tuple[int, float], ...]  # row, x of the card's last byte, where the need goes beyond it

    def at(self, row: int, x: float) -> Segment | None:
        """The segment under a point of a row."""
        return next((piece for piece in self.segments if piece.row == row and piece.left <= x < piece.right), None)


def bar_of(plan: Plan) -> Bar | None:
    """The bar of a plan; None when it has no memory to show."""
    if plan.memory is None:
        return None
    sizes = tuple((part.value, plan.memory.parts[part]) for part in MemoryPart if plan.memory.parts.get(part))
    return Bar(plan.gpu_id, sizes, plan.memory.usable_bytes, plan.memory.limit_bytes)


def shown_gpus(estimate: Estimate, selected: Sequence[str], rows: int = DEFAULT_ROWS) -> tuple[str, ...]:
    """Which GPUs to draw: the chosen one, then the selected ones, else the next best that can run.

    Args:
        estimate: the answer; its plans stand best first.
        selected: ids the user picked in the table, in his order.
        rows: how many bars there is place for.
    """
    drawable = [plan.gpu_id for plan in estimate.plans if plan.memory is not None]
    runs = [plan.gpu_id for plan in estimate.plans if plan.memory is not None and plan.status is not Status.IMPOSSIBLE]
    first = [estimate.chosen] if estimate.chosen in drawable else []
    picked = [gpu for gpu in selected if gpu in drawable and gpu not in first]
    rest = [gpu for gpu in (runs or drawable) if gpu not in first]
    return tuple(str(gpu) for gpu in [*first, *(picked or rest)][:rows])


def scale_bytes(bars: Sequence[Bar]) -> float:
    """The bytes that the full width stands for."""
    card = max((bar.usable_bytes for bar in bars), default=1.0)
    need = max((bar.need_bytes for bar in bars), default=1.0)
    return max(card, min(need, card * MOST_OVERFLOW), 1.0)


def place(bars: Sequence[Bar], width: float) -> Layout:
    """Lay the bars out on ``width`` pixels, all on one scale; edges are whole pixels, so that neighbours meet."""
    per_byte = width / scale_bytes(bars)
    segments: list[Segment] = []
    overflows: list[tuple[int, float, float]] = []
    limits: list[tuple[int, float]] = []
    ends: list[tuple[int, float]] = []
    for row, bar in enumerate(bars):
        segments.extend(_row(row, bar, per_byte, width))
        limits.append((row, round(bar.limit_bytes * per_byte)))
        if bar.need_bytes > bar.usable_bytes:
            card = float(round(bar.usable_bytes * per_byte))
            ends.append((row, card))
            overflows.append((row, card, float(min(width, round(bar.need_bytes * per_byte)))))
    return Layout(tuple(segments), tuple(overflows), tuple(limits), tuple(ends))


def _row(row: int, bar: Bar, per_byte: float, width: float) -> Iterator[Segment]:
    edges = [0.0]
    pieces = list(bar.segments())
    for _, size in pieces:
        edges.append(edges[-1] + size * per_byte)
    for (part, size), (left, right) in zip(pieces, pairwise(edges), strict=True):
        if min(width, round(right)) > round(left):
            yield Segment(row, bar.gpu_id, part, size, float(round(left)), float(min(width, round(right))))
