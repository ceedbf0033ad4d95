"""The quote's two drawings, in vectors: latency against its target, memory of one GPU."""

from __future__ import annotations

from gpuplanner.palette import LIGHT
from gpuplanner.report.pdf.parts import colour, heading
from gpuplanner.report.pdf.sheet import INNER, MARGIN, SMALL, Align, Run, Sheet, Style, block
from gpuplanner.report.words import LatencyBar, MemoryBar

_BAR = 13.0
_BAND = "#c6d8fa"


def latency(sheet: Sheet, bars: tuple[LatencyBar, ...], x: float, width: float) -> float:
    """Each latency on a scale of its own: range as a band, expected value, target. Returns where it ends."""
    y = sheet.y
    label_width = width * 0.3
    for bar in bars:
        _latency_row(sheet, bar, x, y, label_width, width - label_width)
        y += 80
    return y


def _latency_row(sheet: Sheet, bar: LatencyBar, x: float, y: float, label_width: float, width: float) -> None:
    left = x + label_width
    # The target stands at three quarters, or the far end of the range does; nothing leaves the axis.
    reach = max(bar.high, (bar.target or 0.0) / 0.75, bar.value)
    scale = width / reach / (1.0 if bar.target and bar.high <= bar.target / 0.75 else 1.08)
    middle = y + 32
    sheet.line(left, middle, left + width, middle)
    sheet.place(block(bar.label, label_width - 10, Style(14.5)), x, middle - 10)
    sheet.box(left + bar.low * scale, middle - _BAR / 2, max(1.5, (bar.high - bar.low) * scale), _BAR, _BAND)
    at = left + bar.value * scale
    sheet.line(at, middle - _BAR / 2 - 1, at, middle + _BAR / 2 + 1, LIGHT.accent, 3)
    runs = [Run(bar.value_text, Style(13, True)), Run(f"  {bar.range_text}", SMALL)]
    if bar.mark.sign:
        runs.insert(0, Run(f"{bar.mark.sign} ", Style(13, True, colour(bar.mark))))
    _label(sheet, runs, at, middle + _BAR / 2 + 3, left, width)
    if bar.target is not None:
        target = left + bar.target * scale
        sheet.line(target, middle - _BAR, target, middle + _BAR / 2 + 2, LIGHT.text, 2)
        _label(sheet, [Run(bar.target_text, SMALL)], target, middle - _BAR - 20, left, width)


def _label(sheet: Sheet, runs: list[Run], centre: float, y: float, left: float, width: float) -> None:
    """A short text centred at a place of the axis, but not beyond its ends."""
    wide = block(runs, width, SMALL).natural_width + 4
    start = min(max(left, centre - wide / 2), left + width - wide)
    sheet.place(block(runs, max(wide, 20), SMALL, Align.CENTRE), start, y)


def memory(sheet: Sheet, bar: MemoryBar) -> None:
    """The stacked bar with the engine's limit, and its legend."""
    heading(sheet, bar.heading, bar.aside, keep=110)
    top = sheet.y + 10
    height = 36.0
    scale = INNER / bar.total
    x = float(MARGIN)
    limit = MARGIN + bar.limit * scale
    for segment in bar.segments:
        width = segment.size * scale
        sheet.box(x, top, max(0.0, width - 1.3), height, LIGHT.memory(segment.part))
        _inside(sheet, segment.part, (f"{segment.label} {segment.text}", segment.text), *_clear_of(limit, x, width), top, height)
        x += width
    sheet.line(limit, top - 8, limit, top + height + 8, LIGHT.text, dashed=True)
    _label(sheet, [Run(bar.limit_text, SMALL)], limit - 130, top + height + 8, MARGIN, INNER)
    sheet.y = top + height + 34
    _legend(sheet, bar)


def _clear_of(limit: float, x: float, width: float) -> tuple[float, float]:
    """The wider side of a stretch that the limit's line cuts; all of it when it doesn't."""
    if not x < limit < x + width:
        return x, width
    left, right = limit - x, x + width - limit
    return (x, left) if left >= right else (limit, right)


def _inside(sheet: Sheet, part: str, texts: tuple[str, ...], x: float, width: float, top: float, height: float) -> None:
    """The longest of the texts that fits into a part of the bar, or none."""
    style = Style(13, part != "free", LIGHT.on_memory(part))
    for text in texts:
        laid = block(text, 2000, style)
        if laid.natural_width + 12 <= width:
            sheet.place(block(text, width, style, Align.CENTRE), x, top + (height - laid.height) / 2)
            return


def _legend(sheet: Sheet, bar: MemoryBar) -> None:
    x = float(MARGIN)
    for segment in bar.segments:
        laid = block(f"{segment.label} {segment.text}", INNER, Style(13.5))
        if x > MARGIN and x + 18 + laid.natural_width > MARGIN + INNER:
            x = float(MARGIN)
            sheet.y += laid.height + 4
        sheet.box(x, sheet.y + laid.height / 2 - 6, 12, 12, LIGHT.memory(segment.part))
        sheet.place(laid, x + 19, sheet.y)
        x += 19 + laid.natural_width + 26
    sheet.y += 26
