"""What a chart shows, as data: axes, curves, bands, zones, rules, dots, bars and words. Pure, no Qt.

Colours are names of the palette ("chart_own", "quiet", "caution" …), so that a picture outlives a change of theme.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Line = Literal["solid", "dash", "dot"]
Side = Literal["above", "below", "right"]
OWN: Final = "chart_own"


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: what it is called, from where to where, and the numbers written along it."""

    title: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...] = ()
    log: bool = False

    def share(self, value: float) -> float:
        """Where a value lies, 0 at the low end and 1 at the high one."""
        if self.log:
            low, high, value = math.log10(self.low), math.log10(self.high), math.log10(max(value, 1e-300))
        else:
            low, high = self.low, self.high
        return (value - low) / (high - low) if high > low else 0.0


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through points. ``name`` stands at its end, behind it ("right"), or along it, above or below."""

    name: str
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    colour: str = OWN
    line: Line = "solid"
    width: float = 1.0
    side: Side | None = None
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """A range around a curve."""

    xs: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    colour: str = OWN


@dataclass(frozen=True, slots=True)
class Zone:
    """A stretch of the horizontal axis; ``state`` "caution" or "bad", ``lines`` say what it is."""

    left: float
    right: float
    state: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line across the chart at a value: a target, the present load, a percentile."""

    value: float
    name: str
    horizontal: bool = False
    colour: str = "text"
    line: Line = "solid"
    bold: bool = False
    height: float = 1.0  # share of the chart that a vertical one takes, from the bottom


@dataclass(frozen=True, slots=True)
class Dot:
    """A point. ``key`` is what a click picks; hollow ones miss a target, ringed ones are in force."""

    x: float
    y: float
    key: str = ""
    name: str = ""
    said: str = ""
    colour: str = OWN
    hollow: bool = False
    ringed: bool = False
    size: float = 8.0


@dataclass(frozen=True, slots=True)
class Cloud:
    """Many small points that can't be picked."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    colour: str = "faint"


@dataclass(frozen=True, slots=True)
class Bin:
    """A bar of a histogram."""

    left: float
    right: float
    height: float
    colour: str = OWN


@dataclass(frozen=True, slots=True)
class Stop:
    """A place that the pointer and the arrow keys find; ``said`` is read out and shown."""

    x: float
    y: float
    said: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A whole chart. ``by_x``: the pointer finds the stop nearest along the horizontal axis, not in the plane."""

    x: Axis
    y: Axis
    curves: tuple[Curve, ...] = ()
    bands: tuple[Band, ...] = ()
    zones: tuple[Zone, ...] = ()
    rules: tuple[Rule, ...] = ()
    dots: tuple[Dot, ...] = ()
    clouds: tuple[Cloud, ...] = ()
    bins: tuple[Bin, ...] = ()
    stops: tuple[Stop, ...] = ()
    by_x: bool = True
    notes: tuple[str, ...] = ()  # words in the upper right corner
    notes_colour: str = "good"

    def spoken(self) -> str:
        """All stops in words."""
        return "\n".join(stop.said for stop in self.stops)


def axis(
    title: str,
    low: float,
    high: float,
    write: Callable[[float], str],
    *,
    log: bool = False,
    count: int = 6,
    whole: bool = False,
    exact: bool = False,
    worth: float = 1.0,
) -> Axis:
    """An axis with round numbers along it.

    Args:
        title: with the unit.
        low: of the values shown.
        high: of the values shown; a linear axis ends at the next round number.
        write: makes a number into words.
        log: by powers.
        count: about so many numbers.
        whole: no numbers between whole ones.
        exact: the axis ends where the values do.
        worth: how much one of the unit that is written is, for the numbers to be round in it.
    """
    if log:
        low, high = max(low, 1e-12), max(high, low * 1.001, 1e-12)
        ticks = [at * worth for at in _powers(low / worth, high / worth, count)]
        return Axis(title, low, high, tuple((at, write(at)) for at in ticks), log=True)
    high = high if high > low else low + worth
    step = _round_step((high - low) / worth / max(1, count)) * worth
    if whole:
        step = max(1.0, step)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = [float(f"{place * step:.12g}") for place in range(first, last + 1)]
    if exact:
        ticks = [at for at in ticks if low - 1e-9 <= at <= high * (1 + 1e-9)]
        return Axis(title, low, high, tuple((at, write(at)) for at in ticks))
    return Axis(title, ticks[0], ticks[-1], tuple((at, write(at)) for at in ticks))


def _round_step(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next((power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= step * (1 - 1e-9)), power * 10)


def _powers(low: float, high: float, count: int) -> Sequence[float]:
    """Round numbers between two ends of a logarithmic axis: 1, 2, 5, 10 …, or powers of ten where there are many."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for factors in ((1, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
        found = [factor * 10.0**power for power in range(first, last + 1) for factor in factors]
        found = [at for at in found if low * (1 - 1e-9) <= at <= high * (1 + 1e-9)]
        if len(found) <= count + 2:
            return found
    every = math.ceil(len(found) / max(1, count))
    return found[::every]
