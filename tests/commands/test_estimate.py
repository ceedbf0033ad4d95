"""The estimate command: the JSON that other programs read, lines in and out, the table."""

from __future__ import annotations

import io
import json

import pytest

from gpuplanner.assets import resources
from gpuplanner.cli import main
from gpuplanner.commands import estimate as command
from gpuplanner.commands.columns import width

EXAMPLE = next((resources() / "examples").glob("02-*.gpuplan"))
CODE = {"code", "params", "text_en", "text_zh"}
MAYBE = (int, float, type(None))
QUANTITY = {"value": MAYBE, "low": MAYBE, "high": MAYBE, "unit": str, "provenance": str, "rows": int, "at_least": bool}
SCHEMA = {
    "format": str,
    "version": int,
    "program": str,
    "catalogue": {"date": str, "digest": str},
    "scenario": {"name": str, "customer": str},
    "model": {"id": str, "name": str, "total_parameters": int, "active_parameters": int, "kv_bytes_per_token": float},
    "currency": str,
    "gpu": str,
    "answer": {"text_en": str, "text_zh": str},
    "refusal": type(None),
    "mix": type(None),
    "plans": list,
    "warnings": list,
    "site": dict,
    "estate": type(None),
    "rules": dict,
    "money": dict,
    "cloud": dict,
}
PLAN = {
    "gpu": str,
    "name": str,
    "status": str,
    "layout": {
        "tensor_parallel": int,
        "pipeline_parallel": int,
        "replicas": int,
        "spare_replicas": int,
        "gpus": int,
        "bought_gpus": int,
        "servers": int,
    },
    "batch": int,
    "compute_format": str,
    "memory": {
        "parts_bytes": {part: float for part in ("weights", "kv_cache", "activations", "engine", "communication")},
        "need_bytes": float,
        "usable_bytes": float,
        "limit_bytes": float,
        "kv_pool_bytes": float,
        "kv_tokens_fit": int,
        "requests_fit": int,
        "moments": list,
    },
    "prefill_apart": type(None),
    "conversations": type(None),
    "training": type(None),
    "passes": type(None),
    "figures": dict,
    "reasons": list,
    "remedies": list,
    "warnings": list,
}
FIGURES = {
    "memory_per_gpu": "B", "ttft": "s", "tpot": "s", "ttft_mean": "s", "tpot_mean": "s", "e2e": "s", "e2e_mean": "s",
    "throughput": "tok/s",
    "request_rate": "req/s", "purchase": "money", "power": "W", "cost_per_million": "money", "headroom": "share",
}  # fmt: skip


@pytest.fixture
def run(capsys):
    def run(*arguments):
        code = main(["estimate", *map(str, arguments)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def fits(value: object, schema: object, place: str = "") -> None:
    if isinstance(schema, dict):
        assert isinstance(value, dict), place
        assert set(schema) == set(value), place
        for key, part in schema.items():
            fits(value[key], part, f"{place}.{key}")
    else:
        assert isinstance(value, schema), (place, value)


def test_json_keeps_its_form(run):
    code, out, err = run(EXAMPLE, "--json")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    fits(answer, SCHEMA)
    assert (answer["format"], answer["version"]) == ("gpuplanner-estimate", 1)
    for plan in answer["plans"]:
        assert set(plan) == {*PLAN, "fallback"}
        for code in (*plan["reasons"], *plan["remedies"], *plan["warnings"], *([plan["fallback"]] if plan["fallback"] else [])):
            assert set(code) == CODE
            assert code["text_en"]
            assert any("\u4e00" <= char <= "\u9fff" for char in code["text_zh"]), code
        if plan["status"] == "impossible":
            assert (plan["layout"], plan["memory"], plan["batch"], plan["figures"]) == (None, None, None, {})
            continue
        fits({key: value for key, value in plan.items() if key != "fallback"}, PLAN, plan["gpu"])
        assert {key: figure["unit"] for key, figure in plan["figures"].items()} == FIGURES
        for figure in plan["figures"].values():
            fits(figure, QUANTITY)
        assert plan["memory"]["need_bytes"] == pytest.approx(sum(plan["memory"]["parts_bytes"].values()))


def test_statuses_come_best_first(run):
    plans = json.loads(run(EXAMPLE, "--json")[1])["plans"]
    ranks = [{"meets": 0, "expected": 0, "misses": 1, "impossible": 2}[plan["status"]] for plan in plans]
    assert ranks == sorted(ranks)


def test_one_gpu(run):
    answer = json.loads(run(EXAMPLE, "--json", "--gpu", "nvidia-h20-96gb")[1])
    assert [plan["gpu"] for plan in answer["plans"]] == ["nvidia-h20-96gb"]
    assert answer["gpu"] == "nvidia-h20-96gb"
    assert "H20" in answer["answer"]["text_zh"]


@pytest.mark.parametrize("gpu", ["h20", "nvidia-h20", "NVIDIA-H20-96GB", "<b>"])
def test_unknown_gpu_names_near_ones(run, gpu):
    code, out, err = run(EXAMPLE, "--gpu", gpu)
    assert (code, out) == (2, "")
    assert gpu in err
    if gpu != "<b>":
        assert "nvidia-h20-96gb" in err


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_table_lines_up(run, lang):
    code, out, err = run(EXAMPLE, "--lang", lang)
    assert (code, err) == (0, "")
    head = "GPU" + " " * 10
    lines = out.splitlines()
    start = next(number for number, line in enumerate(lines) if line.strip().startswith(head))
    body = [line for line in lines[start:] if line.strip()][:40]
    whole = [line for line in body if not line.startswith("×")]
    assert len({width(line) for line in whole}) == 1, "the last column ends at one place"
    assert all(line[0] in " ✓!×" for line in body)
    assert len(lines) > 122


def test_table_of_chosen_names_every_part(run):
    out = run(EXAMPLE, "--lang", "zh", "--gpu", "nvidia-h20-96gb")[1]
    for word in ("权重", "KV 缓存", "激活", "通信", "首 token 时延，p95", "引擎上限"):
        assert word in out


def test_names_cannot_steer_the_terminal(run, tmp_path):
    path = tmp_path / "x.gpuplan"
    path.write_text(document(name="a\x1b[2Jb\u202ec\nd", customer="\x07\r"), encoding="utf-8")
    code, out, _ = run(path)
    assert code == 0
    assert not set(out) & set("\x1b\x07\r\u202e")
    assert out.splitlines()[0] == "a [2Jbc d"


def test_file_or_lines_but_not_both(run):
    for arguments in ((), (EXAMPLE, "--jsonl")):
        code, out, err = run(*arguments)
        assert (code, out) == (2, "")
        assert "--jsonl" in err


def document(**changes: object) -> str:
    whole = json.loads(EXAMPLE.read_bytes())
    return json.dumps({**whole, "scenario": {**whole["scenario"], **changes}})


@pytest.fixture
def lines(capsys, monkeypatch):
    def lines(text: bytes, *arguments: str):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
        code = main(["estimate", "--jsonl", *arguments])
        told = capsys.readouterr()
        return code, [json.loads(line) for line in told.out.splitlines()], told.err

    return lines


def test_lines_in_order_with_bad_ones_between(lines):
    bare = json.dumps(json.loads(document(name="three"))["scenario"])
    given = [document(name="one"), "nonsense", "", bare, document(name="four", workload={"load": -1}), document(name="five")]
    code, answers, err = lines("\n".join(given).encode(), "--gpu", "nvidia-h20-96gb")
    assert code == 2
    assert "2 of 5" in err
    assert [answer["line"] for answer in answers] == [1, 2, 4, 5, 6]
    assert [answer.get("scenario", {}).get("name") for answer in answers] == ["one", None, "three", None, "five"]
    for bad in (answers[1], answers[3]):
        assert set(bad) == {"line", "error"}
        assert set(bad["error"]) == {"code", "text_en", "text_zh"}
        assert f"line {bad['line']}" in bad["error"]["text_en"]
    assert all(len(answer["plans"]) == 1 for answer in answers if "plans" in answer)


def test_line_without_end_and_all_good(lines):
    code, answers, err = lines(document(name="only").encode(), "--gpu", "nvidia-h20-96gb")
    assert (code, err, len(answers)) == (0, "", 1)
    assert lines(b"\n \n") == (0, [], "")


def test_long_line_is_passed_over(lines, monkeypatch):
    monkeypatch.setattr(command, "LONGEST_LINE", 8192)
    good = document(name="good").encode()
    assert len(good) < 8192
    code, answers, _ = lines(b"x" * 20_000 + b"\n" + good + b"\n" + b"y" * 8193, "--gpu", "nvidia-h20-96gb")
    assert code == 2
    assert [answer["line"] for answer in answers] == [1, 2, 3]
    assert [answer.get("error", {}).get("code") for answer in answers] == [
        "cli.estimate.line_too_long",
        None,
        "cli.estimate.line_too_long",
    ]


def test_refused_model_on_a_line_is_an_answer(lines):
    code, answers, _ = lines(document(model={"id": "model-of-dreams"}).encode())
    assert code == 0
    assert answers[0]["refusal"]["code"] == "refusal.unknown_model"
    assert answers[0]["plans"] == []
    assert answers[0]["gpu"] is None


def test_refused_model_in_a_file(run, tmp_path):
    path = tmp_path / "x.gpuplan"
    path.write_text(document(model={"id": "model-of-dreams"}), encoding="utf-8")
    code, out, err = run(path, "--json")
    assert code == 2
    assert json.loads(out)["refusal"]["params"] == {"id": "model-of-dreams"}
    assert "model-of-dreams" in err
