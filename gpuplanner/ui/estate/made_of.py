"""What the estate's figures are made of, line by line. No Qt."""

from __future__ import annotations

from collections.abc import Iterator

from gpuplanner.codes import code_text
from gpuplanner.engine.estate.result import Estate
from gpuplanner.engine.site.result import Line
from gpuplanner.format import format_figure, format_integer, format_number, format_si
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text


def gpus(estate: Estate) -> str:
    """Each workload's GPUs by its share, those that stand by, those that are free: together all that are bought."""
    lines = [f"{row.letter} {row.name}: {format_number(row.gpus)}" for row in estate.rows if row.plan is not None]
    spare = sum(gpu.spare for gpu in estate.placement)
    if spare:
        lines.append(f"{text('drawing.spare')}: {format_integer(spare)}")
    lines.append(f"{text('drawing.free')}: {format_number(estate.free)}")
    lines.append(f"= {format_integer(len(estate.placement))}")
    return "\n".join(lines)


def purchase(estate: Estate, currency: str) -> str:
    """The priced lines of the bill of materials, and those without a price."""
    known = [_priced(line, currency) for line in estate.site.lines if line.price is not None and line.price.value is not None]
    unknown = [code_text(line.name) for line in estate.site.lines if line.price is None or line.price.value is None]
    if unknown:
        known.append(text("estate.made.unpriced", lines=text("list.comma").join(dict.fromkeys(unknown))))
    return "\n".join(known)


def _priced(line: Line, currency: str) -> str:
    shown = format_figure(line.price, currency=currency)
    return f"{format_integer(line.count)} × {code_text(line.name)}: {shown.number} {shown.unit}".strip()


def running(estate: Estate, scenario: Scenario) -> str:
    """Energy, and what else each year costs."""
    kwh = estate.figures.get("energy_year")
    shown = format_figure(kwh)
    return text("estate.made.running", kwh=f"{shown.number} {shown.unit}", pue=format_number(scenario.money.pue))


def life(estate: Estate, scenario: Scenario) -> str:
    """Purchase and the years that follow, less what is left at the end."""
    money = scenario.money
    once, yearly = (format_figure(estate.figures.get(key), currency=money.currency) for key in ("purchase_total", "running"))
    return text(
        "estate.made.life",
        once=f"{once.number} {once.unit}".strip(),
        yearly=f"{yearly.number} {yearly.unit}".strip(),
        years=format_number(money.lifetime_years),
        residual=format_number(money.residual * 100),
    )


def power(estate: Estate) -> str:
    """What each device draws at load."""
    return "\n".join(_drawn(estate))


def _drawn(estate: Estate) -> Iterator[str]:
    for line in estate.site.lines:
        if line.power_w:
            total = format_si(line.power_w * line.count, "W")
            yield f"{format_integer(line.count)} × {code_text(line.name)}, {format_si(line.power_w, 'W')}: {total}"


def racks(estate: Estate) -> str:
    """Units and power of each rack."""
    lines = []
    for number, rack in enumerate(estate.site.racks, 1):
        used = text("drawing.rack.used", used=rack.used_units, units=rack.units, power=str(format_si(rack.power_w, "W")))
        lines.append(f"{text('drawing.rack', number=number)}: {used}")
    return "\n".join(lines)
