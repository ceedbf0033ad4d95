"""Tables of practice and answered questions in words. Qt-free."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.codes import code_text
from gpuplanner.engine.result import Code, Estimate
from gpuplanner.engine.rules.judge import thumbs_of
from gpuplanner.engine.rules.questions import Answered, questions_of
from gpuplanner.engine.rules.result import Thumb
from gpuplanner.engine.rules.table import Cell, Table, exact
from gpuplanner.engine.rules.tables import TABLES, table_of
from gpuplanner.engine.tiers import TIERS, tier
from gpuplanner.format import format_expected
from gpuplanner.report.rules import rule_line
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.examples import examples
from gpuplanner.scenario.files import load_scenario
from gpuplanner.texts import text

RULES: Final = "rules"
ALL: Final = (*TABLES, "tiers", "questions")


@dataclass(frozen=True, slots=True)
class TableText:
    """A table as it is read; ``right`` are the columns of numbers."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int]
    notes: tuple[str, ...] = ()


def practice_table(key: str, scenario: Scenario, catalog: Catalog, answer: Estimate, byte_unit: str = "GB") -> TableText | None:
    """A table of practice in the current language; None where it doesn't apply.

    Args:
        key: of :data:`ALL`, or :data:`RULES`.
        scenario: what was asked.
        catalog: what is known.
        answer: the estimate of the two.
        byte_unit: "GB" or "GiB".
    """
    if key == RULES:
        return _rules(thumbs_of(scenario, catalog, answer), scenario.money.currency, byte_unit)
    if key == "questions":
        return _questions(questions_of(scenario, catalog, answer), byte_unit)
    table = tier_table(catalog) if key == "tiers" else table_of(key, scenario, catalog, answer)
    return None if table is None else worded(table, scenario.money.currency, byte_unit)


def worded(table: Table, currency: str, byte_unit: str = "GB") -> TableText:
    """A table in words."""
    rows = tuple(tuple(_cell(cell, currency, byte_unit) for cell in row) for row in table.rows)
    numbers = {at for row in table.rows for at, cell in enumerate(row) if cell is not None and not isinstance(cell, Code)}
    heads = tuple(text(f"practice.column.{key}") for key in table.columns)
    return TableText(text(f"practice.{table.key}"), heads, rows, frozenset(numbers), _notes(table.notes))


def tier_table(catalog: Catalog) -> Table:
    """The three tiers of the article, claim by claim beside the engine."""
    paths = {example.key: example.path for example in examples()}
    rows: list[tuple[Cell, ...]] = []
    for name in TIERS:
        path = paths.get(name.replace("-", "_"))
        if path is None:
            continue
        scenario = load_scenario(path).scenario
        for claim in tier(name, scenario, catalog).claims:
            said = exact(claim.key, claim.said, claim.found.unit)
            sign = Code("practice.name", {"name": {True: "✓", False: "✕", None: "–"}[claim.holds]})
            why = claim.why[0] if claim.why else None
            rows.append((Code(f"tier.{name}"), Code(f"tier.claim.{claim.key}"), said, claim.found, sign, why))
    lines = ("S001-4", "S001-5", "S001-6")
    columns = ("tier", "claim", "said", "found", "holds", "why")
    return Table("tiers", lines, columns, tuple(rows), (Code("practice.tiers.note"),))


def _rules(thumbs: Iterable[Thumb], currency: str, byte_unit: str) -> TableText | None:
    lines = [rule_line(thumb, currency, byte_unit) for thumb in thumbs]
    if not lines:
        return None
    heads = ("", *(text(f"rules.column.{key}") for key in ("rule", "says", "engine", "off", "why")))
    rows = tuple((line.sign, line.name, line.says, line.engine, line.off, line.why) for line in lines)
    return TableText(text("rules.heading"), heads, rows, frozenset((2, 3, 4)))


def _questions(answered: Iterable[Answered], byte_unit: str) -> TableText:
    rows = []
    for item in answered:
        sentences = [code_text(code, byte_unit=byte_unit) for code in item.answer]
        rows.append((code_text(item.question), " ".join(sentences)))
    return TableText(text("practice.questions"), ("", ""), tuple(rows), frozenset())


def _cell(cell: Cell, currency: str, byte_unit: str) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, Code):
        return code_text(cell, byte_unit=byte_unit)
    if cell.value is None:
        return text("unit.unknown")
    shown = format_expected(cell, byte_unit=byte_unit, currency=currency)
    return str(shown)


def _notes(codes: Iterable[Code]) -> tuple[str, ...]:
    return tuple(code_text(code) for code in codes)
