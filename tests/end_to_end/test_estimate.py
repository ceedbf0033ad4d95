"""``gpuplanner estimate`` as a process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gpuplanner import assets
from tests.end_to_end.program import EXAMPLES, run

pytestmark = pytest.mark.process


def named(part: str) -> Path:
    return next(path for path in EXAMPLES if part in path.name.lower())


def gpu_ids() -> set[str]:
    found: set[str] = set()
    for path in (assets.catalogs() / "gpus").glob("*.json"):
        records = json.loads(path.read_bytes())
        found |= {record["id"] for record in records["records"]}
    return found


def test_there_are_six_examples():
    assert len(EXAMPLES) >= 6


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_answers_for_every_gpu(path):
    done = run("estimate", path, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert {plan["gpu"] for plan in answer["plans"]} == gpu_ids()
    assert answer["refusal"] is None
    assert answer["gpu"] in gpu_ids()
    chosen = next(plan for plan in answer["plans"] if plan["gpu"] == answer["gpu"])
    assert chosen["status"] != "impossible"
    for plan in answer["plans"]:
        if plan["status"] == "impossible":
            assert plan["reasons"], plan["gpu"]
        for key, figure in plan["figures"].items():
            if figure["value"] is not None and figure["low"] is not None:
                assert 0 <= figure["low"] <= figure["value"] <= figure["high"], (plan["gpu"], key)


def test_70b_kv_cache_is_the_published_figure():
    # Llama-3.3-70B: 80 layers, 8 KV heads of 128, keys and values, one byte each at 8 bit
    answer = json.loads(run("estimate", named("70b"), "--json").stdout)
    assert answer["model"]["kv_bytes_per_token"] == 2 * 80 * 8 * 128 == 163_840
    assert answer["model"]["total_parameters"] == 70_553_706_496


@pytest.mark.parametrize("language", ["en", "zh"])
def test_table_in_each_language(language):
    done = run("--lang", language, "estimate", named("70b"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "H200" in done.stdout
    assert ("显存" in done.stdout) is (language == "zh")


def test_one_gpu_only():
    done = run("estimate", named("70b"), "--json", "--gpu", sorted(gpu_ids())[0])
    assert done.returncode == 0
    assert [plan["gpu"] for plan in json.loads(done.stdout)["plans"]] == [sorted(gpu_ids())[0]]


def test_unknown_gpu_is_refused_by_name():
    done = run("estimate", named("70b"), "--gpu", "gpu-of-dreams")
    assert done.returncode == 2
    assert "gpu-of-dreams" in done.stderr
    assert "Traceback" not in done.stderr


def test_same_question_same_bytes():
    # Sets and hashes are ordered differently in each of these processes.
    first, second = (run("estimate", named("70b"), "--json", PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert first.stdout == second.stdout


def lines_of(paths: list[Path]) -> list[str]:
    return [json.dumps(json.loads(path.read_bytes())) for path in paths]


def test_jsonl_answers_in_order_and_goes_on_after_a_bad_line():
    scenarios = lines_of(EXAMPLES[:3])
    given = [
        scenarios[0],
        "{broken",
        scenarios[1],
        '{"format": "gpuplan", "version": 1, "workload": {"input_tokens": -5}}',
        "[]",
        scenarios[2],
    ]
    done = run("estimate", "--jsonl", stdin="\n".join(given))
    assert "Traceback" not in done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert ["error" in answer for answer in answers] == [False, True, False, True, True, False]
    names = [json.loads(scenario)["scenario"]["name"] for scenario in scenarios]
    assert [answer["scenario"]["name"] for answer in answers if "error" not in answer] == names


def test_jsonl_and_file_give_the_same_answer():
    path = named("70b")
    single = json.loads(run("estimate", path, "--json").stdout)
    [line] = run("estimate", "--jsonl", stdin=lines_of([path])[0] + "\n").stdout.splitlines()
    assert json.loads(line)["plans"] == single["plans"]


def test_jsonl_with_bytes_that_are_no_text():
    done = run("estimate", "--jsonl", stdin=b"\xff\xfe\x00garbage\n" + lines_of([named("70b")])[0].encode() + b"\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert ["error" in answer for answer in answers] == [True, False]


def test_chinese_names_survive_any_locale(tmp_path):
    content = json.loads(named("70b").read_bytes())
    content["scenario"] |= {"name": "客服助手", "customer": "某某银行"}
    path = tmp_path / "方案 一.gpuplan"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    done = run("estimate", path, "--json", LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["scenario"] == {"name": "客服助手", "customer": "某某银行"}
