"""Where the parts of a training step lie over its course: from moments to areas in pixels. Pure, no Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gpuplanner.engine.result import MemoryPart, Moment, Plan

#: Share of the width that each moment has; how long they take isn't known, a backward pass is about twice a forward pass.
WIDTHS: Final = {"forward": 0.3, "loss": 0.1, "backward": 0.44, "optimizer": 0.16}


@dataclass(frozen=True, slots=True)
class Span:
    """One moment's stretch of the course, in pixels."""

    moment: Moment
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Area:
    """A part over the course: the corners of its upper and of its lower edge, left to right, in pixels."""

    part: str
    upper: tuple[tuple[float, float], ...]
    lower: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Course:
    """Everything to draw: areas from the bottom up, the moments' stretches, the peak."""

    areas: tuple[Area, ...]
    spans: tuple[Span, ...]
    peak: str

    def at(self, x: float) -> Span | None:
        """The moment at a place."""
        return next((span for span in self.spans if span.left <= x < span.right), None)


def moments_of(plan: Plan | None) -> tuple[Moment, ...]:
    """The moments of a plan's step; none where it doesn't train."""
    return plan.memory.moments if plan is not None and plan.memory is not None else ()


def course(moments: Sequence[Moment], width: float, height: float) -> Course:
    """Lay a step out.

    The forward pass starts without activations and ends with its moment; the backward pass starts with its moment and ends
    with the gradients of the optimizer's. What lies there in between isn't known, and drawn as a straight line.

    Args:
        moments: in the order of a step.
        width: pixels from its start to its end.
        height: pixels that the peak has.
    """
    if not moments:
        return Course((), (), "")
    spans = _spans(moments, width)
    worst = max(moments, key=lambda moment: moment.need_bytes)
    per_byte = height / worst.need_bytes
    points = _points(spans)
    edges = [[height] * len(points)]
    areas = []
    for part in MemoryPart:
        if not any(parts.get(part) for _, parts in points):
            continue
        below = edges[-1]
        above = [y - parts.get(part, 0.0) * per_byte for y, (_, parts) in zip(below, points, strict=True)]
        edges.append(above)
        xs = [x for x, _ in points]
        areas.append(Area(part.value, tuple(zip(xs, above, strict=True)), tuple(zip(xs, below, strict=True))))
    return Course(tuple(areas), spans, worst.name)


def _spans(moments: Sequence[Moment], width: float) -> tuple[Span, ...]:
    whole = sum(WIDTHS.get(moment.name, 0.25) for moment in moments)
    spans, x = [], 0.0
    for moment in moments:
        wide = width * WIDTHS.get(moment.name, 0.25) / whole
        spans.append(Span(moment, x, x + wide))
        x += wide
    return tuple(spans)


def _points(spans: Sequence[Span]) -> list[tuple[float, Mapping[MemoryPart, float]]]:
    """What lies there at the corners of the course."""
    points: list[tuple[float, Mapping[MemoryPart, float]]] = []
    last = spans[-1].moment
    for span in spans:
        parts = span.moment.parts
        at_start = {**parts, MemoryPart.ACTIVATIONS: 0.0} if span.moment.name == "forward" else parts
        at_end = last.parts if span.moment.name == "backward" else parts
        points += [(span.left, at_start), (span.right, at_end)]
    return points
