"""Every kind of benchmark file, in the form its tool writes, and what is read off it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import samples

from gpuplanner.errors import InputError
from gpuplanner.evidence.imports.registry import TOOLS, Benchmark, read_benchmark
from gpuplanner.evidence.imports.run import (
    DECODE,
    MEMORY,
    OFFLINE,
    OUTPUT_RATE,
    PEAK,
    PREFILL,
    PROMPT_RATE,
    SERVING,
    TPOT,
    TTFT,
)


def read(folder: Path, name: str, content: str | None = None) -> Benchmark:
    path = folder / name
    path.write_text(samples.FILES[name] if content is None else content)
    return read_benchmark(path)


def test_there_is_a_sample_of_every_tool(tmp_path: Path) -> None:
    assert {read(tmp_path, name).runs[0].tool for name in samples.FILES} == set(TOOLS)


def test_vllm(tmp_path: Path) -> None:
    (run,) = read(tmp_path, "vllm.json").runs
    assert (run.model, run.engine, run.date) == ("meta-llama/Llama-3.1-8B-Instruct", "vLLM", "2026-11-02")
    assert (run.input_tokens, run.output_tokens, run.concurrency, run.requests) == (1024, 256, 32, 200)
    assert run.request_rate is None
    assert dict(run.figures) == {OUTPUT_RATE: 1638.4, TTFT: 142.7, TPOT: 18.91}


def test_vllm_at_a_rate_gives_what_was_in_flight(tmp_path: Path) -> None:
    record = samples.vllm(request_rate=4.0, max_concurrency=None, request_throughput=3.9)
    (run,) = read(tmp_path, "rate.json", json.dumps(record)).runs
    assert run.request_rate == 4.0
    assert run.concurrency == pytest.approx(3.9 * (0.1427 + 255 * 0.01891))  # Little's law


def test_vllm_without_any_limit_is_a_burst(tmp_path: Path) -> None:
    (run,) = read(tmp_path, "burst.json", json.dumps(samples.vllm(max_concurrency=None))).runs
    assert (run.concurrency, run.request_rate, run.requests) == (None, None, 200)


def test_vllm_metadata_is_taken(tmp_path: Path) -> None:
    record = samples.vllm(tp="4", gpu="H100", quantization="fp8")
    (run,) = read(tmp_path, "told.json", json.dumps(record)).runs
    assert (run.tensor_parallel, run.gpu, run.weights) == (4, "H100", "fp8")


def test_appended_runs_are_lines(tmp_path: Path) -> None:
    runs = read(tmp_path, "vllm-appended.jsonl").runs
    assert [(run.place, run.concurrency) for run in runs] == [("1", 8), ("2", 32)]


def test_sglang_tells_its_server(tmp_path: Path) -> None:
    runs = read(tmp_path, "sglang.jsonl").runs
    assert [run.concurrency for run in runs] == [64, 128]
    run = runs[0]
    assert (run.model, run.engine, run.version) == ("Qwen/Qwen3-32B-FP8", "SGLang", "0.5.3")
    assert (run.tensor_parallel, run.gpus, run.weights, run.kv) == (2, 2, "fp8", "")
    assert run.figures[TPOT] == 46.0
    assert run.request_rate is None  # written as Infinity


def test_sglang_before_it_told_its_server(tmp_path: Path) -> None:
    record = samples.sglang()
    del record["server_info"], record["tag"]
    (run,) = read(tmp_path, "old.jsonl", json.dumps(record)).runs
    assert (run.tensor_parallel, run.engine) == (None, "SGLang")


def test_genai_perf(tmp_path: Path) -> None:
    (run,) = read(tmp_path, "profile_export_genai_perf.json").runs
    assert (run.model, run.engine, run.concurrency) == ("meta-llama/Llama-3.1-8B-Instruct", "vLLM", 32)
    assert (run.input_tokens, run.output_tokens, run.requests) == (1024, 256, 200)
    assert dict(run.figures) == {OUTPUT_RATE: 1638.4, TTFT: 142.7, TPOT: 18.91}


def test_genai_perf_in_other_units(tmp_path: Path) -> None:
    record = samples.genai_perf(time_to_first_token={"unit": "ns", "avg": 142_700_000.0})
    (run,) = read(tmp_path, "ns.json", json.dumps(record)).runs
    assert run.figures[TTFT] == pytest.approx(142.7)


def test_aiperf_knows_its_cards(tmp_path: Path) -> None:
    (run,) = read(tmp_path, "profile_export_aiperf.json").runs
    assert (run.gpu, run.gpus, run.model, run.concurrency) == ("NVIDIA H100 80GB HBM3", 2, "Qwen/Qwen3-32B", 16)
    assert run.date == "2026-11-02"


def test_guidellm_gives_a_run_a_load(tmp_path: Path) -> None:
    runs = read(tmp_path, "benchmarks.json").runs
    assert [run.concurrency for run in runs] == [1, 16]
    assert [run.figures[OUTPUT_RATE] for run in runs] == [128.0, 2048.0]
    assert all(run.figures[TPOT] == 7.5 for run in runs)  # not the one that spreads the first token over the others
    assert all(run.model == "Qwen/Qwen3-8B" for run in runs)


def test_guidellm_at_a_rate(tmp_path: Path) -> None:
    report = samples.guidellm((16,))
    report["benchmarks"][0]["config"]["strategy"] = {"type_": "poisson", "rate": 7.5}
    (run,) = read(tmp_path, "rate.json", json.dumps(report)).runs
    assert (run.request_rate, run.concurrency) == (7.5, pytest.approx(16 * 0.98))


@pytest.mark.parametrize("name", ["llama-bench.json", "llama-bench.md"])
def test_llama_bench(tmp_path: Path, name: str) -> None:
    read_, written = read(tmp_path, name).runs
    assert (read_.task, written.task) == (PREFILL, DECODE)
    assert (read_.input_tokens, written.output_tokens) == (512, 128)
    assert (read_.gpu, read_.gpus, read_.engine) == ("NVIDIA GeForce RTX 4090", 1, "llama.cpp")
    assert read_.figures[PROMPT_RATE] > 10 * written.figures[OUTPUT_RATE]
    assert written.weights.casefold().startswith("q4")


def test_llama_bench_names_the_model(tmp_path: Path) -> None:
    assert read(tmp_path, "llama-bench.json").runs[0].model == "Qwen2.5-7B-Instruct"


def test_llama_bench_csv(tmp_path: Path) -> None:
    import csv
    import io

    out = io.StringIO()
    writer = csv.DictWriter(out, list(samples.llama_bench()[0]), quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(samples.llama_bench())
    runs = read(tmp_path, "bench.csv", out.getvalue()).runs
    assert [run.task for run in runs] == [PREFILL, DECODE]


def test_a_mixed_test_is_left_out(tmp_path: Path) -> None:
    tests = [*samples.llama_bench(), samples.llama_bench()[0] | {"n_gen": 128}]
    held = read(tmp_path, "mixed.json", json.dumps(tests))
    assert len(held.runs) == 2
    assert [(item.place, item.reason.code) for item in held.unusable] == [("3", "benchmark.record.mixed_test")]


@pytest.mark.parametrize("name", ["trtllm-report.json", "trtllm-bench.log"])
def test_trtllm(tmp_path: Path, name: str) -> None:
    (run,) = read(tmp_path, name).runs
    assert (run.model, run.gpu, run.version) == ("meta-llama/Llama-3.1-8B", "NVIDIA H100 80GB HBM3", "1.1.0")
    assert (run.tensor_parallel, run.weights, run.kv) == (1, "FP8", "FP8")
    assert (run.input_tokens, run.output_tokens, run.requests) == (1024, 256, 1000)
    assert run.concurrency == pytest.approx(512.6, abs=0.01)
    assert run.figures[OUTPUT_RATE] == pytest.approx(10377.5, abs=0.1)
    assert run.figures[TTFT] == pytest.approx(1920.67, abs=0.01)


def test_mlperf_server(tmp_path: Path) -> None:
    (run,) = read(tmp_path, "mlperf_log_summary.txt").runs
    assert run.task == SERVING
    assert run.figures[OUTPUT_RATE] == 22310.42
    assert run.figures[TTFT] == pytest.approx(412.345678)
    assert run.figures[TPOT] == pytest.approx(47.812345)
    assert run.output_tokens == pytest.approx(22310.42 / 75.81)
    assert run.concurrency == pytest.approx(75.81 * 14.435678901)


def test_mlperf_offline(tmp_path: Path) -> None:
    (run,) = read(tmp_path, "mlperf_offline_summary.txt").runs
    assert (run.task, run.concurrency, dict(run.figures)) == (OFFLINE, None, {OUTPUT_RATE: 24402.0})


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("Result is : VALID", "Result is : INVALID", "benchmark.record.invalid_run"),
        ("PerformanceOnly", "AccuracyOnly", "benchmark.record.accuracy_run"),
        ("Tokens per second: 24402.0\n", "", "benchmark.record.no_tokens"),
    ],
)
def test_mlperf_runs_that_say_nothing(tmp_path: Path, old: str, new: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, "bad.txt", samples.MLPERF_OFFLINE.replace(old, new))
    assert caught.value.code == "benchmark.file.nothing"
    assert caught.value.params["reason"].code == code  # type: ignore[attr-defined]


def test_nvidia_smi_takes_the_fullest_card(tmp_path: Path) -> None:
    (run,) = read(tmp_path, "nvidia-smi.csv").runs
    assert (run.task, dict(run.figures)) == (MEMORY, {PEAK: 21504 * 2**20})
    assert (run.gpu, run.gpus) == ("NVIDIA H100 80GB HBM3", 1)  # the other one was idle


def test_nvidia_smi_without_units(tmp_path: Path) -> None:
    (run,) = read(tmp_path, "plain.csv", "index, memory.used [MiB]\n0, 4000\n1, 4100\n").runs
    assert (run.figures[PEAK], run.gpus) == (4100 * 2**20, 2)


def test_a_table_with_names_of_its_own(tmp_path: Path) -> None:
    runs = read(tmp_path, "notes.csv").runs
    assert [(run.place, run.concurrency) for run in runs] == [("2", 32), ("3", 64)]
    run = runs[0]
    assert (run.model, run.gpu, run.gpus, run.tensor_parallel, run.engine) == ("Qwen3-32B", "H100 SXM", 2, 2, "vLLM")
    assert dict(run.figures) == {OUTPUT_RATE: 1240.0, TTFT: 310.0, TPOT: 24.8}


def test_a_table_of_memory(tmp_path: Path) -> None:
    (run,) = read(tmp_path, "memory.csv", "model,memory_gib,input_tokens\nQwen3-8B,18.5,2048\n").runs
    assert (run.task, run.figures[PEAK]) == (MEMORY, 18.5 * 2**30)


def test_powershell_writes_utf_16(tmp_path: Path) -> None:
    path = tmp_path / "smi.csv"
    path.write_bytes(samples.NVIDIA_SMI.encode("utf-16"))
    assert read_benchmark(path).runs[0].gpu == "NVIDIA H100 80GB HBM3"


@pytest.mark.parametrize("change", [{"output_throughput": 1e30}, {"output_throughput": -4.0}, {"mean_ttft_ms": float("nan")}])
def test_a_figure_that_cannot_be_is_told(tmp_path: Path, change: dict[str, Any]) -> None:
    lines = [json.dumps(samples.vllm()), json.dumps(samples.vllm(**change))]
    held = read(tmp_path, "two.jsonl", "\n".join(lines))
    assert len(held.runs) == 1
    assert [(item.place, item.reason.code) for item in held.unusable] == [("2", "benchmark.record.value")]
