"""Latency against load: from the engine's curve to a picture, and to a table. No Qt."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.load.curve import Band as EngineBand
from gpuplanner.engine.load.curve import LoadCurve, LoadPoint
from gpuplanner.format import format_integer, format_number, format_rate, format_seconds
from gpuplanner.texts import text
from gpuplanner.ui.charts.picture import OWN, Band, Curve, Dot, Line, Picture, Rule, Stop, Zone, axis
from gpuplanner.ui.load.given import TIMES, Given
from gpuplanner.ui.load.scales import scaled, seconds

Floats = NDArray[np.float64]
QUIET: Final[dict[str, Line]] = {"p50": "dot", "p99": "dash"}
_ROOM: Final = 1.15  # how far beyond saturation the chart goes
_FAR: Final = 7.0  # nor further than so many times the load that matters
_STOPS: Final = 16


def loads(given: Given, curve: LoadCurve) -> Floats:
    """The load in the scenario's own unit."""
    return curve.rate if given.by_rate else curve.in_flight


def load_of(given: Given, point: LoadPoint) -> float:
    """A point of the load in the scenario's own unit."""
    if not given.by_rate:
        return point.in_flight
    return point.rate


def bands_of(curve: LoadCurve, figure: str) -> dict[str, EngineBand]:
    """The bands of a figure by percentile."""
    return dict({"ttft": curve.ttft, "tpot": curve.tpot, "e2e": curve.e2e}[figure])


def picture(given: Given, curve: LoadCurve, figure: str) -> Picture:
    """The chart of a figure ("ttft", "tpot", "e2e") at the scenario's percentile, quiet ones beside it."""
    bands, xs = bands_of(curve, figure), loads(given, curve)
    main, limit = bands[given.percentile], given.limit(figure)
    now = asked_now(given, curve)
    end = _end(given, curve, now)
    top = _top(given, curve, main, limit)
    factor, unit = seconds(top)
    across = axis(_axis_title(given), 0.0, end, lambda at: format_number(round(at, 9)), count=8)
    if not given.by_rate:
        across = axis(_axis_title(given), 0.0, end, format_integer, count=8, whole=True)
    curves = [
        Curve(key, _all(xs), _all(bands[key].value), "quiet", line, side="below" if key < given.percentile else "above")
        for key, line in QUIET.items()
        if key != given.percentile
    ]
    curves.append(Curve(given.percentile, _all(xs), _all(main.value), OWN, "solid", 2.0, "above", bold=True))
    rules = [Rule(limit, text("load.limit", limit=str(format_seconds(limit))), horizontal=True)] if limit else []
    here = float(np.interp(now, xs, main.value)) if now <= xs[-1] else math.inf
    if now <= across.high:
        said = text("load.now", value=str(format_seconds(here)) if math.isfinite(here) else "∞", load=format_number(now))
        rules.append(Rule(now, said, line="dash", height=min(1.0, here / top) if math.isfinite(here) else 1.0, bold=True))
    return Picture(
        across,
        axis(unit, 0.0, top, scaled(factor), count=4, worth=factor),
        tuple(curves),
        (Band(_all(xs), _all(main.low), _all(main.high)),),
        _zones(given, curve, across.high),
        tuple(rules),
        _dots(given, curve, main, now, here),
        stops=_stops(given, curve, figure, across.high),
    )


def asked_now(given: Given, curve: LoadCurve) -> float:
    """The scenario's load in its own unit; a rate beyond saturation too."""
    if given.by_rate and not math.isfinite(curve.now.in_flight):
        quantity = given.plan.figures.get("request_rate") if given.plan else None
        asked = quantity.value if quantity is not None and quantity.value else curve.now.rate
        return max(asked, curve.saturation.rate * 1.02)
    return load_of(given, curve.now)


def table(given: Given, curve: LoadCurve) -> list[list[str]]:
    """Every point of the curve, raw numbers in seconds."""
    head = [text("load.axis.in_flight"), text("load.axis.rate")]
    keys = [(figure, key) for figure in TIMES for key in bands_of(curve, figure)]
    for figure, key in keys:
        name = f"{text(f'load.figure.{figure}')} {key}"
        head += [f"{name}, s"] + (
            [f"{name}, {text(f'load.{end}')}, s" for end in ("low", "high")] if key == given.percentile else []
        )
    head.append(text("results.column.throughput.long") + ", tok/s")
    rows = [head]
    for place in range(len(curve.in_flight)):
        row = [f"{curve.in_flight[place]:.6g}", f"{curve.rate[place]:.6g}"]
        for figure, key in keys:
            band = bands_of(curve, figure)[key]
            row.append(f"{band.value[place]:.6g}")
            if key == given.percentile:
                row += [f"{band.low[place]:.6g}", f"{band.high[place]:.6g}"]
        rows.append([*row, f"{curve.throughput.value[place]:.6g}"])
    return rows


def _all(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _top(given: Given, curve: LoadCurve, main: EngineBand, limit: float | None) -> float:
    """The upper end: twice the target where there is one, and never less than what the load now takes."""
    now = min(asked_now(given, curve), float(loads(given, curve)[-1]))
    here = float(np.interp(now, loads(given, curve), main.value))
    held = float(np.interp(load_of(given, curve.saturation), loads(given, curve), main.value))
    least = 1.4 * float(main.value[0])
    if limit is None:
        return max(least, 1.6 * held)
    return max(least, min(2.0 * limit, max(1.5 * held, 1.2 * limit)), min(1.4 * here, 6.0 * limit))


def _end(given: Given, curve: LoadCurve, now: float) -> float:
    """The right end: beyond saturation and the present load, unless saturation lies far off."""
    full = load_of(given, curve.saturation)
    near = max(now, load_of(given, curve.knee) if curve.knee is not None else 0.0)
    return max(min(full * _ROOM, _FAR * near), min(now, 3 * full) * 1.05, 1.0 if not given.by_rate else 1e-9)


def _zones(given: Given, curve: LoadCurve, end: float) -> tuple[Zone, ...]:
    """Where targets no longer hold, and where no more gets through."""
    full = load_of(given, curve.saturation)
    breaks = load_of(given, curve.knee) if curve.knee is not None else 0.0
    zones = []
    if breaks < full * 0.995:
        said = text("load.zone.over", load=_short(given, breaks)) if breaks else text("load.zone.never")
        zones.append(Zone(breaks, min(full, end), "caution", (f"! {said.partition(' | ')[0]}", said.partition(" | ")[2])))
    if full >= end:
        return tuple(zones)
    said = text("load.zone.full", load=_short(given, full))
    zones.append(Zone(full, end, "bad", (f"✕ {said.partition(' | ')[0]}", said.partition(" | ")[2])))
    return tuple(zones)


def _dots(given: Given, curve: LoadCurve, main: EngineBand, now: float, here: float) -> tuple[Dot, ...]:
    dots = []
    if math.isfinite(here):
        dots.append(Dot(now, here, size=9))
    if curve.knee is not None and curve.limit != "saturation":
        x = load_of(given, curve.knee)
        dots.append(Dot(x, float(np.interp(x, loads(given, curve), main.value)), colour="caution", hollow=True, size=10))
    return tuple(dots)


def _stops(given: Given, curve: LoadCurve, figure: str, end: float) -> tuple[Stop, ...]:
    xs = loads(given, curve)
    main = bands_of(curve, figure)[given.percentile]
    inside = [place for place in range(len(xs)) if xs[place] <= end]
    if len(inside) > _STOPS:
        inside = inside[:: math.ceil(len(inside) / _STOPS)]
    return tuple(Stop(float(xs[place]), float(main.value[place]), said(given, curve, figure, main, place)) for place in inside)


def said(given: Given, curve: LoadCurve, figure: str, band: EngineBand, place: int) -> str:
    """A point of the curve in words."""
    return text(
        "load.point",
        load=given.load_text(float(loads(given, curve)[place])),
        figure=f"{text(f'load.figure.{figure}')} {given.percentile}",
        value=str(format_seconds(float(band.value[place]))),
        range=f"{format_seconds(float(band.low[place]))} – {format_seconds(float(band.high[place]))}",
        throughput=str(format_rate(float(curve.throughput.value[place]))),
    )


def _short(given: Given, load: float) -> str:
    return format_number(load) if given.by_rate else format_integer(math.floor(load + 1e-6))


def _axis_title(given: Given) -> str:
    return text("load.axis.rate" if given.by_rate else "load.axis.in_flight")
