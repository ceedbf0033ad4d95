"""MLPerf Inference: LoadGen's ``mlperf_log_summary.txt``."""

from __future__ import annotations

import re
from typing import Final

from gpuplanner.evidence.imports.run import (
    OFFLINE,
    OUTPUT_RATE,
    SERVING,
    TPOT,
    TTFT,
    RecordError,
    Run,
    count,
    finite,
    measured,
    positive,
)

TOOL: Final = "mlperf"


def is_summary(text: str) -> bool:
    """Whether a text is such a summary."""
    return "MLPerf Results Summary" in text


def runs(text: str) -> list[Run]:
    """The run of a summary.

    Raises:
        RecordError: when the run isn't valid, measured no speed, or counts no tokens.
    """
    told = dict(_pairs(text))
    if "PerformanceOnly" not in told.get("mode", "PerformanceOnly"):
        raise RecordError("benchmark.record.accuracy_run")
    if "INVALID" in told.get("result is", ""):
        raise RecordError("benchmark.record.invalid_run")
    rate = told.get("completed tokens per second") or told.get("tokens per second")
    if rate is None:
        raise RecordError("benchmark.record.no_tokens")
    figures = measured({
        OUTPUT_RATE: rate,
        TTFT: _ms(told.get("mean first token latency (ns)")),
        TPOT: _ms(told.get("mean time to output token (ns)") or told.get("mean time per output token (ns)")),
    })  # fmt: skip
    samples = positive(told.get("completed samples per second") or told.get("samples per second"))
    offline = told.get("scenario", "").casefold() == "offline"
    latency = positive(told.get("mean latency (ns)"))
    return [
        Run(
            TOOL, "", OFFLINE if offline else SERVING,
            figures if not offline else {OUTPUT_RATE: figures[OUTPUT_RATE]},
            output_tokens=figures[OUTPUT_RATE] / samples if samples else None,
            concurrency=None if offline or not samples or not latency else max(1.0, samples * latency / 1e9),
            request_rate=None if offline else samples,
            requests=None if offline else count(told.get("min_query_count")),
        )
    ]  # fmt: skip


def _pairs(text: str) -> list[tuple[str, str]]:
    found = re.findall(r"^[ \t]*([^:\n]{2,60}?)[ \t]*:[ \t]*(\S[^\n]*)$", text, re.MULTILINE)
    return [(re.sub(r"\s+", " ", key).casefold(), value.strip()) for key, value in reversed(found)]


def _ms(nanoseconds: str | None) -> float | None:
    value = finite(nanoseconds)
    return None if value is None else value / 1e6
