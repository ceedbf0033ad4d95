"""A short part of ``make proof``, each in a process of its own: it forks, limits its memory, or drives a window."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from gpuplanner.catalog.importers.importing import import_model
from gpuplanner.catalog.prices.sheet import read_sheet
from gpuplanner.errors import InputError
from gpuplanner.evidence.imports.registry import read_benchmark
from tests.end_to_end.program import environment
from tests.proof.document import write
from tests.proof.mutations import bytes_from, json_from

pytestmark = pytest.mark.process
ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "tests" / "data" / "configs" / "Jamba-v0.1.json"


def told(code: str) -> Any:
    """What a process that runs this code prints, as JSON."""
    command = [sys.executable, "-W", "error", "-c", f"import json\n{code}"]
    done = subprocess.run(command, cwd=ROOT, env=environment(PYTHONPATH=str(ROOT)), capture_output=True, timeout=170, check=False)
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    return json.loads(done.stdout)


def sentence(read: Callable[[], object]) -> str:
    """How reading is refused; empty when it isn't."""
    try:
        read()
    except InputError as error:
        return error.sentence("en")
    return ""


def test_killed_fifteen_times_nothing_is_lost() -> None:
    found = told("from tests.proof.kills import kill_often\nprint(json.dumps(vars(kill_often(15, seed=3))))")
    assert found["faults"] == []
    assert found["kills"] == 15
    assert found["edits"] > 15
    assert found["most_lost_s"] <= 2


def test_three_thousand_hostile_files_are_read_or_refused() -> None:
    code = "from tests.proof.hostile import assault\n"
    code += "told = {name: [one.inputs, one.read + one.refused, one.faults] for name, one in assault(3000).items()}\n"
    code += "print(json.dumps(told))"
    found = told(code)
    assert [fault for _, _, faults in found.values() for fault in faults] == []
    assert all(inputs and inputs == answered for inputs, answered, _ in found.values())
    assert sum(inputs for inputs, _, _ in found.values()) >= 2990


def test_a_random_user_breaks_nothing() -> None:
    code = "from tests.proof.random_user import drive\n"
    code += "found = drive(60, seed=5, acts=250)\nprint(json.dumps([found.acts, found.answers, found.faults]))"
    acts, answers, faults = told(code)
    assert faults == []
    assert acts == 250
    assert answers > 3


def test_damage_is_repeatable_and_is_damage() -> None:
    content = CONFIG.read_bytes()
    for damage in (bytes_from, json_from):
        assert damage(Random(4), content, content) == damage(Random(4), content, content)
        assert sum(damage(Random(number), content, content) != content for number in range(50)) > 45


def test_the_document_says_what_was_not_run(tmp_path: Path) -> None:
    kills = {"kills": 1000, "while_saving": 70, "with_copy": 200, "edits": 9000, "most_lost_s": 1.2, "litter": 3, "faults": []}
    (tmp_path / "kills.json").write_text(json.dumps(kills | {"date": "2026-11-21", "seed": 1, "minutes": 9.0}), encoding="utf-8")
    write(tmp_path, tmp_path / "proof.md")
    words = (tmp_path / "proof.md").read_text(encoding="utf-8")
    assert "| kills | 1,000 |" in words
    assert "Not run: hostile files" in words
    assert "Not run: random user" in words


# What the long run found, mended since.


def test_layer_kinds_that_are_lists_are_refused(tmp_path: Path) -> None:
    fields = json.loads(CONFIG.read_text(encoding="utf-8"))
    fields["layers_block_type"] = [["attention"]] * fields["num_hidden_layers"]
    path = tmp_path / "config.json"
    path.write_text(json.dumps(fields), encoding="utf-8")
    assert "config.json" in sentence(lambda: import_model(path)) or import_model(path).shape is None


def test_a_log_of_cards_with_another_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cards.csv"
    path.write_text("index, memory.used.total [MiB]\n0, 70000 MiB\n", encoding="utf-8")
    with pytest.raises(InputError):
        read_benchmark(path)


def test_a_sheet_that_does_not_unpack_is_refused(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "prices.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_row(0, 0, ["型号", "单价"] * 50)
    content = path.read_bytes()
    start = content.index(b"xl/worksheets/sheet1.xml") + 24
    for place in range(start, start + 60, 3):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        assert "prices.xlsx" in (sentence(lambda: read_sheet(path)) or "prices.xlsx")


def test_a_sheet_in_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prices.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", '<?xml version="1.0" encoding="TTF-8"?><a/>')
    assert "prices.xlsx" in sentence(lambda: read_sheet(path))
