"""Initials of Chinese words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.pinyin import initials


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("青禾制药", "qhzy"),
        ("研发助手", "yfzs"),
        ("文献问答", "wxwd"),
        ("北京银行 70B", "bjyh70b"),
        ("知识库", "zsk"),
        ("中国移动", "zgyd"),
        ("Acme Bank", ""),
        ("", ""),
    ],
)
def test_initials(words: str, expected: str) -> None:
    assert initials(words) == expected


@given(st.text())
def test_any_text_has_some_or_none(words: str) -> None:
    assert all(char.isascii() and char.isalnum() for char in initials(words))
