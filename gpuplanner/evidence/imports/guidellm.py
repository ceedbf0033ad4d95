"""GuideLLM: ``benchmarks.json``, a list of runs, the loads of a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gpuplanner.evidence.imports.run import OUTPUT_RATE, SERVING, TPOT, TTFT, RecordError, Run, measured, positive, word
from gpuplanner.evidence.imports.source import found, inside

TOOL: Final = "guidellm"
_AT_A_RATE: Final = {"constant", "poisson", "async"}


def matches(record: Mapping[str, Any]) -> bool:
    """Whether an object is one of these."""
    runs_ = record.get("benchmarks")
    return isinstance(runs_, list) and all(isinstance(run, Mapping) and "metrics" in run for run in runs_[:3])


def runs(record: Mapping[str, Any], place: str) -> list[Run | RecordError]:
    """The runs of a report; a run that can't be used gives its reason.

    Raises:
        RecordError: when there is none.
    """
    held = record["benchmarks"]
    if not held:
        raise RecordError("benchmark.record.nothing")
    model = word(found(record.get("config") or record.get("args"), "model", "model_name"))
    out: list[Run | RecordError] = []
    for number, run in enumerate(held, 1):
        where = f"{place}.{number}".lstrip(".")
        try:
            out.append(_run(run, where, model))
        except RecordError as error:
            out.append(error)
    return out


def _run(run: Mapping[str, Any], place: str, model: str) -> Run:
    metrics = run.get("metrics")
    if positive(_mean(metrics, "requests_per_second")) is None:
        raise RecordError("benchmark.record.none_completed")
    figures = measured(
        {
            OUTPUT_RATE: _mean(metrics, "output_tokens_per_second"),
            TTFT: _mean(metrics, "time_to_first_token_ms"),
            # its time per output token spreads the first token over the others
            TPOT: _mean(metrics, "inter_token_latency_ms"),
        }
    )
    inputs, outputs = positive(_mean(metrics, "prompt_token_count")), positive(_mean(metrics, "output_token_count"))
    if inputs is None or outputs is None:
        raise RecordError("benchmark.record.no_lengths")
    config = run.get("config") or run.get("args") or {}
    strategy = found(config, "strategy") or {}
    kind = word(inside(strategy, "type_") or inside(strategy, "kind"))
    slots = positive(inside(strategy, "streams")) if kind == "concurrent" else 1.0 if kind == "synchronous" else None
    done = positive(inside(metrics, "request_totals", "successful"))
    return Run(
        TOOL, place, SERVING, figures, model=word(found(config, "model", "model_name")) or model,
        input_tokens=inputs, output_tokens=outputs, concurrency=slots or positive(_mean(metrics, "request_concurrency")),
        request_rate=positive(inside(strategy, "rate")) if kind in _AT_A_RATE else None, requests=int(done) if done else None,
    )  # fmt: skip


def _mean(metrics: object, name: str) -> object:
    return inside(metrics, name, "successful", "mean")
