"""The list of all rules as Markdown, for the documentation."""

from __future__ import annotations

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.common import Source
from gpuplanner.engine.formula import REGISTRY
from gpuplanner.engine.rules.judge import JUDGES
from gpuplanner.texts import text_in

_WORDS = {"stop": "must not be", "warn": "think again", "note": "worth knowing"}


def rules_markdown(catalog: Catalog) -> str:
    """All rules of thumb with what holds instead, and all guard rails, in English."""
    parts = (
        "# Rules",
        "Made by `gpuplanner rules --markdown` of `catalogs/practice` and `catalogs/guards`; code: `gpuplanner/engine/rules`.",
        "## Rules of thumb",
        "Each is evaluated for a scenario beside the engine: what it says, how far that is off, and why.",
        _thumbs(catalog),
        "## Guard rails",
        "Each is a predicate on a plan. The date is that of the rule's source.",
        _guards(catalog),
    )
    return "\n\n".join(parts) + "\n"


def tiers_markdown(catalog: Catalog) -> str:
    """The tiers that practitioners sell by, their figures beside the engine's, in the language that is set."""
    from gpuplanner.report.practice import tier_table, worded

    told = worded(tier_table(catalog), "CNY")
    rows = [told.heads, ("---",) * len(told.heads), *told.rows]
    table = "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)
    made = "Made by `gpuplanner rules --tiers`; the window shows it under Catalogue › Tables of practice."
    return "\n\n".join((f"# {told.title}", made, table, *told.notes)) + "\n"


def _thumbs(catalog: Catalog) -> str:
    rows = ["| Rule | What holds | Formula | Told for | Lines |", "|---|---|---|---|---|"]
    for name in JUDGES:
        rule = catalog.practice[name]
        opened = REGISTRY.get(rule.formula or "")
        formula = f"`{opened.result} = {opened.text}`" if opened is not None else ""
        cells = (_english(f"rule.{name}"), _english(f"rule.{name}.right"), formula, ", ".join(rule.kinds), ", ".join(rule.lines))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _guards(catalog: Catalog) -> str:
    rows = ["| Guard | How grave | What it says | Source |", "|---|---|---|---|"]
    for name, guard in catalog.guards.items():
        cells = (name, _WORDS[guard.severity], _english(f"guard.{name}.rule"), _cited(guard.sources[0]))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _cited(source: Source) -> str:
    title = f"[{source.title}]({source.url})" if source.url else source.title
    return f"{title}, {source.date}"


def _english(key: str) -> str:
    return text_in("en", key).replace("|", "\\|")
