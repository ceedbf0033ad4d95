"""The Cost tab as a page: figures, lists, what a unit of each resource costs, the cheapest instances. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from gpuplanner.codes import code_text
from gpuplanner.engine.explain.life import OPENERS
from gpuplanner.engine.money.result import Entry
from gpuplanner.format import format_figure, format_money, format_number
from gpuplanner.palette import Theme
from gpuplanner.report.names import gpu_name
from gpuplanner.texts import text
from gpuplanner.ui.cost.given import Given
from gpuplanner.ui.cost.offers import provider, region_of
from gpuplanner.ui.cost.over_time import term_name
from gpuplanner.ui.cost.summary import sentence

_FIGURES: Final = (
    "purchase_total", "running", "tco", "npv", "depreciation", "cost_per_million", "cost_per_million_total",
    "cost_per_thousand", "cost_per_thousand_items", "cost_per_item", "cost_per_run",
)  # fmt: skip
_VALUES: Final = ("per_tflops", "per_gb", "per_gb_s", "per_token_s")
_LOTS: Final = ("cost_per_million", "cost_per_thousand_items", "cost_per_run")
_OFFERS: Final = 5


def written(given: Given | None, theme: Theme) -> str:
    """The page as rich text; words that there is nothing to pay where nothing runs."""
    if given is None:
        return f"<p style='color:{theme.quiet}'>{escape(text('servers.none'))}</p>"
    parts = [f"<p><b>{escape(sentence(given))}</b></p>"]
    parts.append(_table("", (_figure(given, key, theme) for key in _FIGURES if key in given.money.life.figures), theme))
    for name, entries in (("once", given.money.life.once), ("yearly", given.money.life.yearly)):
        parts.append(_table(text(f"cost.list.{name}"), (_entry(given, entry, theme) for entry in entries), theme))
    values = [_figure(given, key, theme) for key in _VALUES if given.figure(key) is not None]
    if values:
        parts.append(_table(text("cost.values"), values, theme))
    parts.append(_table(text("cost.offers.cheapest", term=term_name(given.term)), _offers(given, theme), theme))
    parts.append(f"<p><a href='page:cost'>{escape(text('cost.open_page'))}</a></p>")
    return "".join(parts)


def table(given: Given) -> str:
    """The figures and lists with tabs, plain numbers in the currency."""
    rows = [(text(f"money.figure.{key}"), _plain(figure.value)) for key, figure in given.money.life.figures.items()]
    for name, entries in (("once", given.money.life.once), ("yearly", given.money.life.yearly)):
        rows += [(f"{text(f'cost.list.{name}')}: {code_text(entry.name)}", _plain(entry.amount.value)) for entry in entries]
    head = (text("cost.tab.money"), given.currency)
    return "".join("\t".join(" ".join(cell.split()) for cell in row) + "\n" for row in (head, *rows))


def _figure(given: Given, key: str, theme: Theme) -> str:
    shown = format_figure(given.money.life.figures[key], currency=given.currency)
    name = escape(text(f"money.figure.{key}"))
    if given.figure(key) is not None and (key in OPENERS or key in _LOTS):
        name = f"<a href='figure:life.{key}'>{name}</a>"
    return _row(name, str(shown), theme, shown.range_text)


def _entry(given: Given, entry: Entry, theme: Theme) -> str:
    shown = format_figure(entry.amount, currency=given.currency)
    return _row(escape(code_text(entry.name)), str(shown), theme, " · ".join(code_text(code) for code in entry.detail))


def _offers(given: Given, theme: Theme) -> Sequence[str]:
    priced = [offer for offer in given.money.offers if given.term in offer.total][:_OFFERS]
    if not priced:
        return [_row(escape(text("cost.sentence.no_cloud", term=text(f"cost.term.in.{given.term.value}"))), "", theme, "")]
    rows = []
    for offer in priced:
        name = f"{provider(offer.provider)} {offer.name}"
        place = f" · {region}" if (region := region_of(offer)) else ""
        below = f"{offer.count} × {offer.gpus_each} {gpu_name(offer.gpu_id, given.catalog)}{place} · {offer.date}"
        total = format_money(offer.total[given.term], given.currency)
        mark = "" if offer.meets else "! "
        rows.append(_row(escape(mark + name), str(total), theme, below))
    years = format_number(given.scenario.money.lifetime_years)
    return [*rows, _row("", "", theme, text("cost.offers.over", years=years))]


def _table(title: str, rows: Iterable[str], theme: Theme) -> str:
    head = f"<p style='margin:10px 0 2px 0;color:{theme.quiet}'><b>{escape(title)}</b></p>" if title else ""
    return f"{head}<table width='100%' cellspacing='0' cellpadding='2'>{''.join(rows)}</table>"


def _row(name: str, value: str, theme: Theme, below: str) -> str:
    about = f"<br><span style='color:{theme.quiet};font-size:small'>{escape(below)}</span>" if below else ""
    return f"<tr><td>{name}{about}</td><td align='right' valign='top'><b>{escape(value)}</b></td></tr>"


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"
