"""Words and numbers of measurements and of what they change, for window and command line."""

from __future__ import annotations

from typing import Final

from gpuplanner.format import format_bytes, format_number, format_rate, format_seconds
from gpuplanner.scenario.calibration import CalibrationRow, MeasuredFigure
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import has, text

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
