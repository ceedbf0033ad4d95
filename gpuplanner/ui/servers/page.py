"""The bill of materials as a page: groups, lines with what they are for, host parts and the room. No Qt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from gpuplanner.codes import code_text
from gpuplanner.engine.result import Quantity
from gpuplanner.engine.site.result import Host, Line, Site
from gpuplanner.format import format_figure, format_integer, format_number, format_si
from gpuplanner.palette import Theme
from gpuplanner.report.drawing.site_list import site_lines, ups_name
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text

_HOST: Final = (
    "sockets", "cores", "cores_fitted", "ram", "ram_fitted", "nvme", "drives", "write_rate", "client_rate", "storage_rate",
    "client_cards", "fabric_cards",
)  # fmt: skip
#: Fields of the form that set what is fitted, and how many nodes there are.
_FIELDS: Final = {
    "sockets": "site.sockets", "cores_fitted": "site.cores", "ram_fitted": "site.ram_gb", "drives": "site.nvme_tb",
    "client_cards": "site.client_cards", "fabric_cards": "site.fabric_cards", "management": "site.management_nodes",
    "storage": "site.storage_nodes", "load_balancer": "site.load_balancers", "leaf.fabric": "site.oversubscription",
    "object_storage": "site.object_tb", "rack": "site.rack_units",
}  # fmt: skip
_BITS: Final = ("client_rate", "storage_rate")
#: Figures that open in Why.
OPENERS: Final = ("power_load", "power_meter", "heat", "storage", "cores", "ram", "nvme", "write_rate", "storage_rate",
    "client_cards",
)  # fmt: skip
_TERMS: Final = {"cores": "cores", "ram": "ram", "nvme": "nvme"}


def written(site: Site, scenario: Scenario, theme: Theme, byte_unit: str = "GB", *, whole: bool = False) -> str:
    """The page as rich text.

    Args:
        site: the whole.
        scenario: currency, limits of the room.
        theme: its quiet colour.
        byte_unit: "GB" or "GiB".
        whole: the site is that of all workloads together.
    """
    if not site.lines:
        return f"<p style='color:{theme.quiet}'>{escape(text('servers.none'))}</p>"
    parts = [_head(site, scenario, theme)]
    if scenario.estate.more:
        parts.append(_scope(theme, whole=whole))
    parts += [_warning(code_text(code, byte_unit=byte_unit), theme) for code in site.warnings]
    for group in dict.fromkeys(line.group for line in site.lines):
        lines = [line for line in site.lines if line.group is group]
        parts.append(_group(lines, scenario, theme, byte_unit))
    if site.phases:
        parts.append(_phases(site, theme))
    several = len({host.gpu for host in site.hosts}) > 1
    for place, host in enumerate(site.hosts):
        name = text("servers.host", role=text(f"site.role.{host.role.value}"))
        title = text("servers.host.of", said=name, gpu=host.gpu) if several else name
        parts.append(_host(host, title, theme, byte_unit, opens=not whole and not place))
    parts.append(_room(site, scenario, theme, opens=not whole))
    return "".join(parts)


def table(site: Site, scenario: Scenario, byte_unit: str = "GB") -> str:
    """The lines with tabs, for spreadsheets: plain numbers, unknown ones empty."""
    phases = [code_text(name) for name in site.phases]
    head = [text(f"servers.column.{key}") for key in ("group", "name", "count", "spare")]
    head += phases + [text(f"servers.column.{key}") for key in ("units", "power", "weight")]
    head += [text(f"servers.column.{key}", currency=scenario.money.currency) for key in ("unit_price", "price")]
    head.append(text("servers.column.why"))
    rows = [head]
    for line in site.lines:
        spare = text("servers.yes") if line.spare else ""
        row = [text(f"site.group.{line.group.value}"), code_text(line.name), str(line.count), spare]
        row += [str(count) for count in (line.phases or (line.count,) * len(phases))]
        row += [_plain(line.rack_units), _plain(line.power_w), _plain(line.weight_kg)]
        row += [_plain(line.unit_price.value if line.unit_price else None), _plain(line.price.value if line.price else None)]
        row.append("; ".join(code_text(code, byte_unit=byte_unit) for code in line.why))
        rows.append(row)
    return "".join("\t".join(_safe(cell) for cell in row) + "\n" for row in rows)


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _safe(cell: str) -> str:
    """A cell may not break the table, nor be taken for a formula by a spreadsheet."""
    flat = " ".join(cell.split())
    return f"'{flat}" if flat[:1] in ("=", "+", "-", "@") and not flat[1:2].isdigit() else flat


def _head(site: Site, scenario: Scenario, theme: Theme) -> str:
    figures = site.figures
    racks = format_integer(figures["racks"].value)
    cells = (
        (text("site.figure.servers"), format_integer(figures["servers"].value)),
        (text("site.figure.rack_units"), f"{format_integer(figures['rack_units'].value)} U"),
        (text("site.figure.racks"), racks),
        (text("site.figure.power_load"), _power(figures["power_load"])),
    )
    top = "".join(f"<td width='25%' style='color:{theme.quiet};font-size:small'>{escape(name)}</td>" for name, _ in cells)
    low = "".join(f"<td><b>{_whole(value)}</b></td>" for _, value in cells)
    bought = format_figure(figures["purchase"], currency=scenario.money.currency)
    total = f"{text('servers.total')}: <b>{_whole(f'{bought.number} {bought.unit}'.strip())}</b>"
    open_note = (
        f" <span style='color:{theme.quiet}'>{escape(text('servers.open'))}</span>" if figures["purchase"].at_least else ""
    )
    asked = scenario.money
    if asked.discounts or asked.installation or asked.spare_parts or asked.tax:
        open_note += f" <span style='color:{theme.quiet}'>{escape(text('servers.before'))}</span>"
    shown = f"<table width='100%' cellspacing='0'><tr>{top}</tr><tr>{low}</tr></table>"
    return f"{shown}<p style='margin-top:6px'>{total}{open_note}</p>"


def _whole(words: str) -> str:
    """A figure and its unit, never on two lines."""
    return "\N{NO-BREAK SPACE}".join(escape(words).split())


def _power(quantity: Quantity) -> str:
    return ("≥ " if quantity.at_least and quantity.value else "") + str(format_si(quantity.value, "W"))


def _warning(words: str, theme: Theme) -> str:
    return f"<p style='color:{theme.caution};margin:3px 0'><b>!</b> {escape(words)}</p>"


def _link(target: str, key: str) -> str:
    return f"<a href='{target}'>{escape(text(key))}</a>"


def _group(lines: Sequence[Line], scenario: Scenario, theme: Theme, byte_unit: str) -> str:
    rows = "".join(_line(line, scenario, theme, byte_unit) for line in lines)
    title = escape(text(f"site.group.{lines[0].group.value}"))
    return _table(title, rows, theme)


def _line(line: Line, scenario: Scenario, theme: Theme, byte_unit: str) -> str:
    quiet = f"style='color:{theme.quiet};font-size:small'"
    name = escape(code_text(line.name))
    if line.spare:
        name += f" <span {quiet}>{escape(text('servers.spare'))}</span>"
    name += _change(line.key, theme)
    price = format_figure(line.price, currency=scenario.money.currency)
    shown = f"{price.number} {price.unit}".strip() if line.price is not None else "–"
    about = "<br>".join(escape(part) for part in _about(line, byte_unit))
    return (
        f"<tr><td width='34' align='right' valign='top'><b>{format_integer(line.count)}</b> ×</td>"
        f"<td valign='top'>{name}<br><span {quiet}>{about}</span></td>"
        f"<td width='84' align='right' valign='top' style='white-space:nowrap'>{_whole(shown)}</td></tr>"
    )


def _about(line: Line, byte_unit: str) -> Iterator[str]:
    facts = []
    if line.rack_units:
        facts.append(f"{line.rack_units}U")
    if line.power_w:
        facts.append(str(format_si(line.power_w, "W")))
    if line.weight_kg:
        facts.append(f"{format_number(line.weight_kg)} kg")
    if facts:
        yield " · ".join(facts)
    for code in line.why:
        yield code_text(code, byte_unit=byte_unit)


def _phases(site: Site, theme: Theme) -> str:
    """How many of each line stand there by each phase, a column a phase."""
    quiet = f"style='color:{theme.quiet};font-size:small'"
    heads = "".join(f"<td align='right' {quiet}>{escape(code_text(name))}</td>" for name in site.phases)
    rows = f"<tr><td></td>{heads}</tr>"
    for line in site.lines:
        name = escape(code_text(line.name))
        name += f" <span {quiet}>{escape(text('servers.spare'))}</span>" if line.spare else ""
        counts = "".join(f"<td align='right' width='34'>{format_integer(count)}</td>" for count in line.phases)
        rows += f"<tr><td>{name}</td>{counts}</tr>"
    hint = f"<p {quiet}>{escape(text('servers.by_phase.hint'))}</p>"
    return _table(escape(text("servers.by_phase")), rows, theme) + hint


def _scope(theme: Theme, *, whole: bool) -> str:
    """Whether one workload is meant or all, and the way to the other."""
    now, other, target = ("servers.whole", "servers.alone", "alone") if whole else ("servers.alone", "servers.whole", "whole")
    links = f"{_link(f'scope:{target}', other)} · {_link('page:estate', 'servers.estate')}"
    return f"<p style='color:{theme.quiet}'><b>{escape(text(now))}</b> · {links}</p>"


def _host(host: Host, title: str, theme: Theme, byte_unit: str, *, opens: bool) -> str:
    rows = []
    for key in _HOST:
        quantity = host.figures.get(key)
        if quantity is None or not quantity.value:
            continue
        terms = "<br>".join(escape(code_text(code, byte_unit=byte_unit)) for code in host.terms.get(_TERMS.get(key, ""), ()))
        target = f"site.{key}" if opens and key in OPENERS else ""
        changes = _change(key, theme)
        rows.append(_row(text(f"site.figure.{key}"), _value(key, quantity, byte_unit), theme, terms, target, changes))
    return _table(escape(title), "".join(rows), theme)


def _value(key: str, quantity: Quantity, byte_unit: str) -> str:
    if key in _BITS:
        return str(format_si(quantity.value, "bit/s"))
    shown = format_figure(quantity, byte_unit=byte_unit)
    return f"{shown.number} {shown.unit}".strip()


def _room(site: Site, scenario: Scenario, theme: Theme, *, opens: bool) -> str:
    targets = {text(f"site.figure.{key}"): f"site.{key}" for key in OPENERS} | {ups_name(scenario): "site.ups"}
    targets = targets if opens else {}
    lines = site_lines(site, scenario)
    rows = "".join(_row(name, value, theme, escape(basis), targets.get(name, "")) for name, basis, value in lines)
    return _table(escape(text("servers.room")), rows, theme)


def _table(title: str, rows: str, theme: Theme) -> str:
    head = f"<p style='margin:10px 0 2px 0;color:{theme.quiet}'><b>{title}</b></p>"
    return f"{head}<table width='100%' cellspacing='0' cellpadding='2'>{rows}</table>"


def _change(key: str, theme: Theme) -> str:
    """The way to the field that sets it, where one does."""
    if key not in _FIELDS:
        return ""
    return f" <a href='edit:{_FIELDS[key]}' style='color:{theme.quiet};font-size:small'>{escape(text('servers.change'))}</a>"


def _row(name: str, value: str, theme: Theme, below: str, opens: str = "", after: str = "") -> str:
    about = f"<br><span style='color:{theme.quiet};font-size:small'>{below}</span>" if below else ""
    shown = f"<a href='why:{opens}'>{escape(value)}</a>" if opens else escape(value)
    return f"<tr><td>{escape(name)}{after}{about}</td><td align='right' valign='top'><b>{shown}</b></td></tr>"
