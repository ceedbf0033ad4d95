"""Sentences about bad input."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from gpuplanner import texts
from gpuplanner.errors import InputError, Message, Named, shown

PACKAGE = Path(texts.__file__).parent


def test_sentence_follows_the_language() -> None:
    error = InputError("error.disk.read.missing", file="a.gpuplan")
    assert error.sentence() == "a.gpuplan is not there. Check the name, or whether the drive is connected."
    assert error.sentence("zh") == "找不到 a.gpuplan。请检查文件名，或确认磁盘已连接。"
    texts.set_language("zh")
    assert error.sentence() == error.sentence("zh")
    assert (error.code, dict(error.params)) == ("error.disk.read.missing", {"file": "a.gpuplan"})


def test_parameters_may_be_texts_themselves() -> None:
    allowed = Message("error.allowed.text", {"limit": 5})
    error = InputError("error.field", field=Named("field.name"), found="x", allowed=allowed)
    assert error.sentence("en") == "Name can't be x. It can be a text of at most 5 characters."
    assert error.sentence("zh") == "名称不能为 x，可填不超过 5 个字符的文本。"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("short", "short"),
        ("x" * 100, "x" * 59 + "…"),
        ("a\nb\x1b[31m\u202ec", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}c"),
        (5, "5"),
        (None, "None"),
    ],
)
def test_foreign_values_are_shown_short_and_printable(value: object, expected: str) -> None:
    assert shown(value) == expected


def _codes(path: Path) -> set[str]:
    """Text keys that the code names in calls of InputError, DiskError, Message, Named and their kin."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        first = node.args[0]
        if name in ("InputError", "DiskError", "ChangedOnDisk", "Message", "Named") and isinstance(first, ast.Constant):
            found.add(str(first.value))
    return found


@pytest.mark.parametrize(
    "path",
    [PACKAGE / "disk.py", PACKAGE / "units.py", *sorted((PACKAGE / "scenario").glob("*.py"))],
    ids=lambda path: path.name,
)
def test_every_code_has_a_text(path: Path) -> None:
    assert {code for code in _codes(path) if not texts.has(code)} == set()


@pytest.mark.parametrize("action", ["read", "write", "move"])
def test_every_disk_error_has_a_text(action: str) -> None:
    from gpuplanner.disk import _CODES, disk_error

    for number in [*_CODES, 99999, None]:
        error = disk_error(OSError(number, "reason"), Path("folder/file"), action)
        for lang in texts.LANGUAGES:
            assert "file" in error.sentence(lang)
