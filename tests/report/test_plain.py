"""Foreign text made safe to print and to name files by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.report.plain import file_stem, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("  two   blanks ", "two blanks"),
        ("a\nb\tc\x00d\x1b[31m", "a b c d [31m"),
        ("price \u202e001 ¥\u202c", "price 001 ¥"),
        ("zero\u200bwidth\ufeff", "zero width"),
        ("宽　字", "宽　字"),
        ("7\u2009410\u00a0tok/s", "7\u2009410\u00a0tok/s"),
        ("مرحبا", "مرحبا"),
        ("\ud800", ""),
    ],
)
def test_one_line(text, shown):
    assert one_line(text) == shown


@given(st.text())
def test_one_line_has_no_controls_and_settles(text):
    shown = one_line(text)
    assert one_line(shown) == shown
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in shown)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
    shown.encode()


@pytest.mark.parametrize(
    ("parts", "stem"),
    [
        (("港通物流集团", "文档问答", "2026-11-21"), "港通物流集团_文档问答_2026-11-21"),
        (("ACME, Inc.", "Chat: 70B / 200 users?", "2026-11-21"), "ACME-Inc_Chat-70B-200-users_2026-11-21"),
        (("", "x", ""), "x"),
        (("../../etc", "passwd"), "etc_passwd"),
        (("con",), "con_"),
        ((".hidden.",), "hidden"),
    ],
)
def test_file_stem(parts, stem):
    assert file_stem(*parts) == stem


@given(st.lists(st.text(), max_size=3))
def test_file_stem_is_a_name_that_every_system_takes(parts):
    stem = file_stem(*parts)
    assert not set(stem) & set('<>:"/\\|?*\0\n')
    assert len(stem.encode()) <= 3 * 54 + 3
    assert stem == stem.strip()
    assert not stem.startswith(".")
    assert not stem.endswith(".")
