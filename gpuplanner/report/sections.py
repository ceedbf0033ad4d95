"""The parts of a quote after its first two pages: the room, the cost over the life, acceptance, terms."""

from __future__ import annotations

from typing import Final

from gpuplanner.codes import code_text
from gpuplanner.engine.result import Code, Quantity, Unit
from gpuplanner.engine.site.result import Device, Edge, Node, Rack, Site
from gpuplanner.format import format_figure, format_integer, format_number, format_si
from gpuplanner.report.content import Check, Cost, LifeCost, QuoteContent, Room
from gpuplanner.report.drawing.rack import racks_drawing
from gpuplanner.report.drawing.shapes import Drawing, moved
from gpuplanner.report.drawing.topology import topology_drawing
from gpuplanner.report.plain import one_line
from gpuplanner.report.words import Cell, Column, Picture, Section, Table
from gpuplanner.report.works import works_section
from gpuplanner.texts import has, spoken_in, text_in

NOTHING: Final = "—"
_WIDTH, _HEIGHT, _RACK, _SPACE = 760.0, 400.0, 190.0, 24.0  # of the drawing
_RACKS_BESIDE: Final = 2
_SITE_UNITS: Final = {"weight": "kg", "floor_load": "kg/m²", "rack_units": "U", "heat_btu": "BTU/h"}


PARTS: Final = ("works", "room", "life", "acceptance", "terms", "formulas")
"""What an outline may name."""


def sections(content: QuoteContent, lang: str, parts: tuple[str, ...] = PARTS) -> tuple[Section, ...]:
    """Those that there is something to say in, in the order of ``parts``."""
    made = {
        "works": works_section(content, lang) if content.works else None,
        "room": _room(content.room, lang) if content.room is not None else None,
        "life": _life(content.life, content.currency, lang) if content.life is not None else None,
        "acceptance": _acceptance(content, lang) if content.checks else None,
        "terms": _terms(content, lang) if content.metadata.terms_in(lang) else None,
    }
    return tuple(section for part in parts if (section := made.get(part)) is not None)


def _terms(content: QuoteContent, lang: str) -> Section:
    said = tuple(one_line(term) for term in content.metadata.terms_in(lang))
    return Section("terms", text_in(lang, "report.heading.terms"), said)


def _room(room: Room, lang: str) -> Section:
    parts: list[Table | Picture | str] = [_in_two(text_in(lang, "report.heading.site"), _site_figures(room, lang), lang)]
    parts.append(_picture(room, lang))
    parts.append(_racks(room.racks, lang))
    if room.edges:
        parts.append(_links(room.nodes, room.edges, lang))
    parts += [code_text(note, lang) for note in room.notes]
    return Section("room", text_in(lang, "report.heading.room"), tuple(parts))


def _picture(room: Room, lang: str) -> Picture:
    """Racks at the left and the network beside them; below where the racks need the width."""
    site = Site(racks=room.racks, nodes=room.nodes, edges=room.edges)
    beside = len(room.racks) <= _RACKS_BESIDE
    with spoken_in(lang):
        wide = _RACK * len(room.racks) if beside else _WIDTH
        racks = racks_drawing(site, min(wide, _WIDTH), _HEIGHT)
        left = racks.width + _SPACE if beside else 0.0
        network = topology_drawing(site, _WIDTH - left, _HEIGHT if beside else 0.0)
    top = 0.0 if beside else racks.height + _SPACE
    shapes = (*racks.shapes, *moved(network, left, top))
    high = max(racks.height, network.height) if beside else top + network.height
    drawing = Drawing(_WIDTH, high, shapes, f"{racks.spoken}\n{network.spoken}")
    return Picture(text_in(lang, "report.heading.plan"), text_in(lang, "report.racks.aside"), drawing)


def _site_figures(room: Room, lang: str) -> list[tuple[str, str]]:
    return [(text_in(lang, f"site.figure.{figure.key}"), site_figure(figure, lang)) for figure in room.figures]


def _in_two(heading: str, pairs: list[tuple[str, str]], lang: str) -> Table:
    """Names with values, in two columns of them."""
    half = (len(pairs) + 1) // 2
    name, value = text_in(lang, "report.column.figure"), text_in(lang, "report.column.value")
    columns = (Column(name, 2), Column(value, 1.2, right=True), Column(name, 2), Column(value, 1.2, right=True))
    rest = [*pairs[half:], *([("", "")] * (2 * half - len(pairs)))]
    rows = tuple(tuple(Cell(part) for part in (*left, *right)) for left, right in zip(pairs[:half], rest, strict=True))
    return Table(heading, columns, rows)


def site_figure(figure: Quantity, lang: str) -> str:
    """A figure of the room with its unit."""
    if figure.value is None:
        return text_in(lang, "unit.unknown")
    if figure.key == "ups":
        return str(format_si(figure.value, "VA", lang))
    if figure.key in _SITE_UNITS:
        return f"{format_number(figure.value, lang)}\u00a0{_SITE_UNITS[figure.key]}"
    return format_integer(figure.value, lang) if figure.unit is Unit.COUNT else str(format_figure(figure, lang))


def _racks(racks: tuple[Rack, ...], lang: str) -> Table:
    columns = (
        Column(text_in(lang, "report.column.rack"), 0.8),
        Column(text_in(lang, "report.column.devices"), 5),
        Column(text_in(lang, "report.column.units"), 1, right=True),
        Column(text_in(lang, "report.column.power"), 1.1, right=True),
    )
    rows = tuple(
        (
            Cell(str(number)),
            Cell(text_in(lang, "report.semicolon").join(_devices(rack, lang)), quiet=True),
            Cell(f"{rack.used_units} / {rack.units}\u00a0U"),
            Cell(str(format_si(rack.power_w, "W", lang))),
        )
        for number, rack in enumerate(racks, 1)
    )
    return Table(text_in(lang, "report.heading.rack_list"), columns, rows)


def _devices(rack: Rack, lang: str) -> list[str]:
    """Devices of a rack by their line, with the units they fill."""
    found: dict[str, list[int]] = {}
    names = {device.line: _kind(device, lang) for device in rack.devices}
    for device in rack.devices:
        found.setdefault(device.line, []).append(device.unit)
    return [
        text_in(lang, "report.rack.devices", n=len(units), name=names[line], units=", ".join(f"U{unit}" for unit in units))
        for line, units in found.items()
    ]


def _kind(device: Device, lang: str) -> str:
    """What a device is, without its number."""
    name = device.name.params.get("name") if device.name.code == "site.device" else None
    if isinstance(name, Code):
        return code_text(name, lang)
    return text_in(lang, name) if isinstance(name, str) and has(name) else code_text(device.name, lang)


def _links(nodes: tuple[Node, ...], edges: tuple[Edge, ...], lang: str) -> Table:
    names = {node.key: code_text(node.name, lang) + (f" × {node.count}" if node.count > 1 else "") for node in nodes}
    columns = (
        Column(text_in(lang, "report.column.from"), 2.4),
        Column(text_in(lang, "report.column.to"), 2.4),
        Column(text_in(lang, "report.column.net"), 1.4),
        Column(text_in(lang, "report.column.links"), 1, right=True),
        Column(text_in(lang, "report.column.speed"), 1.2, right=True),
    )
    rows = tuple(
        (
            Cell(names.get(edge.upper, edge.upper)),
            Cell(names.get(edge.lower, edge.lower)),
            Cell(text_in(lang, f"report.net.{edge.net}")),
            Cell(format_integer(edge.count, lang)),
            Cell(NOTHING if edge.gbps is None else f"{edge.gbps:g}\u00a0Gb/s"),
        )
        for edge in edges
    )
    return Table(text_in(lang, "report.heading.links"), columns, rows)


def _life(life: LifeCost, currency: str, lang: str) -> Section:
    years = format_number(life.years, lang)
    columns = (
        Column(text_in(lang, "report.column.item"), 2.4),
        Column(text_in(lang, "report.column.made_of"), 2.4),
        Column(text_in(lang, "report.column.once"), 1.3, right=True),
        Column(text_in(lang, "report.column.yearly"), 1.3, right=True),
        Column(text_in(lang, "report.column.years", years=years), 1.4, right=True),
    )
    rows = tuple(_cost(cost, life.years, lang) for cost in life.costs)
    listed = Table(text_in(lang, "report.heading.costs"), columns, rows, text_in(lang, f"report.currency.{currency.lower()}"))
    figures = [
        (text_in(lang, f"money.figure.{figure.key}"), str(format_figure(figure, lang, currency=currency)))
        for figure in life.figures
    ]
    title = text_in(lang, "report.heading.life", years=years)
    return Section("life", title, (listed, _in_two(text_in(lang, "report.heading.unit_costs"), figures, lang)))


def _cost(cost: Cost, years: float, lang: str) -> tuple[Cell, ...]:
    known = text_in(lang, "report.price_asked") if cost.amount.value is None else _whole(cost.amount, 1.0, lang)
    over = known if cost.amount.value is None else _whole(cost.amount, years if cost.yearly else 1.0, lang)
    made_of = text_in(lang, "report.semicolon").join(code_text(detail, lang) for detail in cost.detail)
    once, yearly = (NOTHING, known) if cost.yearly else (known, NOTHING)
    return Cell(code_text(cost.name, lang)), Cell(made_of or NOTHING, quiet=True), Cell(once), Cell(yearly), Cell(over)


def _whole(amount: Quantity, times: float, lang: str) -> str:
    return f"{'≥ ' if amount.at_least else ''}{format_integer((amount.value or 0.0) * times, lang)}"


def _acceptance(content: QuoteContent, lang: str) -> Section:
    columns = (
        Column(text_in(lang, "report.column.measured"), 1.7),
        Column(text_in(lang, "report.column.command"), 4.3),
        Column(text_in(lang, "report.column.expected"), 1.1, right=True),
        Column(text_in(lang, "report.column.range"), 1.2, right=True),
        Column(text_in(lang, "report.column.pass"), 1.2, right=True),
    )
    first: dict[str, int] = {}
    rows = []
    for number, check in enumerate(content.checks, 1):
        seen = first.setdefault(check.command, number) if check.command else number
        rows.append((Cell(str(number), quiet=True), *_check(check, number, seen, content, lang)))
    table = Table(text_in(lang, "report.heading.checks"), (Column("", 0.32), *columns), tuple(rows))
    notes = (text_in(lang, "report.check.before"), text_in(lang, "report.check.passed"))
    return Section("acceptance", text_in(lang, "report.heading.acceptance"), (table, *notes))


def _check(check: Check, number: int, seen: int, content: QuoteContent, lang: str) -> tuple[Cell, ...]:
    figure = text_in(lang, f"report.figure.{check.expected.key}")
    percentile = check.percentile or content.percentile
    name = f"{check.work}  {text_in(lang, check.name, figure=figure, percentile=f'{percentile * 100:g}')}".strip()
    shown = format_figure(check.expected, lang)
    limit = format_figure(Quantity(check.expected.key, check.limit, check.expected.unit), lang)
    command = check.command
    if not command:
        command = text_in(lang, "report.check.by_log")
    elif seen != number:
        command = text_in(lang, "report.check.same", n=seen)
    return (
        Cell(name),
        Cell(command, quiet=True),
        Cell(str(shown), strong=True),
        Cell(f"{shown.range_text} {shown.unit}".strip() if shown.range_text else NOTHING),
        Cell(f"{'≥' if check.above else '≤'} {limit}", below=text_in(lang, "report.check.target") if check.target else ""),
    )
