"""``vllm bench serve`` and its forerunner ``benchmark_serving.py``: one JSON object a run, or one a line when appended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gpuplanner.evidence.imports.run import (
    OUTPUT_RATE,
    SERVING,
    TPOT,
    TTFT,
    RecordError,
    Run,
    count,
    in_flight,
    measured,
    positive,
    word,
)  # fmt: skip

TOOL: Final = "vllm"
_ENGINES: Final = {
    "trt": "TensorRT-LLM",
    "tensorrt-llm": "TensorRT-LLM",
    "sglang": "SGLang",
    "lmdeploy": "LMDeploy",
    "tgi": "TGI",
}


def matches(record: Mapping[str, Any]) -> bool:
    """Whether an object is one of these."""
    return "total_output_tokens" in record and "model_id" in record


def runs(record: Mapping[str, Any], place: str) -> list[Run]:
    """The run of an object.

    Raises:
        RecordError: when it measured nothing.
    """
    return [serving_run(TOOL, record, place, word(record.get("model_id")), _engine(record))]


def serving_run(tool: str, record: Mapping[str, Any], place: str, model: str, engine: str, **more: Any) -> Run:
    """A run as vLLM's and SGLang's clients tell it: sums of tokens, means of times, the load.

    Raises:
        RecordError: when nothing was completed, or a figure can't be.
    """
    done = positive(record.get("completed"))
    if done is None:
        raise RecordError("benchmark.record.none_completed")
    if positive(record.get("duration")) is None:
        raise RecordError("benchmark.record.no_duration")
    figures = measured(
        {
            OUTPUT_RATE: record.get("output_throughput"),
            TTFT: _mean(record, "ttft"),
            TPOT: _mean(record, "tpot") or _mean(record, "itl"),
        }
    )
    inputs, outputs = positive(record.get("total_input_tokens")), positive(record.get("total_output_tokens"))
    if inputs is None or outputs is None:
        raise RecordError("benchmark.record.no_lengths")
    rate, requests = positive(record.get("request_rate")), count(record.get("num_prompts")) or int(done)
    slots = positive(record.get("max_concurrency"))
    if slots is None and rate is not None:
        own = in_flight(positive(record.get("request_throughput")), figures.get(TTFT), figures.get(TPOT), outputs / done)
        slots = positive(record.get("concurrency")) or own
    date = word(record.get("date"))
    return Run(
        tool, place, SERVING, figures, model=model, engine=engine, input_tokens=inputs / done, output_tokens=outputs / done,
        concurrency=min(slots, requests) if slots else None, request_rate=rate, requests=requests,
        date=f"{date[:4]}-{date[4:6]}-{date[6:8]}" if date[:8].isdigit() else date[:10], **_told(record) | more,
    )  # fmt: skip


def _mean(record: Mapping[str, Any], name: str) -> object:
    value = record.get(f"mean_{name}_ms")
    return record.get(f"median_{name}_ms") if value is None else value


def _engine(record: Mapping[str, Any]) -> str:
    backend = word(record.get("endpoint_type") or record.get("backend")).removesuffix("-chat")
    return _ENGINES.get(backend, "vLLM" if backend in {"vllm", ""} else "")  # "openai" may be any server


def _told(record: Mapping[str, Any]) -> dict[str, Any]:
    """What ``--metadata`` may have added, under the names people use."""

    def first(*names: str) -> object:
        return next((record[name] for name in names if record.get(name) not in (None, "")), None)

    return {
        "gpu": word(first("gpu", "gpu_name", "gpu_type", "hardware", "device")),
        "gpus": count(first("gpus", "gpu_count", "num_gpus", "num_accelerators")),
        "tensor_parallel": count(first("tensor_parallel_size", "tp_size", "tp", "TP")),
        "pipeline_parallel": count(first("pipeline_parallel_size", "pp_size", "pp", "PP")),
        "version": word(first("version", "vllm_version", "engine_version")),
        "weights": word(first("quantization", "precision", "dtype")),
        "kv": word(first("kv_cache_dtype")),
    }
