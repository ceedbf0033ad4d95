"""Numbers along axes: one unit for all of them, as the largest one asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gpuplanner.engine.result import Quantity, Unit
from gpuplanner.format import format_bytes, format_count, format_figure, format_money, format_number
from gpuplanner.scenario.document import LoadKind, Scenario
from gpuplanner.scenario.fields import WRITTEN
from gpuplanner.texts import has, language, text
from gpuplanner.units import GB, GIB, QuantityKind, format_quantity

Write = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Scale:
    """How the numbers of an axis are written; ``unit`` is told once, in its title, and is ``worth`` so much of the engine's."""

    unit: str
    write: Write
    worth: float = 1.0

    def title(self, name: str) -> str:
        """Name and unit."""
        return f"{name}, {self.unit}" if self.unit else name


def seconds(largest: float) -> tuple[float, str]:
    """What seconds are divided by, and the unit they are then in."""
    if largest < 10:
        return 1e-3, text("unit.ms")
    for factor, unit in ((1.0, "s"), (60.0, "min"), (3600.0, "h"), (86_400.0, "d")):
        if largest < 150 * factor or unit == "d":
            return factor, text(f"unit.{unit}")
    return 1.0, text("unit.s")


def scaled(factor: float) -> Write:
    """Writes a value in units of ``factor``."""

    def write(value: float) -> str:
        return format_number(round(value / factor, 9))

    return write


def scale_of(unit: Unit, largest: float, currency: str, byte_unit: str = "GB") -> Scale:
    """The scale of a figure's axis."""
    if unit is Unit.SECONDS:
        factor, name = seconds(largest)
        return Scale(name, scaled(factor), factor)
    if unit is Unit.HOURS:
        factor, name = seconds(largest * 3600)
        return Scale(name, scaled(factor / 3600), factor / 3600)
    if unit is Unit.BYTES:
        return Scale("", lambda value: str(format_bytes(value, byte_unit)), float(GIB if byte_unit == "GiB" else GB))
    if unit is Unit.MONEY:
        return Scale("", lambda value: str(format_money(value, currency)))
    if unit is Unit.SHARE:
        return Scale("%", scaled(0.01), 0.01)
    if unit in (Unit.TOKENS_PER_SECOND, Unit.REQUESTS_PER_SECOND):
        key = "unit.tokens_per_second" if unit is Unit.TOKENS_PER_SECOND else "unit.requests_per_second"
        return Scale(text(key), _counted)
    return Scale("" if unit is Unit.COUNT else _named(unit), _counted)


def figure_text(quantity: Quantity, currency: str, byte_unit: str = "GB") -> tuple[str, str]:
    """A figure and its range, in words; the range is empty where there is none."""
    made = format_figure(quantity, byte_unit=byte_unit, currency=currency)
    return str(made), made.range_text


def field_scale(path: str, scenario: Scenario, largest: float) -> Scale:
    """The scale of an input's axis."""
    kind, _ = WRITTEN.get(path, (QuantityKind.NUMBER, None))
    if kind is QuantityKind.PERCENT:
        return Scale("%", scaled(0.01), 0.01)
    if kind is QuantityKind.SECONDS:
        factor, name = seconds(largest)
        return Scale(name, scaled(factor), factor)
    return Scale(field_unit(path, scenario), _counted)


def field_unit(path: str, scenario: Scenario) -> str:
    """The unit that stands behind an input; empty where it has none."""
    if path == "workload.load":
        return text(f"form.load.{LoadKind(scenario.workload.load_kind).value}")
    return text(f"field.{path}.unit") if has(f"field.{path}.unit") else ""


def field_text(path: str, value: float) -> str:
    """A value of an input as it stands in the form, with its unit."""
    kind, unit = WRITTEN.get(path, (QuantityKind.NUMBER, None))
    if kind in (QuantityKind.WHOLE, QuantityKind.TOKENS, QuantityKind.COUNT):
        value = float(f"{value:.4g}") if value >= 1000 else value
    else:
        value = float(f"{value:.3g}")
    whole = kind in (QuantityKind.WHOLE, QuantityKind.TOKENS)
    return format_quantity(round(value) if whole else value, kind, lang=language(), unit=unit, with_unit=True)


def _counted(value: float) -> str:
    return str(format_count(round(value, 9))).replace("\xa0", "\N{THIN SPACE}")


def _named(unit: Unit) -> str:
    return {"W": "W", "kWh": "kWh", "tok": text("unit.tokens")}.get(unit.value, "")
