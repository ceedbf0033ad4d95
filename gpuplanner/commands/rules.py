"""``gpuplanner rules``: what practice says of a scenario, beside the engine; without one, the rules themselves."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from gpuplanner import texts
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.commands.columns import columns
from gpuplanner.commands.facts import load_and_tell
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Estimate
from gpuplanner.engine.rules.judge import rules_of
from gpuplanner.engine.rules.result import Rules
from gpuplanner.errors import InputError
from gpuplanner.report.answer import spoken
from gpuplanner.report.practice import ALL, practice_table
from gpuplanner.report.rules import guard_text, rule_line, rules_json
from gpuplanner.report.rules_list import rules_markdown, tiers_markdown
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.files import load_scenario
from gpuplanner.texts import text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be asked."""
    parser.add_argument("file", metavar="FILE", nargs="?", type=Path, help=text("cli.argument.file"))
    parser.add_argument("--json", action="store_true", help=text("cli.option.json"))
    parser.add_argument("--tables", action="store_true", help=text("cli.option.tables"))
    parser.add_argument("--markdown", action="store_true", help=text("cli.option.markdown"))
    parser.add_argument("--tiers", action="store_true", help=text("cli.option.tiers"))
    parser.add_argument("--lang", choices=texts.LANGUAGES, help=text("cli.option.lang"))


def run(args: argparse.Namespace) -> int:
    """Judge and print.

    Raises:
        InputError: when the file can't be read, or the scenario can't be estimated.
    """
    if args.lang:
        texts.set_language(args.lang)
    catalog = load_and_tell()
    if args.markdown:
        print(rules_markdown(catalog), end="")
        return 0
    if args.tiers:
        print(tiers_markdown(catalog), end="")
        return 0
    if args.file is None:
        print(_dumped(_known(catalog)) if args.json else _known_lines(catalog))
        return 0
    scenario = load_scenario(args.file).scenario
    answer = estimate(scenario, catalog)
    if answer.refusal is not None:
        raise InputError("cli.estimate.refused", file=str(args.file), reason=spoken(answer.refusal))
    rules = rules_of(scenario, catalog, answer)
    print(_dumped(_document(answer, rules)) if args.json else _lines(scenario, rules))
    if args.tables and not args.json:
        for key in ALL:
            table = practice_table(key, scenario, catalog, answer)
            if table is not None:
                print("\n".join(("", table.title, columns(table.heads, table.rows, table.right), *table.notes)))
    return 0


def _document(answer: Estimate, rules: Rules) -> dict[str, Any]:
    return {"format": "gpuplanner-rules", "version": 1, "gpu": answer.chosen, **rules_json(rules)}


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1)


def _lines(scenario: Scenario, rules: Rules) -> str:
    told = [text("rules.guards"), *(f"  {guard_text(warned)}" for warned in rules.warned)]
    if not rules.warned:
        told.append(f"  {text('rules.no_guards')}")
    if not rules.thumbs:
        return "\n".join((*told, "", text("rules.none")))
    heads = ["", *(text(f"rules.column.{key}") for key in ("rule", "says", "engine", "off", "why"))]
    lines = [rule_line(thumb, scenario.money.currency) for thumb in rules.thumbs]
    body = [[line.sign, line.name, line.says, line.engine, line.off, line.why] for line in lines]
    return "\n".join((*told, "", text("rules.heading"), columns(heads, body, frozenset((2, 3, 4)))))


def _known(catalog: Catalog) -> dict[str, Any]:
    return {
        "format": "gpuplanner-rules",
        "version": 1,
        "rules_of_thumb": [rule.model_dump(mode="json") for rule in catalog.practice.values()],
        "guard_rails": [guard.model_dump(mode="json") for guard in catalog.guards.values()],
    }


def _known_lines(catalog: Catalog) -> str:
    thumbs = [[rule.id, ", ".join(rule.lines), text(f"rule.{rule.id}")] for rule in catalog.practice.values()]
    guards = [[guard.id, text(f"rules.{guard.severity}"), text(f"guard.{guard.id}.rule")] for guard in catalog.guards.values()]
    return "\n".join(
        (
            text("rules.heading"),
            columns(("", "", ""), thumbs),
            "",
            text("rules.guards"),
            columns(("", "", ""), guards),
        )
    )
