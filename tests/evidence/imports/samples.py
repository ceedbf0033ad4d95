"""Benchmark results in the very form their tools write them; figures are made up but consistent."""

from __future__ import annotations

import json
from typing import Any

COMPLETED = 200
INPUT = 1024
OUTPUT = 256


def vllm(**changes: Any) -> dict[str, Any]:
    """``vllm bench serve --save-result`` of release 0.11."""
    return {
        "date": "20261102-101530",
        "endpoint_type": "vllm",
        "backend": "vllm",
        "label": None,
        "model_id": "meta-llama/Llama-3.1-8B-Instruct",
        "tokenizer_id": "meta-llama/Llama-3.1-8B-Instruct",
        "num_prompts": COMPLETED,
        "request_rate": "inf",
        "burstiness": 1.0,
        "max_concurrency": 32,
        "duration": 31.25,
        "completed": COMPLETED,
        "failed": 0,
        "total_input_tokens": COMPLETED * INPUT,
        "total_output_tokens": COMPLETED * OUTPUT,
        "request_throughput": 6.4,
        "request_goodput": None,
        "output_throughput": 1638.4,
        "total_token_throughput": 8192.0,
        "max_output_tokens_per_s": 2048.0,
        "max_concurrent_requests": 38,
        "mean_ttft_ms": 142.7,
        "median_ttft_ms": 121.4,
        "std_ttft_ms": 80.1,
        "p99_ttft_ms": 480.2,
        "mean_tpot_ms": 18.91,
        "median_tpot_ms": 18.8,
        "std_tpot_ms": 0.6,
        "p99_tpot_ms": 20.4,
        "mean_itl_ms": 18.9,
        "median_itl_ms": 17.2,
        "std_itl_ms": 9.1,
        "p99_itl_ms": 61.0,
    } | changes


def sglang(**changes: Any) -> dict[str, Any]:
    """A line of SGLang's ``bench_serving --output-file`` of release 0.5."""
    return {
        "tag": None,
        "backend": "sglang",
        "dataset_name": "random",
        "request_rate": float("inf"),
        "max_concurrency": 64,
        "sharegpt_output_len": None,
        "random_input_len": INPUT,
        "random_output_len": OUTPUT,
        "random_range_ratio": 1.0,
        "server_info": {
            "model_path": "Qwen/Qwen3-32B-FP8",
            "tp_size": 2,
            "pp_size": 1,
            "dp_size": 1,
            "quantization": "fp8",
            "kv_cache_dtype": "auto",
            "version": "0.5.3",
            "internal_states": [{"avg_spec_accept_length": None}],
        },
        "duration": 40.0,
        "completed": COMPLETED,
        "total_input_tokens": COMPLETED * INPUT,
        "total_output_tokens": COMPLETED * OUTPUT,
        "total_output_tokens_retokenized": COMPLETED * OUTPUT - 12,
        "request_throughput": 5.0,
        "input_throughput": 5120.0,
        "output_throughput": 1280.0,
        "mean_e2e_latency_ms": 12100.0,
        "median_e2e_latency_ms": 12000.0,
        "mean_ttft_ms": 310.0,
        "median_ttft_ms": 290.0,
        "mean_tpot_ms": 46.0,
        "median_tpot_ms": 45.9,
        "mean_itl_ms": 46.1,
        "median_itl_ms": 44.0,
        "concurrency": 60.5,
        "accept_length": None,
    } | changes


def _statistics(unit: str, mean: float) -> dict[str, Any]:
    return {
        "unit": unit,
        "avg": mean,
        "p50": mean,
        "p90": mean * 1.1,
        "p99": mean * 1.3,
        "min": mean / 2,
        "max": mean * 2,
        "std": 1.0,
    }


def genai_perf(**changes: Any) -> dict[str, Any]:
    """``profile_export_genai_perf.json`` of release 0.0.16."""
    return {
        "request_throughput": {"unit": "requests/sec", "avg": 6.4},
        "request_latency": _statistics("ms", 4965.0),
        "request_count": {"unit": "count", "avg": float(COMPLETED)},
        "time_to_first_token": _statistics("ms", 142.7),
        "time_to_second_token": _statistics("ms", 19.0),
        "inter_token_latency": _statistics("ms", 18.91),
        "output_token_throughput": {"unit": "tokens/sec", "avg": 1638.4},
        "output_token_throughput_per_user": _statistics("tokens/sec/user", 52.9),
        "output_sequence_length": _statistics("tokens", OUTPUT),
        "input_sequence_length": _statistics("tokens", INPUT),
        "input_config": {
            "model_names": ["meta-llama/Llama-3.1-8B-Instruct"],
            "endpoint": {"backend": "vllm", "type": "chat"},
            "perf_analyzer": {"stimulus": {"concurrency": 32}},
        },
    } | changes


def aiperf(**changes: Any) -> dict[str, Any]:
    """``profile_export_aiperf.json`` of release 0.13, with GPU telemetry."""
    card = {"gpu_index": 0, "gpu_name": "NVIDIA H100 80GB HBM3", "gpu_uuid": "GPU-1", "hostname": "node", "metrics": {}}
    second = card | {"gpu_index": 1, "gpu_uuid": "GPU-2"}
    return (
        genai_perf()
        | {
            "schema_version": "1.1",
            "aiperf_version": "0.13.0",
            "input_config": {"models": {"items": [{"name": "Qwen/Qwen3-32B"}]}, "phases": [{"concurrency": 16}]},
            "was_cancelled": False,
            "start_time": "2026-11-02T10:15:30",
            "telemetry_data": {"endpoints": {"localhost:9400": {"gpus": {"gpu_0": card, "gpu_1": second}}}},
        }
        | changes
    )


def _distribution(mean: float) -> dict[str, Any]:
    one = {"mean": mean, "median": mean, "std_dev": 0.1, "count": 60, "total_sum": mean * 60, "percentiles": {"p50": mean}}
    return {"successful": one, "incomplete": None, "errored": None, "total": one}


def guidellm(streams: tuple[int, ...] = (1, 16)) -> dict[str, Any]:
    """``benchmarks.json`` of GuideLLM 0.5: a sweep over streams."""
    runs = []
    for held in streams:
        runs.append(
            {
                "type_": "generative_benchmark",
                "config": {"strategy": {"type_": "concurrent", "streams": held}, "backend": {"model": "Qwen/Qwen3-8B"}},
                "metrics": {
                    "request_totals": {"successful": 60, "incomplete": 0, "errored": 0, "total": 60},
                    "requests_per_second": _distribution(0.5 * held),
                    "request_concurrency": _distribution(held * 0.98),
                    "request_latency": _distribution(1.9),
                    "prompt_token_count": _distribution(INPUT),
                    "output_token_count": _distribution(OUTPUT),
                    "time_to_first_token_ms": _distribution(35.0 + held),
                    "time_per_output_token_ms": _distribution(7.9),
                    "inter_token_latency_ms": _distribution(7.5),
                    "output_tokens_per_second": _distribution(128.0 * held),
                },
            }
        )
    return {"metadata": {"version": 2, "guidellm_version": "0.5.0"}, "config": {"model": "Qwen/Qwen3-8B"}, "benchmarks": runs}


def llama_bench() -> list[dict[str, Any]]:
    """``llama-bench -o json``."""
    common = {
        "build_commit": "69f7e7116", "build_number": 6321, "cpu_info": "AMD Ryzen 9", "gpu_info": "NVIDIA GeForce RTX 4090",
        "backends": "CUDA",
        "model_filename": "models/Qwen2.5-7B-Instruct-Q4_K_M.gguf", "model_type": "qwen2 7B Q4_K - Medium",
        "model_size": 4677120000, "model_n_params": 7615616512, "n_batch": 2048, "n_ubatch": 512,
        "type_k": "f16", "type_v": "f16",
        "n_gpu_layers": 99, "n_depth": 0, "test_time": "2026-08-28T16:57:00Z", "avg_ns": 70285660, "stddev_ns": 982040,
        "stddev_ts": 12.0, "samples_ns": [70285660], "samples_ts": [7285.6],
    }  # fmt: skip
    return [common | {"n_prompt": 512, "n_gen": 0, "avg_ts": 11285.7}, common | {"n_prompt": 0, "n_gen": 128, "avg_ts": 139.4}]


LLAMA_TABLE = """\
ggml_cuda_init: found 1 CUDA devices:
  Device 0: NVIDIA GeForce RTX 4090, compute capability 8.9, VMM: yes
| model                          |       size |     params | backend    | ngl |            test |                  t/s |
| ------------------------------ | ---------: | ---------: | ---------- | --: | --------------: | -------------------: |
| llama 8B Q4_K - Medium         |   4.58 GiB |     8.03 B | CUDA       |  99 |           pp512 |     12108.41 ± 93.24 |
| llama 8B Q4_K - Medium         |   4.58 GiB |     8.03 B | CUDA       |  99 |           tg128 |        131.42 ± 0.59 |

build: 69f7e7116 (6321)
"""

TRTLLM_REPORT = """\
===========================================================
= PYTORCH BACKEND
===========================================================
Model:\t\t\tmeta-llama/Llama-3.1-8B
Model Path:\t\tNone
TensorRT LLM Version:\t1.1.0
Dtype:\t\t\tbfloat16
KV Cache Dtype:\t\tFP8
Quantization:\t\tFP8

===========================================================
= MACHINE DETAILS
===========================================================
Name: NVIDIA H100 80GB HBM3, memory 79.18 GB, 2.62 GHz

===========================================================
= REQUEST DETAILS
===========================================================
Number of requests:             1000
Number of concurrent requests:  512.6050
Average Input Length (tokens):  1024.0000
Average Output Length (tokens): 256.0000
===========================================================
= WORLD + RUNTIME INFORMATION
===========================================================
TP Size:                1
PP Size:                1
EP Size:                None
Max Runtime Batch Size: 2048
Max Runtime Tokens:     8192
Scheduling Policy:      GUARANTEED_NO_EVICT
KV Memory Percentage:   90.00%
Issue Rate (req/sec):   1.0526E+15

===========================================================
= PERFORMANCE OVERVIEW
===========================================================
Request Throughput (req/sec):                     40.5373
Total Output Throughput (tokens/sec):             10377.5488
Total Token Throughput (tokens/sec):              51887.7439
Total Latency (ms):                               24668.6
Average request latency (ms):                     12645.2
Per User Output Throughput [w/ ctx] (tps/user):   20.2
Per GPU Output Throughput (tps/gpu):              10377.5488
Average time-to-first-token [TTFT] (ms):          1920.6706
Average time-per-output-token [TPOT] (ms):        42.3272
"""


def trtllm(**changes: Any) -> dict[str, Any]:
    """``trtllm-bench throughput --report_json``."""
    return {
        "engine": {
            "model": "meta-llama/Llama-3.1-8B", "model_path": "None", "engine_dir": "None", "version": "1.1.0",
            "backend": "Pytorch", "dtype": "bfloat16", "kv_cache_dtype": "FP8", "quantization": "FP8",
        },
        "machine": {"name": "NVIDIA H100 80GB HBM3", "memory.total": 79.18, "clocks.mem": 2.619},
        "world_info": {"tp_size": 1, "pp_size": 1, "ep_size": None, "world_size": 1, "max_batch_size": 2048},
        "request_info": {
            "num_requests": 1000, "avg_num_concurrent_requests": 512.6, "avg_input_length": 1024.0, "avg_output_length": 256.0,
        },
        "performance": {"total_latency_ms": 24668.6, "system_output_throughput_tok_s": 10377.5},
        "streaming_metrics": {"avg_ttft_ms": 1920.67, "avg_tpot_ms": 42.33},
    } | changes  # fmt: skip


MLPERF_SERVER = """\
================================================
MLPerf Results Summary
================================================
SUT name : PySUT
Scenario : Server
Mode     : PerformanceOnly
Completed samples per second    : 75.81
Completed tokens per second: 22310.42
Result is : VALID
  Performance constraints satisfied : Yes
  Min duration satisfied : Yes
  Min queries satisfied : Yes
  Early stopping satisfied: Yes
TTFT Early Stopping Result:
 * Run successful.
TPOT Early Stopping Result:
 * Run successful.

================================================
Additional Stats
================================================
Scheduled samples per second        : 76.00
Min latency (ns)                : 524356789
Max latency (ns)                : 52435678901
Mean latency (ns)               : 14435678901
50.00 percentile latency (ns)   : 13435678901
99.00 percentile latency (ns)   : 48435678901

Completed tokens per second                 : 22310.42
Min First Token latency (ns)                : 60123456
Max First Token latency (ns)                : 3012345678
Mean First Token latency (ns)               : 412345678
50.00 percentile first token latency (ns)   : 380123456

Min Time to Output Token (ns)                : 8123456
Max Time to Output Token (ns)                : 98123456
Mean Time to Output Token (ns)               : 47812345
50.00 percentile time to output token (ns)   : 47012345

================================================
Test Parameters Used
================================================
samples_per_query : 1
target_qps : 76
target_latency (ns): 0
max_async_queries : 0
min_duration (ms): 600000
min_query_count : 100
qsl_rng_seed : 1780908523862526354

No warnings encountered during test.

No errors encountered during test.
"""

MLPERF_OFFLINE = """\
================================================
MLPerf Results Summary
================================================
SUT name : PySUT
Scenario : Offline
Mode     : PerformanceOnly
Samples per second: 83.0
Tokens per second: 24402.0
Result is : VALID
  Min duration satisfied : Yes
  Min queries satisfied : Yes
  Early stopping satisfied: Yes
"""

NVIDIA_SMI = """\
timestamp, index, name, memory.used [MiB], memory.total [MiB], utilization.gpu [%]
2026/11/02 10:00:00.000, 0, NVIDIA H100 80GB HBM3, 1024 MiB, 81559 MiB, 0 %
2026/11/02 10:00:00.000, 1, NVIDIA H100 80GB HBM3, 3 MiB, 81559 MiB, 0 %
2026/11/02 10:00:01.000, 0, NVIDIA H100 80GB HBM3, 21504 MiB, 81559 MiB, 93 %
2026/11/02 10:00:01.000, 1, NVIDIA H100 80GB HBM3, 3 MiB, 81559 MiB, 0 %
2026/11/02 10:00:02.000, 0, NVIDIA H100 80GB HBM3, 20480 MiB, 81559 MiB, 97 %
"""

TABLE = """\
Model;GPU;GPUs;TP;Engine;Precision;ISL;OSL;Concurrency;Throughput tok/s;TTFT ms;TPOT ms
Qwen3-32B;H100 SXM;2;2;vLLM;fp8;2048;512;32;1240;310;24.8
Qwen3-32B;H100 SXM;2;2;vLLM;fp8;2048;512;64;1990;520;30.6
"""

FILES: dict[str, str] = {
    "vllm.json": json.dumps(vllm()),
    "vllm-appended.jsonl": "\n".join(json.dumps(vllm(max_concurrency=held)) for held in (8, 32)) + "\n",
    "sglang.jsonl": json.dumps(sglang()) + "\n" + json.dumps(sglang(max_concurrency=128)) + "\n",
    "profile_export_genai_perf.json": json.dumps(genai_perf(), indent=2),
    "profile_export_aiperf.json": json.dumps(aiperf(), indent=2),
    "benchmarks.json": json.dumps(guidellm()),
    "llama-bench.json": json.dumps(llama_bench(), indent=2),
    "llama-bench.md": LLAMA_TABLE,
    "trtllm-report.json": json.dumps(trtllm(), indent=2),
    "trtllm-bench.log": TRTLLM_REPORT,
    "mlperf_log_summary.txt": MLPERF_SERVER,
    "mlperf_offline_summary.txt": MLPERF_OFFLINE,
    "nvidia-smi.csv": NVIDIA_SMI,
    "notes.csv": TABLE,
}
"""A file of every kind, by name."""
