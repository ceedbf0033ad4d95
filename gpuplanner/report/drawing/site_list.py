"""The figures of the room, a line each: name, what it goes by, value; warnings below."""

from __future__ import annotations

from collections.abc import Iterator

from gpuplanner.codes import code_text
from gpuplanner.engine.site.result import Site
from gpuplanner.format import format_bytes, format_figure, format_integer, format_number, format_share, format_si
from gpuplanner.report.drawing.shapes import Board, Drawing
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text

_ROW = 23.0


def site_list_drawing(site: Site, scenario: Scenario, width: float) -> Drawing:
    """The list.

    Args:
        site: its figures and warnings.
        scenario: PUE, limits of a rack.
        width: of the drawing. [px]
    """
    board, y = Board(), 0.0
    lines = list(site_lines(site, scenario))
    for name, basis, value in lines:
        board.line((0, y), (width, y), colour="line")
        middle = y + _ROW / 2
        board.words(0, middle, name, 12, room=width * 0.4)
        if _width(basis) <= width * 0.36:  # cut it would say nothing
            board.words(width * 0.68, middle, basis, 11, "quiet", anchor="end", room=width * 0.38)
        board.words(width, middle, value, 12, bold=True, anchor="end", room=width * 0.31)
        y += _ROW
    board.line((0, y), (width, y), colour="line")
    for words in dict.fromkeys(code_text(code) for code in site.warnings):
        for number, part in enumerate(_broken(words, width - 14)):
            y += 16
            if number == 0:
                board.words(0, y, "!", 12, "caution", bold=True)
            board.words(12, y, part, 11, "caution", room=width - 10)
    said = "; ".join(f"{name} {value}" for name, _, value in lines)
    return board.drawing(width, y + 10, said)


def site_lines(site: Site, scenario: Scenario) -> Iterator[tuple[str, str, str]]:
    """Name, basis and value of each figure."""
    figures = site.figures
    if not figures:
        return
    value = {key: quantity.value for key, quantity in figures.items()}
    more = "≥ " if figures["power_load"].at_least and value["power_load"] else ""
    known = value["power_nameplate"] is not None
    nameplate = text("estate.basis.nameplate", power=str(format_si(value["power_nameplate"], "W"))) if known else ""
    yield text("site.figure.power_load"), nameplate, f"{more}{format_si(value['power_load'], 'W')}"
    btu = f"{format_number(value['heat_btu'])} BTU/h" if value["heat_btu"] is not None else ""
    yield text("site.figure.heat"), btu, f"{more}{format_si(value['heat'], 'W')}"
    pue = f"PUE {format_number(scenario.money.pue)}"
    yield text("site.figure.power_meter"), pue, f"{more}{format_si(value['power_meter'], 'W')}"
    energy = format_figure(figures["ups_energy"])
    held = text("estate.basis.batteries", energy=f"{more}{energy.number} {energy.unit}") if value["ups_energy"] else ""
    yield ups_name(scenario), held, f"{more}{format_si(value['ups'], 'VA')}"
    limit = scenario.site.rack_kg
    basis = text("estate.basis.kg_rack", kg=format_number(limit)) if limit else ""
    yield text("site.figure.weight"), basis, f"{format_integer(value['weight'])} kg"
    yield text("site.figure.floor_load"), text("estate.basis.heaviest"), f"{format_integer(value['floor_load'])} kg/m²"
    yield text("site.figure.storage"), text("estate.basis.storage"), str(format_bytes(value["storage"]))
    cooling = text(f"choice.site.cooling.{scenario.site.cooling.value}")
    liquid = any(line.liquid for line in site.lines)
    yield text("estate.cooling"), cooling, text("estate.liquid" if liquid else "estate.air")
    if scenario.site.rack_kw and site.racks:
        most = max(rack.power_w for rack in site.racks)
        share = str(format_share(most / (scenario.site.rack_kw * 1000)))
        name = text("estate.fullest_rack")
        yield name, text("estate.basis.of_kw", share=share, kw=format_number(scenario.site.rack_kw)), str(format_si(most, "W"))


def ups_name(scenario: Scenario) -> str:
    """The UPS with the time it lasts."""
    return text("estate.ups", minutes=format_number(scenario.site.ups_minutes))


def _width(words: str) -> float:
    """About how wide words are at 11 pixels."""
    return sum(11.0 if ord(letter) > 0x2E80 else 5.9 for letter in words)


def _broken(words: str, room: float) -> list[str]:
    """A sentence in lines: about so many letters each, Chinese ones counting double."""
    wide = [_width(letter) for letter in words]
    lines, line, used, space = [], "", 0.0, 0
    for letter, width in zip(words, wide, strict=True):
        line += letter
        used += width
        if letter == " " or ord(letter) > 0x2E80:
            space = len(line)
        if used > room and space:
            lines.append(line[:space].rstrip())
            line = line[space:]
            used = _width(line)
            space = 0
    return [*lines, line] if line.strip() else lines
