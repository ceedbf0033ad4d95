"""Cutting ICU's data: a table in, a table out, with what the program needs."""

from __future__ import annotations

import importlib
import struct
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def icu(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "packaging"))
    return importlib.import_module("icu")


def items(data: bytes) -> dict[str, bytes]:
    """The items of a table, read as ICU reads it: offsets from the end of the header."""
    size = struct.unpack_from("<H", data)[0]
    count = struct.unpack_from("<I", data, size)[0]
    found = {}
    for number in range(count):
        name, start = struct.unpack_from("<II", data, size + 4 + 8 * number)
        assert start % 16 == 0
        text = data[size + name : data.index(b"\0", size + name)].decode()
        found[text] = data[size + start :]
    return found


def a_table(icu: Any, names: list[str]) -> bytes:
    header = struct.pack("<H", 32) + b"\xda\x27" + b"\0" * 8 + b"CmnD" + b"\0" * 16
    return bytes(icu._table(header, [(f"icudt73l/{name}", name.encode() * 3) for name in names]))


def test_what_stays_and_what_goes(icu: Any) -> None:
    names = [
        "brkitr/cjdict.dict", "coll/ja.res", "coll/root.res", "coll/ucadata.icu", "coll/zh.res", "de.res", "en.res", "en_GB.res",
        "euc-tw-2014.cnv", "gb18030.cnv", "likelySubtags.res", "nfc.nrm", "pool.res", "root.res", "translit/root.res",
        "zh_Hans.res", "zone/zh.res", "zoneinfo64.res",
    ]  # fmt: skip
    before = a_table(icu, names)
    after = items(icu.cut(before))
    assert set(after) == {
        f"icudt73l/{name}"
        for name in (
            "coll/root.res", "coll/ucadata.icu", "coll/zh.res", "en.res", "en_GB.res", "gb18030.cnv", "likelySubtags.res",
            "nfc.nrm", "pool.res", "root.res", "zh_Hans.res", "zoneinfo64.res",
        )
    }  # fmt: skip
    assert list(after) == sorted(after), "ICU searches the table by halves"
    for name, content in after.items():
        own = name.removeprefix("icudt73l/").encode() * 3
        assert content.startswith(own)


def test_another_file_is_refused(icu: Any) -> None:
    with pytest.raises(ValueError, match="ICU"):
        icu.cut(b"\0" * 200)
