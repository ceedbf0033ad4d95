"""``trtllm-bench``: its JSON report, and the report it prints."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from gpuplanner.evidence.imports.run import OFFLINE, OUTPUT_RATE, SERVING, TPOT, TTFT, Run, count, measured, positive, word
from gpuplanner.evidence.imports.source import inside

TOOL: Final = "trtllm-bench"
_HEAD: Final = "= PERFORMANCE OVERVIEW"
_NAMES: Final = {
    "model": "Model", "version": r"TensorRT LLM Version", "dtype": "Dtype", "quantization": "Quantization",
    "kv_cache_dtype": "KV Cache Dtype", "gpu": "Name", "requests": "Number of requests",
    "in_flight": "Number of concurrent requests", "input": r"Average Input Length \(tokens\)",
    "output": r"Average Output Length \(tokens\)", "tp": "TP Size", "pp": "PP Size",
    "rate": r"Total Output Throughput \(tokens/sec\)", "ttft": r"Average time-to-first-token \[TTFT\] \(ms\)",
    "tpot": r"Average time-per-output-token \[TPOT\] \(ms\)",
}  # fmt: skip


def matches(record: Mapping[str, Any]) -> bool:
    """Whether an object is its report."""
    return isinstance(record.get("performance"), Mapping) and isinstance(record.get("request_info"), Mapping)


def runs(record: Mapping[str, Any], place: str) -> list[Run]:
    """The run of a report.

    Raises:
        RecordError: when it measured nothing.
    """
    told = {
        "model": inside(record, "engine", "model"), "version": inside(record, "engine", "version"),
        "dtype": inside(record, "engine", "dtype"), "quantization": inside(record, "engine", "quantization"),
        "kv_cache_dtype": inside(record, "engine", "kv_cache_dtype"), "gpu": inside(record, "machine", "name"),
        "requests": inside(record, "request_info", "num_requests"),
        "in_flight": inside(record, "request_info", "avg_num_concurrent_requests"),
        "input": inside(record, "request_info", "avg_input_length"),
        "output": inside(record, "request_info", "avg_output_length"),
        "tp": inside(record, "world_info", "tp_size"), "pp": inside(record, "world_info", "pp_size"),
        "rate": inside(record, "performance", "system_output_throughput_tok_s"),
        "ttft": inside(record, "streaming_metrics", "avg_ttft_ms"), "tpot": inside(record, "streaming_metrics", "avg_tpot_ms"),
    }  # fmt: skip
    return [_run(told, place)]


def is_report(text: str) -> bool:
    """Whether a text holds the report it prints."""
    return _HEAD in text


def report_runs(text: str) -> list[Run]:
    """The run of a printed report.

    Raises:
        RecordError: when it measured nothing.
    """
    told: dict[str, object] = {}
    for key, name in _NAMES.items():
        match = re.search(rf"^\s*{name}:[ \t]*(\S[^\n]*)$", text, re.MULTILINE)
        told[key] = match[1].strip() if match else None
    return [_run(told, "")]


def _run(told: Mapping[str, Any], place: str) -> Run:
    figures = measured({OUTPUT_RATE: told["rate"], TTFT: told["ttft"], TPOT: told["tpot"]})
    tensor, pipeline = count(told["tp"]), count(told["pp"])
    quantised = word(told["quantization"])
    slots = positive(told["in_flight"])
    return Run(
        TOOL, place, SERVING if slots else OFFLINE, figures, model=word(told["model"]), gpu=word(told["gpu"]).partition(",")[0],
        gpus=(tensor or 1) * (pipeline or 1) if tensor else None, tensor_parallel=tensor, pipeline_parallel=pipeline,
        engine="TensorRT-LLM", version=word(told["version"]),
        weights=quantised if quantised not in {"", "None"} else word(told["dtype"]), kv=_kv(word(told["kv_cache_dtype"])),
        input_tokens=positive(told["input"]), output_tokens=positive(told["output"]), concurrency=slots,
        requests=count(told["requests"]),
    )  # fmt: skip


def _kv(name: str) -> str:
    return "" if name in {"", "None", "auto"} else name
