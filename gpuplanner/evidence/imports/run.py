"""One benchmark run as a tool's file tells it, before the user adds what the file doesn't say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from gpuplanner.errors import Message

SERVING: Final = "llm_serving_at_concurrency"
OFFLINE: Final = "llm_offline_throughput"
PREFILL: Final = "llm_prefill"
DECODE: Final = "llm_decode"
MEMORY: Final = "infer_peak"
OUTPUT_RATE: Final = "tokens_per_s_total_output"
PROMPT_RATE: Final = "tokens_per_s_total"
TTFT: Final = "ttft_ms"
TPOT: Final = "tpot_ms"
PEAK: Final = "memory_bytes"
METRICS: Final = (OUTPUT_RATE, PROMPT_RATE, TTFT, TPOT, PEAK)
_LIMITS: Final = {TTFT: (1e-3, 1e8), TPOT: (1e-4, 1e7), OUTPUT_RATE: (1e-6, 1e12), PROMPT_RATE: (1e-6, 1e12), PEAK: (1e6, 1e14)}


@dataclass(frozen=True, slots=True)
class Run:
    """A run: what was loaded how, and what came out.

    Names are as the tool writes them, empty where it doesn't say; numbers None likewise. ``figures`` hold means, by
    :data:`METRICS`; ``concurrency`` requests in flight over all GPUs, ``request_rate`` [1/s] where requests came at a rate of
    their own; ``requests`` how many were sent in all.
    """

    tool: str
    place: str  # of the record in its file: "", "line 3", "benchmarks 2"
    task: str
    figures: Mapping[str, float]
    model: str = ""
    gpu: str = ""
    gpus: int | None = None
    tensor_parallel: int | None = None
    pipeline_parallel: int | None = None
    engine: str = ""
    version: str = ""
    weights: str = ""
    kv: str = ""
    input_tokens: float | None = None
    output_tokens: float | None = None
    concurrency: float | None = None
    request_rate: float | None = None
    requests: int | None = None
    date: str = ""
    extra: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Unusable:
    """A record that gives no run, and why."""

    place: str
    reason: Message


class RecordError(Exception):
    """A record of a file can't be used; the rest may."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.reason = Message(code, params)


def finite(value: object) -> float | None:
    """A number, also one written as text; None for anything else, NaN and infinities among it."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def positive(value: object) -> float | None:
    """A number above zero, else None."""
    number = finite(value)
    return number if number is not None and number > 0 else None


def count(value: object) -> int | None:
    """A whole number from 1 to ten million, else None."""
    number = finite(value)
    return int(number) if number is not None and 1 <= number <= 1e7 and number == int(number) else None


def word(value: object) -> str:
    """A short text; empty for anything else."""
    return " ".join(value.split())[:200] if isinstance(value, str) else ""


def measured(raw: Mapping[str, object]) -> Mapping[str, float]:
    """The figures that were measured, checked.

    Raises:
        RecordError: when there is none, or one can't be.
    """
    found: dict[str, float] = {}
    for metric, value in raw.items():
        if value is None:
            continue
        number = finite(value)
        low, high = _LIMITS[metric]
        if number is not None and number == 0 and metric in {TTFT, TPOT}:
            continue  # tools write 0 for what they didn't measure
        if number is None or not low <= number <= high:
            raise RecordError("benchmark.record.value", metric=Message(f"benchmark.metric.{metric}"), value=str(value)[:30])
        found[metric] = number
    if not found:
        raise RecordError("benchmark.record.nothing")
    return MappingProxyType(found)


def in_flight(rate: float | None, ttft_ms: float | None, tpot_ms: float | None, output_tokens: float | None) -> float | None:
    """Requests in flight on average, by Little's law; None where something is missing."""
    if not rate or ttft_ms is None or tpot_ms is None or not output_tokens:
        return None
    return max(1.0, rate * (ttft_ms + (output_tokens - 1) * tpot_ms) / 1e3)
