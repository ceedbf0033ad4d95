"""The model command: what it prints, and how it ends."""

from __future__ import annotations

import json

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.cli import main
from tests.engine.architecture.test_counts import CONFIGS


@pytest.fixture
def run(capsys):
    def run(*arguments):
        code = main(["model", *map(str, arguments)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_list(run):
    code, out, err = run("list")
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == len(load_catalog().models) + 1
    assert "Parameters" in out.splitlines()[0]


def test_list_can_be_searched(run):
    _, out, _ = run("list", "--search", "QWEN3 a22b", "--json")
    found = {entry["id"]: entry for entry in json.loads(out)}
    assert {"qwen3-235b-a22b", "qwen3-235b-a22b-2507"} <= set(found)
    assert found["qwen3-235b-a22b"]["total_parameters"] == 235_093_634_560
    assert found["qwen3-235b-a22b"]["active_parameters"] == 22_190_763_520
    assert run("list", "--search", "no such thing") == (0, "No model matches “no such thing”.\n", "")


def test_show(run):
    _, out, _ = run("show", "deepseek-v3")
    assert "671 026 404 352" in out.replace("\N{THIN SPACE}", " ")
    assert "fp8-block128" in out
    _, out, _ = run("show", "llama-3.3-70b", "--json")
    told = json.loads(out)
    assert told["kv_elements_per_token"] == 163_840
    assert told["record"]["shape"]["hidden"] == 8192


def test_show_says_why_a_model_is_not_estimated(run):
    _, out, _ = run("show", "jamba-v0.1-52b")
    assert "linear attention" in out


def test_show_speaks_chinese(capsys):
    assert main(["--lang", "zh", "model", "show", "qwen3-8b"]) == 0
    assert "总参数量" in capsys.readouterr().out


def test_what_is_not_there_has_neighbours(run):
    code, out, err = run("show", "llama-3.1-8")
    assert (code, out) == (2, "")
    assert "llama-3.1-8b" in err


def test_import_as_json(run):
    code, out, err = run("import", CONFIGS / "gpt-oss-120b.json", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert told["total_parameters"] == 116_829_156_672
    assert told["active_parameters"] == 5_711_982_912
    assert told["shape_is_assumed"] is False
    assert [layer["attention"].get("window") for layer in told["shape"]["layers"]] == [128, None]


def test_import_and_keep(run):
    code, out, _ = run("import", CONFIGS / "Yi-6B.json", "--save")
    assert code == 0
    assert "Saved as “yi-6b-own”" in out
    assert run("show", "yi-6b-own")[0] == 0


def test_import_of_something_else(run, tmp_path):
    path = tmp_path / "config.json"
    path.write_text('{"model_type": "bert", "hidden_size": 768}', encoding="utf-8")
    code, out, err = run("import", path)
    assert (code, out) == (2, "")
    assert err.startswith(str(path))
    assert "encoder" in err


def test_an_action_is_needed(run):
    code, out, err = run()
    assert (code, out) == (2, "")
    assert "--help" in err
