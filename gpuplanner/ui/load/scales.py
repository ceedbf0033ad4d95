"""Numbers along axes: one unit for all of them, as the largest one asks for."""

from __future__ import annotations

from collections.abc import Callable

from gpuplanner.format import Shown, format_bytes, format_money, format_number, format_rate, format_seconds, format_share
from gpuplanner.texts import text

Write = Callable[[float], str]


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


def written(unit: str, value: float | None, currency: str = "CNY", byte_unit: str = "GB") -> Shown:
    """A value as the surface writes it; ``unit`` is the engine's."""
    if unit == "s":
        return format_seconds(value)
    if unit == "B":
        return format_bytes(value, byte_unit)
    if unit == "money":
        return format_money(value, currency)
    if unit == "share":
        return format_share(value)
    if unit == "tok/s":
        return format_rate(value)
    if unit == "req/s":
        return format_rate(value, "unit.requests_per_second")
    return Shown(format_number(value), "")
