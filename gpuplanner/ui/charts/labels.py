"""Words upon a plot: where each stands so that none covers another."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QFontMetricsF

from gpuplanner.ui.charts.picture import Curve, Dot, Picture

_OFF = 6.0
_STEEP = 1.5


@dataclass(frozen=True, slots=True)
class Label:
    """A text and its place in pixels of the plot."""

    text: str
    box: QRectF
    colour: str
    bold: bool = False
    ground: bool = False


@dataclass(frozen=True, slots=True)
class _Wish:
    """A text, and where its upper left corner might be, the best place first."""

    text: str
    colour: str
    bold: bool
    places: tuple[QPointF, ...]
    size: tuple[float, float]
    ground: bool = False


class Writer:
    """Lays out the words of pictures in one font."""

    def __init__(self, font: QFont) -> None:
        """Words in ``font``."""
        self.font = font
        self.bold = QFont(font)
        self.bold.setBold(True)
        self._metrics = {False: QFontMetricsF(font), True: QFontMetricsF(self.bold)}

    def labels(self, picture: Picture, area: QRectF) -> list[Label]:
        """The words that find a place within ``area``, the most important ones first; the others are left out."""
        placed: list[Label] = []
        taken = [_around(picture, dot, area) for dot in picture.dots]
        for rule in picture.rules:
            if not rule.horizontal:
                x = area.left() + picture.x.share(rule.value) * area.width()
                taken.append(QRectF(x - 0.5, area.bottom() - rule.height * area.height(), 1, rule.height * area.height()))
        for wish in self._wishes(picture, area):
            for place in wish.places:
                box = QRectF(place.x(), place.y(), *wish.size)
                if area.contains(box) and not any(box.intersects(other) for other in taken):
                    placed.append(Label(wish.text, box, wish.colour, wish.bold, wish.ground))
                    taken.append(box.adjusted(-2, 0, 2, 0))
                    break
        return placed

    def _wishes(self, picture: Picture, area: QRectF) -> Iterator[_Wish]:
        yield from self._notes(picture, area)
        yield from self._rules(picture, area, bold=True)
        yield from self._zones(picture, area)
        yield from self._rules(picture, area, bold=False)
        yield from self._curves(picture, area)
        yield from self._dots(picture, area)

    def _notes(self, picture: Picture, area: QRectF) -> Iterator[_Wish]:
        if picture.notes:
            said = "\n".join(picture.notes)
            wide, _ = self._size(said, bold=True)
            yield self._wish(said, picture.notes_colour, [QPointF(area.right() - wide - 3, area.top() + 2)], bold=True)

    def _zones(self, picture: Picture, area: QRectF) -> Iterator[_Wish]:
        for zone in picture.zones:
            left, right = (area.left() + picture.x.share(at) * area.width() for at in (zone.left, zone.right))
            said = "\n".join(line for line in zone.lines if line)
            wide, high = self._size(said, bold=True)
            xs = [left + 5] if wide + 8 <= right - left else [left - wide - 5, left + 5]
            tops = [area.bottom() - 4 - high - step * high / 2 for step in range(12)]
            yield self._wish(said, zone.state, [QPointF(x, y) for y in tops for x in xs], bold=True)

    def _rules(self, picture: Picture, area: QRectF, *, bold: bool) -> Iterator[_Wish]:
        for rule in picture.rules:
            if not rule.name or rule.bold is not bold:
                continue
            wide, high = self._size(rule.name, bold=rule.bold)
            if rule.horizontal:
                y = area.bottom() - picture.y.share(rule.value) * area.height()
                places = [QPointF(area.right() - wide - 3, y - high - 1), QPointF(area.right() - wide - 3, y + 1)]
                places += [QPointF(area.left() + 3, y - high - 1)]
            else:
                x = area.left() + picture.x.share(rule.value) * area.width()
                top = area.bottom() - rule.height * area.height()
                steps = [top + 1 + high * step for step in (*range(12), *range(-1, -12, -1))]
                places = [QPointF(at, y) for y in steps for at in (x + _OFF, x - wide - _OFF)]
            yield self._wish(rule.name, rule.colour, places, bold=rule.bold)

    def _curves(self, picture: Picture, area: QRectF) -> Iterator[_Wish]:
        for curve in sorted(picture.curves, key=_height):
            spots = _along(picture, curve, area)
            if not curve.name or not (spots or curve.side == "right"):
                continue
            wide, high = self._size(curve.name, bold=curve.bold)
            if curve.side == "right":
                places = _behind(picture, curve, area, (wide, high))
            elif curve.side is None:
                end = spots[-1]
                places = [QPointF(end.x() - wide - 3, end.y() - high - 2), QPointF(end.x() - wide - 3, end.y() + 3)]
            else:
                down = -high - 1 if curve.side == "above" else 2
                order = sorted(range(len(spots)), key=lambda place: abs(place - 0.62 * len(spots)))
                places = [QPointF(spots[place].x() - wide / 2, spots[place].y() + down) for place in order]
            yield self._wish(curve.name, curve.colour, places, bold=curve.bold)

    def _dots(self, picture: Picture, area: QRectF) -> Iterator[_Wish]:
        for dot in sorted(picture.dots, key=lambda dot: not dot.ringed):
            if not dot.name:
                continue
            wide, high = self._size(dot.name, bold=dot.ringed)
            x = area.left() + picture.x.share(dot.x) * area.width()
            y = area.bottom() - picture.y.share(dot.y) * area.height()
            off = _OFF + 5 * dot.ringed
            places = [QPointF(x - wide - off, y - high - 2 - up * high) for up in (0, 0.6, 1.2)]
            places += [
                QPointF(x + off, y - high / 2),
                QPointF(x + off, y + 2),
                QPointF(x - wide - off, y - high / 2),
                QPointF(x - wide / 2, y - high - off),
                QPointF(x - wide - 4 * off, y - high - 2),
                QPointF(x + off, y - high - 2),
                QPointF(x - wide - off, y + 2),
                QPointF(x - wide / 2, y + off),
            ]
            yield self._wish(dot.name, "text", places, bold=dot.ringed, ground=True)

    def _wish(self, text: str, colour: str, places: list[QPointF], *, bold: bool, ground: bool = False) -> _Wish:
        return _Wish(text, colour, bold, tuple(places), self._size(text, bold=bold), ground)

    def _size(self, text: str, *, bold: bool = False) -> tuple[float, float]:
        metrics = self._metrics[bold]
        lines = text.split("\n")
        return max(metrics.horizontalAdvance(line) for line in lines) + 2, metrics.height() * len(lines)


def _along(picture: Picture, curve: Curve, area: QRectF) -> list[QPointF]:
    """Points of a curve that are seen, evenly spread over its width, in pixels."""
    seen = [
        (area.left() + picture.x.share(x) * area.width(), area.bottom() - picture.y.share(y) * area.height())
        for x, y in zip(curve.xs, curve.ys, strict=True)
        if y == y
    ]
    found: list[QPointF] = []
    for (left, start), (right, end) in pairwise(seen):
        gentle = right > left and abs(end - start) < _STEEP * (right - left)
        for x in range(round(left), round(right), 12) if gentle else ():
            y = start + (end - start) * (x - left) / (right - left)
            if area.contains(QPointF(x, y)) and (not found or x - found[-1].x() >= 10):
                found.append(QPointF(x, y))
    return found


def _height(curve: Curve) -> float:
    """Names behind curves are placed from below, so that they stand in the order of the curves."""
    return curve.ys[-1] if curve.side == "right" else -math.inf


def _behind(picture: Picture, curve: Curve, area: QRectF, size: tuple[float, float]) -> list[QPointF]:
    """Behind the end of a curve, a little lower or higher where another name stands; before it where there is no room."""
    wide, high = size
    x = area.left() + picture.x.share(curve.xs[-1]) * area.width()
    y = area.bottom() - picture.y.share(curve.ys[-1]) * area.height()
    steps = sorted((step / 4 for step in range(-16, 17)), key=abs)
    behind = [QPointF(x + _OFF, y - high / 2 + step * high) for step in steps]
    return [*behind, QPointF(x - wide - 3, y - high - 2), QPointF(x - wide - 3, y + 3)]


def _around(picture: Picture, dot: Dot, area: QRectF) -> QRectF:
    x = area.left() + picture.x.share(dot.x) * area.width()
    y = area.bottom() - picture.y.share(dot.y) * area.height()
    reach = dot.size / 2 + 2
    return QRectF(x - reach, y - reach, 2 * reach, 2 * reach)
