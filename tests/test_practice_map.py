"""The map of practice: every line of the articles is there once, and names code and a test that exist."""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINES = json.loads((ROOT / "tests/data/practice_lines.json").read_text())
ROWS = {
    cells[0]: cells
    for row in (ROOT / "docs/practice.md").read_text(encoding="utf-8").splitlines()
    if row.startswith("| S0")
    for cells in [[cell.strip() for cell in row.strip("| ").split(" | ")]]
}


@cache
def functions(path: Path) -> frozenset[str]:
    return frozenset(node.name for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.FunctionDef))


def test_every_line_is_there_once() -> None:
    text = (ROOT / "docs/practice.md").read_text(encoding="utf-8")
    assert sorted(ROWS) == sorted(LINES)
    assert len(re.findall(r"^\| S0", text, re.MULTILINE)) == len(LINES)


@pytest.mark.parametrize("line", LINES)
def test_a_line_has_its_place_and_its_test(line: str) -> None:
    _, what, place, code, test = ROWS[line]
    assert what
    assert place
    assert (ROOT / code.strip("`")).is_file()
    path, _, name = test.strip("`").partition("::")
    assert name in functions(ROOT / path), test


def test_rules_and_tables_named_in_it_exist() -> None:
    from gpuplanner.engine.rules.judge import JUDGES
    from gpuplanner.engine.rules.tables import HABITS
    from gpuplanner.report.practice import ALL

    guards = {
        record["id"] for record in json.loads((ROOT / "catalogs/guards/guards.json").read_text(encoding="utf-8"))["records"]
    }
    known = {*JUDGES, *HABITS, *ALL, *guards}
    for _, _, place, _, _ in ROWS.values():
        assert set(re.findall(r"`([^`]+)`", place)) <= known, place


def test_rules_know_the_lines_they_stand_for() -> None:
    for path in sorted((ROOT / "catalogs/practice").glob("*.json")):
        for record in json.loads(path.read_text(encoding="utf-8"))["records"]:
            assert set(record["lines"]) <= set(LINES)


def test_the_list_of_rules_is_the_catalogues() -> None:
    """Made by ``gpuplanner rules --markdown > docs/rules.md``."""
    from gpuplanner.catalog.load import load_catalog
    from gpuplanner.report.rules_list import rules_markdown

    made = rules_markdown(load_catalog(user_dir=Path("/nonexistent")))
    assert made == (ROOT / "docs/rules.md").read_text(encoding="utf-8")


def test_ten_lines_are_shown_in_pictures() -> None:
    text = (ROOT / "docs/practice.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[(S\d{3}-\d+)[^\]]*\]\(pictures/(S\d{3}-\d+)\.png\)", text)
    assert len({line for line, _ in shown}) == 10
    for line, picture in shown:
        assert line == picture
        assert line in LINES
        assert (ROOT / f"docs/pictures/{picture}.png").read_bytes().startswith(b"\x89PNG")
