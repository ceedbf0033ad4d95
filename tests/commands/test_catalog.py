"""``gpuplanner catalog``: what it prints and how it exits."""

import json
from pathlib import Path

import pytest

from gpuplanner.catalog.load import load_catalog, user_folder
from gpuplanner.cli import main


def _own(content: str, name: str = "mine.json") -> None:
    (user_folder() / "gpus").mkdir(parents=True, exist_ok=True)
    (user_folder() / "gpus" / name).write_text(content, encoding="utf-8")


def test_list_of_kinds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", "list"]) == 0
    out = capsys.readouterr().out
    lines = {words[0]: words[1:] for line in out.splitlines() if (words := line.split())}
    assert lines["gpus"] == [str(len(load_catalog().gpus))]
    assert main(["catalog", "list", "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert value["records"]["precisions"] >= 48
    assert len(value["digest"]) == 12


def test_list_of_records_marks_yours(capsys: pytest.CaptureFixture[str]) -> None:
    _own('[{"id": "nvidia-l4", "change": {"tdp_w": 60}}]')
    assert main(["catalog", "list", "gpu"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert lines["nvidia-l4"].endswith("yours")
    assert not lines["nvidia-l40"].endswith("yours")
    assert main(["catalog", "list", "gpus", "--json"]) == 0
    listed = {item["id"]: item for item in json.loads(capsys.readouterr().out)}
    assert listed["nvidia-l4"]["yours"]
    assert len(listed) >= 122


def test_show_has_all_facts_and_says_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", "show", "nvidia-h100-sxm5-80gb"]) == 0
    out = capsys.readouterr().out
    assert "fp8 1978.9" in out
    assert "unknown" in out
    assert main(["--lang", "zh", "catalog", "show", "nvidia-h100-sxm5-80gb"]) == 0
    assert "未知" in capsys.readouterr().out
    assert main(["catalog", "show", "gpu:nvidia-h100-sxm5-80gb", "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert value["record"] == "gpu"
    assert value["dense_tflops"]["fp8"] == 1978.9
    assert value["release_date"] is None
    assert value["sources"]


def test_an_unknown_id_is_told_with_near_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", "show", "h100"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "nvidia-h100" in captured.err
    assert main(["catalog", "list", "cars"]) == 2
    assert "gpus, precisions" in capsys.readouterr().err


def test_check_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", "check"]) == 0
    assert "Errors: 0, warnings: 0." in capsys.readouterr().out


def test_check_warns_of_ones_own_and_still_passes(capsys: pytest.CaptureFixture[str]) -> None:
    _own("{")
    assert main(["catalog", "check"]) == 0
    out = capsys.readouterr().out
    assert "WARNING" in out
    assert "mine.json" in out


def test_check_fails_on_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in (("catalog", "{}"), ("families", '{"rules": []}'), ("checks", '{"least": {"gpus": 1}}')):
        (tmp_path / f"{name}.json").write_text(content)
    assert main(["catalog", "check", "--folder", str(tmp_path)]) == 2
    assert "ERROR gpus/" in capsys.readouterr().out
    assert main(["catalog", "check", "--folder", str(tmp_path), "--json"]) == 2
    (error,) = json.loads(capsys.readouterr().out)["errors"]
    assert (error["file"], error["code"]) == ("gpus/", "catalog.check.lost")
    assert main(["catalog", "check", "--folder", str(tmp_path / "none")]) == 2


def test_schema_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", "schema", "--out", str(tmp_path / "s")]) == 0
    assert str(tmp_path / "s" / "gpus.json") in capsys.readouterr().out
    assert (tmp_path / "s" / "gpus.json").is_file()


def test_schema_into_a_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "s").write_text("x")
    assert main(["catalog", "schema", "--out", str(tmp_path / "s")]) == 2
    assert str(tmp_path / "s") in capsys.readouterr().err
