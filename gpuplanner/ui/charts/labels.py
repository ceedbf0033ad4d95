"""Words upon a plot: where each stands so that none covers another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QFontMetricsF

from gpuplanner.ui.charts.picture import Picture

_OFF = 6.0
_TALL = 1.0


@dataclass(frozen=True, slots=True)
class Label:
    """A text and its place in pixels of the plot."""

    text: str
    box: QRectF
    colour: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class _Wish:
    """A text, and where its upper left corner might be, the best place first."""

    text: str
    colour: str
    bold: bool
    places: tuple[QPointF, ...]
    size: tuple[float, float]


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
        taken: list[QRectF] = []
        for wish in self._wishes(picture, area):
            for place in wish.places:
                box = QRectF(place.x(), place.y(), *wish.size)
                if area.contains(box) and not any(box.intersects(other) for other in taken):
                    placed.append(Label(wish.text, box, wish.colour, wish.bold))
                    taken.append(box.adjusted(-2, 0, 2, 0))
                    break
        return placed

    def _wishes(self, picture: Picture, area: QRectF) -> Iterator[_Wish]:
        yield from self._zones(picture, area)
        yield from self._rules(picture, area)
        yield from self._curves(picture, area)
        yield from self._dots(picture, area)

    def _zones(self, picture: Picture, area: QRectF) -> Iterator[_Wish]:
        for zone in picture.zones:
            left, right = (area.left() + picture.x.share(at) * area.width() for at in (zone.left, zone.right))
            wide = max((self._size(line, bold=True)[0] for line in zone.lines), default=0.0)
            x = left + 5 if wide + 8 <= right - left else max(area.left() + 2, left - wide - 5)
            high = self._size("0")[1]
            for down in (0, 1, 2, 3):
                top = area.bottom() - 6 - high * (len(zone.lines) + 2.2 * down)
                wishes = [
                    self._wish(line, zone.state, [QPointF(x, top + high * row)], bold=True) for row, line in enumerate(zone.lines)
                ]
                if down == 0 or zone is not picture.zones[0]:
                    yield from wishes
                    break

    def _rules(self, picture: Picture, area: QRectF) -> Iterator[_Wish]:
        for rule in picture.rules:
            if not rule.name:
                continue
            wide, high = self._size(rule.name, bold=rule.bold)
            if rule.horizontal:
                y = area.bottom() - picture.y.share(rule.value) * area.height()
                places = [QPointF(area.right() - wide - 3, y - high - 1), QPointF(area.right() - wide - 3, y + 1)]
                places += [QPointF(area.left() + 3, y - high - 1)]
            else:
                x = area.left() + picture.x.share(rule.value) * area.width()
                top = area.bottom() - rule.height * area.height()
                steps = [top + 1 + high * step for step in range(12)]
                places = [QPointF(at, y) for y in steps for at in (x + _OFF, x - wide - _OFF)]
            yield self._wish(rule.name, rule.colour, places, bold=rule.bold)

    def _curves(self, picture: Picture, area: QRectF) -> Iterator[_Wish]:
        for curve in picture.curves:
            inside = [
                (x, y)
                for x, y in zip(curve.xs, curve.ys, strict=True)
                if y == y and picture.y.low <= y <= picture.y.high and picture.x.low <= x <= picture.x.high
            ]
            if not curve.name or not inside:
                continue
            wide, high = self._size(curve.name, bold=curve.bold)
            ends = inside if curve.at_start else list(reversed(inside))
            places = []
            for x, y in ends[:: max(1, len(ends) // 8)]:
                at = QPointF(area.left() + picture.x.share(x) * area.width(), area.bottom() - picture.y.share(y) * area.height())
                left = at.x() + 3 if curve.at_start else at.x() - wide - 3
                places += [QPointF(left, at.y() - high - 2), QPointF(left, at.y() + 3)]
            yield self._wish(curve.name, curve.colour, places, bold=curve.bold)

    def _dots(self, picture: Picture, area: QRectF) -> Iterator[_Wish]:
        for dot in sorted(picture.dots, key=lambda dot: not dot.ringed):
            if not dot.name:
                continue
            wide, high = self._size(dot.name, bold=dot.ringed)
            x = area.left() + picture.x.share(dot.x) * area.width()
            y = area.bottom() - picture.y.share(dot.y) * area.height()
            off = _OFF + 5 * dot.ringed
            places = [
                QPointF(x - wide - off, y - high - 2),
                QPointF(x + off, y - high / 2),
                QPointF(x - wide - off, y - high / 2),
                QPointF(x + off, y + 2),
                QPointF(x - wide / 2, y - high - off),
            ]
            yield self._wish(dot.name, "text", places, bold=dot.ringed)

    def _wish(self, text: str, colour: str, places: list[QPointF], *, bold: bool) -> _Wish:
        return _Wish(text, colour, bold, tuple(places), self._size(text, bold=bold))

    def _size(self, text: str, *, bold: bool = False) -> tuple[float, float]:
        metrics = self._metrics[bold]
        return metrics.horizontalAdvance(text) + 2, metrics.height() * _TALL
