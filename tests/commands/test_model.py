"""The model command: what it prints, and how it ends."""

from __future__ import annotations

import json

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.cli import main
from tests.catalog.importers import writers
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
    _, out, _ = run("show", "rwkv7-g1-2.9b")
    assert "keeps a fixed state" in out


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
    assert "num_hidden_layers" in err


@pytest.fixture
def gguf(tmp_path):
    path = tmp_path / "llama.gguf"
    path.write_bytes(writers.gguf_bytes(writers.LLAMA_1B, writers.llama_1b_tensors()))
    return path


def test_files_and_formula_stand_side_by_side(run, gguf):
    code, out, _ = run("import", gguf, "--save")
    assert code == 0
    for printed in (out, run("show", "llama-3.2-1b-instruct")[1]):
        lines = dict(line.split("  ", 1) for line in printed.splitlines() if "  " in line)
        assert "800 MB (799 862 912 B)" in lines["Weights in the files"].replace("\N{THIN SPACE}", " ").replace(
            "\N{NO-BREAK SPACE}", " "
        )
        assert "797" in lines["Weights by formula"]
        assert "embedding 215" in lines["of which"].replace("\N{NO-BREAK SPACE}", " ")


def test_stored_weights_as_json(run, gguf):
    told = json.loads(run("import", gguf, "--json")[1])
    assert told["stored"]["total_bytes"] == 799_862_912
    assert told["stored"]["parts"]["norm"] == {"bytes": 270_336, "params": 67_584}
    # the embedding, which is the head, counts in Q6_K; of Llama 3.1 8B, whose 4.8944 bits are published, it is 6.54 %
    rest = (4.8944 - 0.0654 * 6.5625) / (1 - 0.0654)
    head = 128_256 * 2048
    by_hand = (head * 6.5625 + (1_235_814_400 - head) * rest) / 8
    assert told["formula_bytes"] == pytest.approx(by_hand, rel=1e-3)  # norms stay in 16 bit
    assert told["formula_bytes"] == pytest.approx(told["stored"]["total_bytes"], rel=0.01)


@pytest.mark.parametrize("size", ["7B", "70亿", "7,000,000,000"])
def test_a_model_by_its_size(run, size):
    code, out, err = run("new", "--size", size, "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert told["total_parameters"] == pytest.approx(7e9, rel=0.01)
    assert told["shape_is_assumed"] is True


def test_a_model_by_its_dimensions(run):
    dimensions = ["--layers", 32, "--hidden", 4096, "--heads", 32, "--kv-heads", 8, "--intermediate", 14336]
    told = json.loads(run("new", *dimensions, "--name", "mine", "--json")[1])
    assert (told["id"], told["total_parameters"]) == ("mine", 8_030_261_248)
    assert run("new", *dimensions, "--name", "mine", "--save")[0] == 0
    assert run("show", "mine")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "number of parameters"),
        (("--size", "7B", "--layers", 3), "not both"),
        (("--size", "a lot"), "a lot"),
        (("--size", "7"), "from 100 M to 100 T"),
        (("--size", "7B", "--like", "nothing"), "nothing"),
        (("--size", "7B", "--like", "bge-m3"), "can’t be scaled"),
        (("--layers", 3, "--hidden", 0, "--heads", 3), "hidden_size"),
        (("--layers", 3, "--hidden", -64, "--heads", 3), "hidden_size"),
        (("--layers", 10**9, "--hidden", 64, "--heads", 4), "num_hidden_layers"),
        (("--layers", 3, "--hidden", 64, "--heads", 4, "--kv-heads", 3), "heads"),
        (("--layers", "x"), "x"),
    ],
)
def test_models_that_cannot_be_made(run, arguments, told):
    code, out, err = run("new", *arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert "Traceback" not in err


def test_an_action_is_needed(run):
    code, out, err = run()
    assert (code, out) == (2, "")
    assert "--help" in err
