"""Rules of thumb below an explanation, as rich text. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Final

from gpuplanner.texts import text
from gpuplanner.ui.why.page import Paper, heading_cell, quiet, ruled_row, ruled_table

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.engine.result import Estimate, Plan
    from gpuplanner.report.rules import RuleLine
    from gpuplanner.scenario.document import Scenario

BESIDE: Final = {
    "throughput": ("throughput", "request_rate", "headroom"),
    "request_rate": ("request_rate", "headroom"),
    "item_rate": ("request_rate",),
    "e2e": ("ttft",),
    "purchase": ("gpus", "ram", "cores", "storage"),
    "power": ("ram", "cores"),
    "training_time": ("training_time", "gpus"),
    "checkpoint_time": ("checkpoint",),
}  # figures that show the rules of others too


def lines_of(
    scenario: Scenario, catalog: Catalog, answer: Estimate, plan: Plan, key: str, byte_unit: str
) -> tuple[RuleLine, ...]:
    """The rules that stand beside a figure, as far as they need no second estimate."""
    from gpuplanner.engine.rules.judge import thumbs_of  # and much of the engine with it: when somebody reads them
    from gpuplanner.report.rules import rule_line

    figures = BESIDE.get(key, (key,))
    found = [thumb for figure in figures for thumb in thumbs_of(scenario, catalog, answer, plan, figure=figure, again=False)]
    return tuple(rule_line(thumb, scenario.money.currency, byte_unit) for thumb in found)


def section(lines: Sequence[RuleLine], paper: Paper) -> str:
    """The rules with what they say, how far that is off, and why."""
    if not lines:
        return ""
    keys = ("sign", "rule", "says", "off", "why") if paper.wide else ("sign", "rule", "says")
    heads = [heading_cell(text(f"rules.column.{key}") if key != "sign" else "", paper) for key in keys]
    rows = [ruled_row(heads, paper, keys)]
    for before, line in zip((None, *lines), lines, strict=False):
        why = "" if before is not None and before.why == line.why else line.why  # once is enough
        cells = {
            "sign": _sign(line, paper),
            "rule": _rule(line, why, paper),
            "says": _numbers(line, paper),
            "off": escape(line.off).replace(" ", "&nbsp;"),
            "why": quiet(escape(why), paper),
        }
        rows.append(ruled_row([cells[key] for key in keys], paper, keys))
    return f'<p style="margin:14px 0 4px 0"><b>{escape(text("rules.heading"))}</b></p>{ruled_table(rows)}'


def _sign(line: RuleLine, paper: Paper) -> str:
    colour = {"✓": paper.theme.good, "!": paper.theme.caution, "✕": paper.theme.bad}[line.sign]
    hint = escape(line.state, quote=True)
    return f'<span title="{hint}" style="color:{colour}"><b>{line.sign}</b></span>'


def _rule(line: RuleLine, why: str, paper: Paper) -> str:
    """The rule; narrow, why it is off stands below it."""
    hint = escape(text("rules.right", right=line.right), quote=True)
    name = f'<span title="{hint}">{escape(line.name)}</span>'
    return name if paper.wide or not why else f"{name}<br>{quiet(escape(why), paper)}"


def _numbers(line: RuleLine, paper: Paper) -> str:
    says = escape(line.says).replace(" ", "&nbsp;").replace("&nbsp;–&nbsp;", " –&nbsp;")
    if paper.wide:
        return says
    return f"{says}<br>{quiet(escape(line.off).replace(' ', '&nbsp;'), paper)}"
