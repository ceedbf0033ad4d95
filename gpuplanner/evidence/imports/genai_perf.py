"""GenAI-Perf and AIPerf: ``profile_export_*.json``, a metric an object with its unit and statistics."""

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
    finite,
    in_flight,
    measured,
    positive,
    word,
)  # fmt: skip
from gpuplanner.evidence.imports.source import found

TOOL: Final = "genai-perf"
_MILLISECONDS: Final = {"ms": 1.0, "s": 1e3, "sec": 1e3, "seconds": 1e3, "us": 1e-3, "ns": 1e-6}
_ENGINES: Final = {"vllm": "vLLM", "tensorrtllm": "TensorRT-LLM", "tensorrtllm_engine": "TensorRT-LLM", "sglang": "SGLang"}


def matches(record: Mapping[str, Any]) -> bool:
    """Whether an object is one of these."""
    return isinstance(record.get("request_throughput"), Mapping) and "input_config" in record


def runs(record: Mapping[str, Any], place: str) -> list[Run]:
    """The run of a file.

    Raises:
        RecordError: when it measured nothing, or wasn't finished.
    """
    if record.get("was_cancelled") is True:
        raise RecordError("benchmark.record.cancelled")
    config = record["input_config"]
    figures = measured(
        {
            OUTPUT_RATE: _mean(record, "output_token_throughput"),
            TTFT: _time_ms(record, "time_to_first_token"),
            TPOT: _time_ms(record, "inter_token_latency"),
        }
    )
    inputs, outputs = positive(_mean(record, "input_sequence_length")), positive(_mean(record, "output_sequence_length"))
    if inputs is None or outputs is None:
        raise RecordError("benchmark.record.no_lengths")
    rate, slots = positive(found(config, "request_rate", "rate")), positive(found(config, "concurrency"))
    if rate is not None and slots is None:
        slots = in_flight(positive(_mean(record, "request_throughput")), figures.get(TTFT), figures.get(TPOT), outputs)
    names = _gpu_names(record.get("telemetry_data"))
    served = positive(_mean(record, "request_count"))
    return [
        Run(
            TOOL, place, SERVING, figures, model=_model(config), gpu=names[0] if names else "", gpus=len(names) or None,
            engine=_ENGINES.get(word(found(config, "backend")).casefold(), ""), input_tokens=inputs, output_tokens=outputs,
            concurrency=slots, request_rate=rate, requests=int(served) if served else count(found(config, "request_count")),
            date=word(record.get("start_time"))[:10],
        )
    ]  # fmt: skip


def _mean(record: Mapping[str, Any], name: str) -> object:
    metric = record.get(name)
    return metric.get("avg") if isinstance(metric, Mapping) else None


def _time_ms(record: Mapping[str, Any], name: str) -> object:
    value, metric = finite(_mean(record, name)), record.get(name)
    if value is None or not isinstance(metric, Mapping):
        return _mean(record, name)
    unit = word(metric.get("unit")) or "ms"
    if unit not in _MILLISECONDS:
        raise RecordError("benchmark.record.unit", unit=unit[:20])
    return value * _MILLISECONDS[unit]


def _model(config: object) -> str:
    named = found(config, "model_names", "model_name", "models", "model")
    while isinstance(named, list | Mapping):
        named = found(named, "name", "items", "names") if isinstance(named, Mapping) else (named[0] if named else "")
    return word(named)


def _gpu_names(telemetry: object) -> list[str]:
    """The GPUs that the run was watched on."""
    endpoints = telemetry.get("endpoints") if isinstance(telemetry, Mapping) else None
    names = {}
    for endpoint in endpoints.values() if isinstance(endpoints, Mapping) else ():
        gpus = endpoint.get("gpus") if isinstance(endpoint, Mapping) else None
        for key, gpu in gpus.items() if isinstance(gpus, Mapping) else ():
            names[word(found(gpu, "gpu_uuid")) or str(key)] = word(found(gpu, "gpu_name"))
    return [name for name in names.values() if name]
