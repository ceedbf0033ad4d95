"""Words and numbers of measurements and of what they change, for window and command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gpuplanner.format import format_bytes, format_expected, format_integer, format_number, format_rate, format_seconds
from gpuplanner.scenario.calibration import CalibrationRow, MeasuredFigure
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import has, text

if TYPE_CHECKING:
    from gpuplanner.engine.own.effect import Effect

UNITS: Final = {
    MeasuredFigure.THROUGHPUT: "tok/s", MeasuredFigure.PREFILL: "tok/s", MeasuredFigure.TTFT: "ms", MeasuredFigure.TPOT: "ms",
    MeasuredFigure.MEMORY: "B",
}  # fmt: skip


def figure_name(key: str, scenario: Scenario) -> str:
    """What a figure of a plan is called; times carry the percentile they hold at."""
    percentile = f"p{format_number(scenario.targets.percentile * 100)}"
    if has(f"results.figure.{key}"):
        return text(f"results.figure.{key}", percentile=percentile)
    said = text(f"figure.{key}")
    return said[:1].upper() + said[1:]


def measured_text(value: float, unit: str, byte_unit: str = "GB") -> str:
    """A measured value with its unit; ``unit`` is "ms", "tok/s" or "B"."""
    if unit == "ms":
        return str(format_seconds(value / 1e3))
    return str(format_bytes(value, byte_unit) if unit == "B" else format_rate(value))


def row_texts(row: CalibrationRow, byte_unit: str = "GB") -> tuple[str, str]:
    """What was measured, and what was estimated."""
    unit = UNITS[row.figure]
    return measured_text(row.measured, unit, byte_unit), measured_text(row.estimated, unit, byte_unit)


def ratio_text(ratio: float | None) -> str:
    """A factor: × 0.93."""
    return "–" if ratio is None else f"×\N{NO-BREAK SPACE}{ratio:.3g}"


def effect_lines(found: Effect, scenario: Scenario) -> list[tuple[str, str, str, str]]:
    """Each figure without and with own measurements, and the factor between; the number of GPUs first."""
    currency = scenario.money.currency
    before, after = found.before.gpus, found.after.gpus
    ratio = ratio_text(after / before if before else None)
    lines = [(text("benchmark.column.gpus"), format_integer(before), format_integer(after), ratio)]
    for change in found.changes:
        without, with_own = (str(format_expected(side, currency=currency)) for side in (change.before, change.after))
        lines.append((figure_name(change.key, scenario), without, with_own, ratio_text(change.ratio)))
    return lines
