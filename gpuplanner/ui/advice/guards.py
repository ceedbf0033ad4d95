"""Guard rails in the Advice tab, as rich text."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from gpuplanner.codes import code_text
from gpuplanner.engine.result import Estimate
from gpuplanner.engine.rules.guards import warned_of
from gpuplanner.palette import Theme
from gpuplanner.report.rules import GUARD_SIGNS
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog


def guards_html(scenario: Scenario, catalog: Catalog, answer: Estimate, theme: Theme) -> str:
    """What the answer's plan runs into, the gravest first; empty where it runs into nothing."""
    colours = {"stop": theme.bad, "warn": theme.caution, "note": theme.quiet}
    rows = []
    for warned in warned_of(scenario, catalog, answer):
        hint = escape(text("rules.of_date", source=warned.source, date=warned.date), quote=True)
        sign = f'<b style="color:{colours[warned.severity]}">{GUARD_SIGNS[warned.severity]}</b>'
        said = f'<span title="{hint}">{escape(code_text(warned.code))}</span>'
        rows.append(f'<tr><td width="14">{sign}</td><td style="padding-bottom:4px">{said}</td></tr>')
    return f'<table cellspacing="0" cellpadding="0">{"".join(rows)}</table>' if rows else ""
