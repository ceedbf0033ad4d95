"""An explanation as a page of rich text, wide or narrow. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from statistics import median

from gpuplanner.codes import code_text
from gpuplanner.engine.result import Explanation, Plan, Term, Unit
from gpuplanner.format import format_figure, format_number, format_share
from gpuplanner.palette import Theme
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import has, text
from gpuplanner.ui.results.figures import label, provenance_text
from gpuplanner.ui.why import markup
from gpuplanner.ui.why.measured import Measured

NARROW = 470


@dataclass(frozen=True, slots=True)
class Paper:
    """How a page is set."""

    theme: Theme
    wide: bool
    text_px: int
    fixed_font: str
    byte_unit: str
    currency: str

    @property
    def small_px(self) -> int:
        """Size of quieter text."""
        return max(10, round(self.text_px * 0.92))


def title(key: str, scenario: Scenario) -> str:
    """What a figure or part of one is called."""
    if key.startswith("modelled."):  # what it would be without own measurements
        return text("explain.modelled", figure=title(key.removeprefix("modelled."), scenario))
    name = key.partition("@")[0]  # behind it stands which part of it
    own = f"results.figure.{name}.passes"
    if scenario.workload.kind.passes and has(own):
        return text(own, percentile=f"p{scenario.targets.percentile * 100:g}")
    if scenario.workload.kind.trains and has(f"explain.{name}.training"):
        return text(f"explain.{name}.training")
    if has(f"explain.{name}"):
        return text(f"explain.{name}")
    if has(f"results.figure.{name}"):
        return label(name, scenario)
    said = text(f"figure.{name}") if has(f"figure.{name}") else text("tab.why")
    return said[:1].upper() + said[1:]


def page(
    explained: Explanation,
    scenario: Scenario,
    gpu: str,
    paper: Paper,
    measured: Sequence[Measured] = (),
    rules: str = "",
) -> str:
    """The whole page: value, formula, symbols, notes, reference, rules of thumb as rich text, measurements nearby."""
    parts = [
        _head(explained, scenario, gpu, paper),
        _formula_box(explained, paper),
        _terms(explained, paper),
        *(paragraph(code_text(note, byte_unit=paper.byte_unit), paper) for note in explained.notes),
        paragraph(f"{text('results.why.reference')}{text(f'reference.{explained.formula_id}')}", paper),
        rules,  # measurements come later than all else, and move nothing
        _nearby(measured, paper),
    ]
    return _sheet("".join(parts), paper)


def no_page(plan: Plan | None, gpu: str, key: str, scenario: Scenario, paper: Paper, reason: str) -> str:
    """What to say where there is nothing to lay open: why a GPU cannot run and what would change that, or ``reason``."""
    heading = f'<p style="margin:0 0 6px 0"><b>{escape(title(key, scenario))}</b> {quiet(escape(gpu), paper)}</p>'
    said = [paragraph(reason, paper)] if reason else []
    if plan is not None:
        said += [paragraph(code_text(code, byte_unit=paper.byte_unit), paper) for code in plan.reasons]
        said += [paragraph(f"→ {code_text(code, byte_unit=paper.byte_unit)}", paper) for code in plan.remedies]
    return _sheet(heading + "".join(said), paper)


def _sheet(body: str, paper: Paper) -> str:
    return f'<div style="font-size:{paper.text_px}px; color:{paper.theme.text}">{body}</div>'


def _head(explained: Explanation, scenario: Scenario, gpu: str, paper: Paper) -> str:
    made = format_figure(explained.result, byte_unit=paper.byte_unit, currency=paper.currency)
    name = f"<b>{escape(title(explained.key, scenario))}</b>"
    value = f'<span style="font-size:{round(paper.text_px * 1.35)}px"><b>{escape(made.number)}</b></span> {escape(made.unit)}'
    spread = text("results.why.range", range=made.range_text) if made.range_text else ""
    known = " · ".join(part for part in (spread, provenance_text(explained.result)) if part)
    cells = f'<td valign="bottom">{name}</td><td align="right" valign="bottom">{value}</td>'
    first = f'<table width="100%" cellspacing="0" cellpadding="0"><tr>{cells}</tr></table>'
    second = quiet(escape(" · ".join(part for part in (gpu, known) if part)), paper)
    return f'{first}<p style="margin:2px 0 8px 0">{second}</p>'


def _formula_box(explained: Explanation, paper: Paper) -> str:
    theme = paper.theme
    made = format_figure(explained.result, byte_unit=paper.byte_unit, currency=paper.currency)
    result = explained.result
    shown = markup.both_units(result.value) if result.unit is Unit.BYTES and result.value is not None else escape(str(made))
    lines = (
        f'<p style="margin:0">{markup.formula(explained.formula)}</p>'
        f'<p style="margin:5px 0 0 0; color:{theme.quiet}">= {escape(markup.unbroken(explained.numbers))}</p>'
        f'<p style="margin:5px 0 0 0">= <b>{shown}</b></p>'
    )
    style = f"border:1px solid {theme.line}; font-family:{paper.fixed_font}; font-size:{paper.small_px}px"
    cell = f'<td bgcolor="{theme.field}" style="{style}">{lines}</td>'
    return (
        '<table width="100%" cellspacing="0" cellpadding="9" style="border-collapse:collapse; margin-top:6px">'
        f"<tr>{cell}</tr></table>"
    )


def _terms(explained: Explanation, paper: Paper) -> str:
    keys = ("symbol", "meaning", "value", "unit", "source", "change") if paper.wide else ("symbol", "meaning", "value")
    rows = [ruled_row([heading_cell(text(f"results.why.{key}") if key != "change" else "", paper) for key in keys], paper, keys)]
    cells = _wide_cells if paper.wide else _narrow_cells
    rows += [ruled_row(cells(term, paper), paper, keys) for term in explained.terms]
    return ruled_table(rows, margin=8)


def ruled_table(rows: Sequence[str], margin: int = 0) -> str:
    """A table of ruled rows."""
    style = f"margin-top:{margin}px; border-collapse:collapse"
    return f'<table width="100%" cellspacing="0" cellpadding="3" style="{style}">{"".join(rows)}</table>'


def ruled_row(cells: Sequence[str], paper: Paper, keys: Sequence[str]) -> str:
    """A row with a line below it; cells of figures to the right."""
    line = f"border-bottom:1px solid {paper.theme.line}; padding-top:4px; padding-bottom:4px"
    made = []
    for key, cell in zip(keys, cells, strict=True):
        edge = "; padding-left:0" if key == keys[0] else "; padding-right:0" if key == keys[-1] else ""
        right = ' align="right"' if key in ("value", "change", "measured", "estimated", "error", "says", "off") else ""
        made.append(f'<td{right} style="{line}{edge}">{cell}</td>')
    return f"<tr>{''.join(made)}</tr>"


def _wide_cells(term: Term, paper: Paper) -> list[str]:
    shown = markup.value(term.value, term.unit, paper.byte_unit, paper.currency)
    source = quiet(escape(code_text(term.source, byte_unit=paper.byte_unit)), paper)
    return [
        markup.symbol(term.symbol),
        escape(text(term.name)),
        _value(term, shown.number),
        quiet(escape(shown.unit), paper),
        source,
        _change(term),
    ]


def _narrow_cells(term: Term, paper: Paper) -> list[str]:
    shown = markup.value(term.value, term.unit, paper.byte_unit, paper.currency)
    source = escape(code_text(term.source, byte_unit=paper.byte_unit))
    change = _change(term)
    below = quiet(source, paper) + (f" · {change}" if change else "")
    value = _value(term, f"{shown.number}\N{NO-BREAK SPACE}{shown.unit}".strip())
    return [markup.symbol(term.symbol), f"{escape(text(term.name))}<br>{below}", value]


def _value(term: Term, shown: str) -> str:
    held = escape(shown).replace(" ", "&nbsp;")
    return f'<a href="open:{escape(term.opens)}"><b>{held}</b></a>' if term.opens else f"<b>{held}</b>"


def _change(term: Term) -> str:
    return f'<a href="edit:{escape(term.edit)}">{escape(text("results.why.change"))}</a>' if term.edit else ""


def _nearby(measured: Sequence[Measured], paper: Paper) -> str:
    if not measured:
        return ""
    off = format_share(median(abs(row.error) for row in measured))
    heading = text("results.why.nearby", count=len(measured), error=off)
    keys = (
        ("measurement", "engine", "measured", "estimated", "error", "drawn")
        if paper.wide
        else ("measurement", "measured", "error")
    )
    rows = [ruled_row([heading_cell(text(f"results.why.{key}") if key != "drawn" else "", paper) for key in keys], paper, keys)]
    scale = max(0.05, *(abs(row.error) for row in measured))
    for row in measured:
        cells = {
            "measurement": _measurement(row, paper),
            "engine": quiet(escape(row.engine), paper),
            "measured": escape(str(markup.value(row.measured, row.unit, paper.byte_unit, paper.currency))),
            "estimated": escape(str(markup.value(row.estimated, row.unit, paper.byte_unit, paper.currency))),
            "error": _signed(row.error),
            "drawn": f'<img src="error:{row.error / scale:.3f}">',
        }
        rows.append(ruled_row([cells[key] for key in keys], paper, keys))
    about = text(f"results.why.nearby.{measured[0].about}") if measured[0].about else ""
    more = f'<a href="evidence:">{escape(text("results.why.nearby.all"))}</a>'
    return (
        f'<p style="margin:14px 0 4px 0"><b>{escape(heading)}</b></p>{paragraph(about, paper) if about else ""}'
        f'{ruled_table(rows)}<p style="margin:6px 0 0 0">{quiet(more, paper)}</p>'
    )


def _measurement(row: Measured, paper: Paper) -> str:
    """What was measured, and below where that stands: narrow, the engine and the rest as a hint."""
    below = row.source if paper.wide else row.engine
    hint = escape(row.detail or row.source, quote=True).replace("\n", "&#10;")
    return f'<span title="{hint}">{escape(row.label)}</span><br>{quiet(escape(below), paper)}'


def _signed(error: float) -> str:
    sign = "+" if error >= 0 else "−"
    return f"{sign}\N{THIN SPACE}{format_number(abs(error) * 100, digits=2)}\N{THIN SPACE}%"


def heading_cell(words: str, paper: Paper) -> str:
    """A column head."""
    return f'<span style="color:{paper.theme.quiet}; font-size:{paper.small_px}px"><b>{escape(words)}</b></span>'


def paragraph(words: str, paper: Paper) -> str:
    """A quiet paragraph."""
    return f'<p style="margin:8px 0 0 0">{quiet(escape(words), paper)}</p>'


def quiet(rich: str, paper: Paper) -> str:
    """Rich text in the quieter tone."""
    return f'<span style="color:{paper.theme.quiet}; font-size:{paper.small_px}px">{rich}</span>'


def formula_text(explained: Explanation, byte_unit: str, currency: str) -> str:
    """The formula as plain text: symbols, numbers, result."""
    result = format_figure(explained.result, byte_unit=byte_unit, currency=currency)
    return f"{explained.formula}\n  = {explained.numbers}\n  = {result}\n"


def terms_tsv(explained: Explanation) -> str:
    """The symbols as a table with tabs, raw values."""
    keys = ("symbol", "meaning", "value", "unit", "source")
    lines = ["\t".join(text(f"results.why.{key}") for key in keys)]
    for term in explained.terms:
        unit = "" if term.unit is Unit.COUNT else term.unit.value
        lines.append("\t".join((term.symbol, text(term.name), f"{term.value:.10g}", unit, code_text(term.source))))
    return "\n".join(lines) + "\n"
