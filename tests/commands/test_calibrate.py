"""``gpuplanner calibrate``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gpuplanner.cli import main
from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.scenario.files import load_scenario, save_scenario

TABLE = "model,gpu,gpus,tp,engine,weights,isl,osl,concurrency,ttft_ms,tpot_ms\nQwen3-32B,H100,2,2,vllm,fp8,2048,512,32,310,24.8\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scenario."""
    monkeypatch.setenv("GPUPLANNER_HOME", str(tmp_path / "home"))
    path = tmp_path / "case.gpuplan"
    scenario = replace(replace(Scenario(), "model.id", "qwen3-32b"), "deployment.gpu", "nvidia-h100-sxm5-80gb")
    save_scenario(path, scenario, "")
    return path


def bench(folder: Path, content: str = TABLE) -> Path:
    """A benchmark file."""
    path = folder / "notes.csv"
    path.write_text(content)
    return path


def test_the_scenario_holds_the_rows_and_the_effect_is_printed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "en", "calibrate", str(file), str(bench(file.parent))]) == 0
    out = capsys.readouterr().out
    assert "310\N{NO-BREAK SPACE}ms" in out
    assert "Per token, p95" in out
    held = load_scenario(file).scenario.calibration
    assert [row.figure.value for row in held.rows] == ["ttft", "tpot"]
    assert held.enabled
    assert list((file.parent / "home" / "data" / "measurements").glob("notes.csv-*-speed.csv"))


def test_out_leaves_the_file_as_it_was(file: Path) -> None:
    before = file.read_bytes()
    out = file.parent / "out.gpuplan"
    assert main(["calibrate", str(file), str(bench(file.parent)), "--out", str(out)]) == 0
    assert file.read_bytes() == before
    assert len(load_scenario(out).scenario.calibration.rows) == 2


def test_what_is_missing_can_be_said(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unknown = bench(file.parent, TABLE.replace("H100", "abacus"))
    before = file.read_bytes()
    assert main(["--lang", "en", "calibrate", str(file), str(unknown)]) == 2
    assert "abacus" in capsys.readouterr().err
    assert file.read_bytes() == before
    assert not (file.parent / "home" / "data" / "measurements").exists()
    assert main(["calibrate", str(file), str(unknown), "--gpu", "nvidia-h100-sxm5-80gb"]) == 0


@pytest.mark.parametrize("content", ["", "{", json.dumps({"benchmarks": []}), "model,ttft_ms\nQwen3-8B,nan\n"])
def test_a_bad_file_writes_nothing(file: Path, content: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = file.read_bytes()
    assert main(["calibrate", str(file), str(bench(file.parent)), str(bench(file.parent, content))]) == 2
    assert "notes.csv" in capsys.readouterr().err
    assert file.read_bytes() == before
    assert not (file.parent / "home" / "data").exists()
