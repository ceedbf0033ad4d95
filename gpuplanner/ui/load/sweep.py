"""What if: one input swept over a figure, as a picture and as a table. No Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gpuplanner.engine.result import Plan, Quantity, Unit
from gpuplanner.format import format_integer
from gpuplanner.report.names import gpu_name
from gpuplanner.scenario.document import Scenario, get
from gpuplanner.scenario.fields import limits
from gpuplanner.texts import has, text
from gpuplanner.ui.charts.picture import OWN, Band, Curve, Dot, Picture, Rule, Stop, axis
from gpuplanner.ui.load.given import Given
from gpuplanner.ui.load.scales import field_scale, field_text, figure_text, scale_of
from gpuplanner.ui.results.figures import label

if TYPE_CHECKING:
    from gpuplanner.engine.planner.sweep import Sweep

POINTS: Final = 25
_LOG_FROM: Final = 6.0  # axes are by powers where the ends differ by so many times


def figures_of(given: Given) -> tuple[str, ...]:
    """Figures that can be drawn: all that the plan has, and the number of GPUs."""
    plan = given.plan
    known = [key for key in plan.figures if has(f"results.figure.{key}")] if plan is not None else []
    return tuple(dict.fromkeys(("gpus", *known)))


def figure_name(key: str, scenario: Scenario, *, short: bool = False) -> str:
    """What a figure is called; those that only the lengths have are called as there."""
    own = f"load.lengths.{key}{'' if short else '.long'}"
    if has(own) and not has(f"results.figure.{key}"):
        return text(own)
    return label(key, scenario, short=short)


def picture(given: Given, found: Sweep, figure: str, byte_unit: str = "GB", *, doubling: bool = False) -> Picture | None:
    """A figure against an input, ``doubling`` one swept in powers of two; None where nothing runs."""
    cells = found.columns[figure]
    known = [(x, cell) for x, cell in zip(found.values, cells, strict=True) if cell is not None and cell.value is not None]
    if not known:
        return None
    currency = given.scenario.money.currency
    unit, limit = known[0][1].unit, given.limit(figure)
    values = [cell.value or 0.0 for _, cell in known]
    top = 1.12 * max([*values, *([limit] if limit and limit < 3 * max(values) else [])])
    bounds = [cell.high for _, cell in known if cell.high is not None]
    top = max(top, min(max(bounds, default=0.0), 1.6 * max(values)), 1e-12)
    low, high = min(found.values), max(found.values)
    if doubling:
        low, high = known[0][0], max(known[-1][0], known[0][0] * 1.01)
    log = low > 0 and high / low >= _LOG_FROM
    sideways, upward = field_scale(found.path, given.scenario, high), scale_of(unit, top, currency, byte_unit)
    name = text(f"field.{found.path}")
    across = axis(sideways.title(name), low, high, sideways.write, log=log, count=9, exact=True, worth=sideways.worth)
    if doubling:
        powers = [x for x, _ in known if math.log2(x).is_integer()]
        across = replace(across, ticks=tuple((x, sideways.write(x)) for x in powers))
    return Picture(
        across,
        axis(upward.unit, 0.0, top, upward.write, count=4, whole=unit is Unit.COUNT, worth=upward.worth),
        _curves(found.values, cells),
        _bands(found.values, cells),
        rules=tuple(_rules(given, found.path, low, high, limit if limit and limit <= top else None, byte_unit)),
        dots=tuple(Dot(x, cell.value or 0.0, size=4) for x, cell in known),
        stops=tuple(
            Stop(x, cell.value or 0.0, _said(given, found.path, x, figure, cell, plan, byte_unit))
            for x, cell, plan in zip(found.values, cells, found.plans, strict=True)
            if cell is not None and cell.value is not None
        ),
    )


def table(given: Given, found: Sweep, figure: str) -> list[list[str]]:
    """Raw numbers: the input, the figure with its range, the GPUs."""
    unit = next((cell.unit.value for cell in found.columns[figure] if cell is not None), "")
    unit = given.scenario.money.currency if unit == "money" else "" if unit == "1" else unit
    name = figure_name(figure, given.scenario) + (f", {unit}" if unit else "")
    rows = [
        [
            text(f"field.{found.path}"),
            name,
            f"{name}, {text('load.low')}",
            f"{name}, {text('load.high')}",
            figure_name("gpus", given.scenario),
        ]
    ]
    for x, cell, plan in zip(found.values, found.columns[figure], found.plans, strict=True):
        numbers = [_raw(getattr(cell, end, None)) for end in ("value", "low", "high")]
        rows.append([f"{x:.6g}", *numbers, "" if plan is None else str(plan.gpus)])
    return rows


def spread(path: str, low: float, high: float, count: int = POINTS) -> tuple[float, ...]:
    """Values from one end to the other: by equal ratios where the ends lie far apart, whole where the field is."""
    if low > 0 and high / low >= _LOG_FROM:
        steps = [low * (high / low) ** (place / (count - 1)) for place in range(count)]
    else:
        steps = [low + (high - low) * place / (count - 1) for place in range(count)]
    if limits(path).whole:
        steps = [float(round(step)) for step in steps]
    return tuple(sorted({float(f"{step:.10g}") for step in steps}))


def usual_range(scenario: Scenario, path: str) -> tuple[float, float]:
    """Where a sweep of a field starts and ends until somebody says otherwise."""
    from gpuplanner.engine.planner.sweep import default_values

    values = default_values(scenario, path)
    return values[0], values[-1]


def _raw(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _curves(xs: Sequence[float], cells: Sequence[Quantity | None]) -> tuple[Curve, ...]:
    """The expected figure; broken where nothing runs."""
    ys = tuple(math.nan if cell is None or cell.value is None else cell.value for cell in cells)
    return (Curve("", tuple(xs), ys, OWN, "solid", 2.0),)


def _bands(xs: Sequence[float], cells: Sequence[Quantity | None]) -> tuple[Band, ...]:
    """Runs of neighbouring points that have a range."""
    bands, run = [], []
    for x, cell in [*zip(xs, cells, strict=True), (math.nan, None)]:
        if cell is not None and cell.low is not None and cell.high is not None and cell.low < cell.high:
            run.append((x, cell.low, cell.high))
        elif run:
            if len(run) > 1:
                bands.append(
                    Band(tuple(x for x, _, _ in run), tuple(low for _, low, _ in run), tuple(high for _, _, high in run))
                )
            run = []
    return tuple(bands)


def _rules(given: Given, path: str, low: float, high: float, limit: float | None, byte_unit: str) -> list[Rule]:
    rules = []
    if limit is not None:
        said, _ = figure_text(Quantity("", limit, Unit.SECONDS), given.scenario.money.currency, byte_unit)
        rules.append(Rule(limit, text("load.limit", limit=said), horizontal=True))
    now = get(given.scenario, path)
    if now is not None and low <= float(now) <= high:
        rules.append(Rule(float(now), text("load.sweep.now", value=field_text(path, float(now))), line="dash", bold=True))
    return rules


def _said(given: Given, path: str, x: float, figure: str, cell: Quantity, plan: Plan | None, byte_unit: str) -> str:
    result, span = figure_text(cell, given.scenario.money.currency, byte_unit)
    key = "load.sweep.point.range" if span else "load.sweep.point"
    words = text(
        key,
        field=text(f"field.{path}"),
        value=field_text(path, x),
        figure=figure_name(figure, given.scenario),
        result=result,
        range=span,
    )
    if plan is None or figure == "gpus":
        return words
    return f"{words} · {format_integer(plan.gpus)} × {gpu_name(plan.gpu_id, given.catalog)}"
