"""The quote as Markdown: as agreed, and nothing of what a name holds is taken for markup."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.report.content import Metadata
from gpuplanner.report.markdown import escaped, quote_markdown
from gpuplanner.report.wording import words
from tests.report.sample import content

DATA = Path(__file__).parents[1] / "data"
HOSTILE = "<script>alert(1)</script> **b** [x](javascript:1) ![i](http://x/y.png) | {{7*7}} {% raw %} `c` <img src=x> &lt;"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_golden(lang):
    expected = (DATA / f"quote-{lang}.md").read_text(encoding="utf-8")
    assert quote_markdown(words(content(), lang)) == expected


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_hostile_names_are_shown_not_run(lang):
    meta = content().metadata
    hostile = Metadata(meta.number, meta.day, meta.version, HOSTILE, meta.seller)
    text = quote_markdown(words(content(title=HOSTILE, customer=HOSTILE, metadata=hostile), lang))
    assert "<script" not in text
    assert "<img" not in text
    assert "{{7\\*7}} {% raw %}" in text
    assert "49" not in text
    assert "](javascript" not in text.replace("\\](javascript", "")
    # the row of the customer still has its two cells
    assert all(
        len(re.findall(r"(?<!\\)\|", line)) == 3 for line in text.splitlines() if line.startswith("| ") and "alert" in line
    )


def test_tables_have_as_many_cells_as_columns():
    for lang in ("en", "zh"):
        lines = quote_markdown(words(content(), lang)).splitlines()
        for above, line in itertools.pairwise(lines):
            if above.startswith("|") and line.startswith("|"):
                assert len(re.findall(r"(?<!\\)\|", above)) == len(re.findall(r"(?<!\\)\|", line)), line


@given(st.text(max_size=120))
def test_escaped_is_one_line_without_markup(text):
    shown = escaped(text)
    assert "\n" not in shown
    assert "<" not in shown
    assert ">" not in shown
    for place, char in enumerate(shown):
        if char in "`*_[]|~$^":
            assert (place - len(shown[:place].rstrip("\\"))) % 2 == 1, shown
    assert not re.match(r"(#{1,6}|[-+=]|\d{1,9}[.)])(\s|$)", shown)


@pytest.mark.parametrize(
    ("text", "shown"), [("# x", "\\# x"), ("- x", "\\- x"), ("1. x", "1\\. x"), ("-5", "-5"), ("1.5", "1.5"), ("C#", "C#")]
)
def test_block_starts_are_escaped_and_plain_text_is_not(text, shown):
    assert escaped(text) == shown
