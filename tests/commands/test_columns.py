"""Columns under one another, in places of a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.commands.columns import columns, cut, rows, width


@pytest.mark.parametrize(
    ("text", "places"), [("", 0), ("abc", 3), ("显存", 4), ("首 token 时延", 13), ("é", 1), ("e\u0301", 1), ("，", 2), ("×", 1)]
)
def test_width(text, places):
    assert width(text) == places


def test_columns_line_up_with_chinese():
    lines = columns(
        ["GPU", "显存", "时延"], [["H20", "96 GB", "740 ms"], ["昇腾", "64 GB", "1,420 ms"]], frozenset({1, 2})
    ).split("\n")
    assert lines == ["GPU    显存      时延", "H20   96 GB    740 ms", "昇腾  64 GB  1,420 ms"]
    assert len({width(line) for line in lines}) == 1


def test_short_row_runs_on_and_widens_nothing():
    lines = columns(["", "GPU", "a", "b"], [["✓", "H20", "1", "2"], ["×", "T4", "a reason that is long"]]).split("\n")
    assert lines == ["   GPU  a  b", "✓  H20  1  2", "×  T4   a reason that is long"]


def test_rows():
    assert rows([("权重", "1"), ("KV cache", "2"), ("KV cache", "3")]) == "权重      1\nKV cache  2\n          3"


@given(st.text(max_size=60), st.integers(min_value=1, max_value=40))
def test_cut_is_never_wider(text, places):
    assert width(cut(text, places)) <= places
    if width(text) <= places:
        assert cut(text, places) == text
