"""Texts: both languages, equal placeholders, and every key the code names."""

from __future__ import annotations

import ast
import json
import string
from collections import Counter
from pathlib import Path

import pytest

from gpuplanner import assets, texts

PACKAGE = Path(texts.__file__).parent
DATES = {"report.day"}  # each language takes the parts of a date that it needs
FILES = sorted((assets.resources() / "texts").glob("*.json"))


def _placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def _literal_keys(path: Path) -> set[str]:
    """First string arguments of ``text(…)`` and ``text_in(lang, …)`` calls."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        place = {"text": 0, "text_in": 1}.get(name)
        if place is None or len(node.args) <= place:
            continue
        argument = node.args[place]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            found.add(argument.value)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_entries_are_whole_in_both_languages(path: Path) -> None:
    for key, entry in json.loads(path.read_bytes()).items():
        assert set(entry) == set(texts.LANGUAGES), key
        for sentence in entry.values():
            assert sentence.strip() or not any(entry.values()), key
            assert "TODO" not in sentence, key
            assert all(name.isidentifier() for name in _placeholders(sentence)), key
        if key not in DATES:
            assert _placeholders(entry["en"]) == _placeholders(entry["zh"]), key


def test_no_key_stands_in_two_files() -> None:
    counts = Counter(key for path in FILES for key in json.loads(path.read_bytes()))
    assert [key for key, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_keys_named_in_code_exist(path: Path) -> None:
    assert {key for key in _literal_keys(path) if not texts.has(key)} == set()


def test_language_change_is_told_once() -> None:
    before = texts.language()
    try:
        texts.set_language("en")
        assert texts.set_language("zh") is True
        assert texts.set_language("zh") is False
        assert texts.text("menu.file") == "文件(&F)"
        assert texts.text_in("en", "menu.file") == "&File"
    finally:
        texts.set_language(before)


def test_missing_key_and_missing_parameter_are_errors() -> None:
    with pytest.raises(KeyError):
        texts.text("no.such.key")
    with pytest.raises(KeyError):
        texts.text("status.estimated")


def test_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="fr"):
        texts.set_language("fr")
