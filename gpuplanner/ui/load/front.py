"""Throughput against latency: the best plans of all GPUs, layouts and precisions as a picture. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from gpuplanner.format import format_integer, format_money, format_number, format_rate, format_seconds
from gpuplanner.report.names import gpu_name
from gpuplanner.texts import text
from gpuplanner.ui.charts.picture import OWN, Cloud, Curve, Dot, Picture, Rule, Stop, axis
from gpuplanner.ui.load.given import Given
from gpuplanner.ui.load.scales import scaled, seconds

if TYPE_CHECKING:
    from gpuplanner.engine.planner.front import Front, FrontPoint

_LABELS: Final = 6
_CLOUD: Final = 1500
_ROOM: Final = 1.5  # latencies far beyond the front and the target are left out


def picture(given: Given, found: Front, figure: str) -> Picture | None:
    """Throughput per GPU against a latency ("ttft", "tpot", "e2e"); None where nothing runs.

    The best plans are points that can be picked; those off target hollow, the one in force ringed, all others small and grey.
    """
    if not found.points:
        return None
    limit, present = given.limit(figure), given.plan
    xs = [getattr(point, figure) for point in found.points]
    right = max([*xs, *([limit] if limit else [])]) * 1.05
    right = min(right, _ROOM * max(float(np.percentile(xs, 90)), limit or 0.0))
    here = _present(given, figure)
    if here is not None:
        right = max(right, 1.05 * here[0])
    top = max([point.throughput_per_gpu for point in found.points] + ([here[1]] if here else [])) * 1.08
    factor, unit = seconds(right)
    across = axis(
        f"{text(f'load.figure.{figure}')} {given.percentile}, {unit}",
        0.0,
        right,
        scaled(factor),
        count=6,
        exact=True,
        worth=factor,
    )
    up = axis(text("load.axis.per_gpu"), 0.0, top, format_number, count=4)
    shown = [(place, point) for place, point in enumerate(found.points) if getattr(point, figure) <= right]
    named = _named([point for _, point in shown], figure)
    dots = [
        Dot(
            getattr(point, figure),
            point.throughput_per_gpu,
            str(place),
            name(given, point) if point in named else "",
            said(given, point),
            OWN,
            hollow=_misses(point, figure, limit),
            size=7,
        )
        for place, point in shown
    ]
    stops = [Stop(dot.x, dot.y, dot.said, dot.key) for dot in dots]
    if here is not None and present is not None:
        words = text("load.front.present", plan=_present_name(given))
        dots.append(Dot(here[0], here[1], name=words, colour="text", ringed=True, size=6))
    rules = (Rule(limit, text("load.limit", limit=str(format_seconds(limit)))),) if limit and limit <= right else ()
    return Picture(
        across, up, _envelope(found, figure, right), rules=rules, dots=tuple(dots), clouds=_cloud(found, figure, right, top),
        stops=tuple(stops), by_x=False,
    )  # fmt: skip


def name(given: Given, point: FrontPoint) -> str:
    """A plan in short: "8 × H200 141 GB"."""
    return f"{format_integer(point.gpus)} × {gpu_name(point.gpu_id, given.catalog)}"


def said(given: Given, point: FrontPoint) -> str:
    """A plan with all its figures, in words."""
    cost = "" if point.cost is None else str(format_money(point.cost, given.scenario.money.currency))
    cut = f"TP {point.tensor_parallel}" + (f" PP {point.pipeline_parallel}" if point.pipeline_parallel > 1 else "")
    return text(
        "load.front.point",
        plan=f"{format_integer(point.gpus)} × {gpu_name(point.gpu_id, given.catalog)}, {cut}, {_precision(given, point)}",
        ttft=str(format_seconds(point.ttft)),
        tpot=str(format_seconds(point.tpot)),
        rate=str(format_rate(point.throughput_per_gpu)),
        cost=cost or text("unit.unknown"),
    )


def table(given: Given, found: Front) -> list[list[str]]:
    """The best plans, raw numbers."""
    keys = ("gpu", "precision", "tp", "pp", "batch", "replicas", "gpus", "servers", "ttft", "tpot", "e2e", "per_gpu", "cost")
    rows = [[text(f"load.column.{key}", currency=given.scenario.money.currency) for key in keys]]
    for point in found.points:
        numbers = (point.ttft, point.tpot, point.e2e, point.throughput_per_gpu)
        counts = (point.tensor_parallel, point.pipeline_parallel, point.batch, point.replicas, point.gpus, point.servers)
        rows.append(
            [gpu_name(point.gpu_id, given.catalog), _precision(given, point), *(str(count) for count in counts)]
            + [f"{number:.6g}" for number in numbers]
            + ["" if point.cost is None else f"{point.cost:.0f}"]
        )
    return rows


def _precision(given: Given, point: FrontPoint) -> str:
    known = given.catalog.precisions.get(point.precision)
    return known.name if known is not None else point.precision


def _present(given: Given, figure: str) -> tuple[float, float] | None:
    """Where the plan in force stands."""
    plan = given.plan
    if plan is None or plan.figures.get(figure) is None or plan.figures.get("throughput") is None:
        return None
    x, rate = plan.figures[figure].value, plan.figures["throughput"].value
    used = plan.gpus_per_replica * plan.replicas
    return (x, rate / used) if x is not None and rate is not None and used else None


def _present_name(given: Given) -> str:
    plan = given.plan
    assert plan is not None
    return f"{format_integer(plan.gpus)} × {gpu_name(plan.gpu_id, given.catalog)}"


def _misses(point: FrontPoint, figure: str, limit: float | None) -> bool:
    return not point.meets or (limit is not None and getattr(point, figure) > limit)


def _named(points: list[FrontPoint], figure: str) -> list[FrontPoint]:
    """The plans worth a label: the upper edge of the front, spread over its latencies."""
    edge, best = [], 0.0
    for point in sorted(points, key=lambda point: getattr(point, figure)):
        if point.throughput_per_gpu > best:
            best = point.throughput_per_gpu
            edge.append(point)
    named: list[FrontPoint] = []
    for point in reversed(edge):
        if not named or named[-1].throughput_per_gpu - point.throughput_per_gpu >= best / _LABELS:
            named.append(point)
    return named


def _envelope(found: Front, figure: str, right: float) -> tuple[Curve, ...]:
    """The upper edge: as much throughput as there is within a latency."""
    xs, ys, best = [], [], 0.0
    for point in sorted(found.points, key=lambda point: getattr(point, figure)):
        x = getattr(point, figure)
        if point.throughput_per_gpu > best and x <= right:
            best = point.throughput_per_gpu
            xs.append(x)
            ys.append(best)
    return (Curve("", tuple(xs), tuple(ys)),) if len(xs) > 1 else ()


def _cloud(found: Front, figure: str, right: float, top: float) -> tuple[Cloud, ...]:
    if found.cloud is None:
        return ()
    xs, ys = np.asarray(getattr(found.cloud, figure)), np.asarray(found.cloud.per_gpu)
    inside = np.flatnonzero((xs <= right) & (ys <= top))
    inside = inside[:: max(1, -(-len(inside) // _CLOUD))]
    return (Cloud(tuple(xs[inside].tolist()), tuple(ys[inside].tolist())),)
