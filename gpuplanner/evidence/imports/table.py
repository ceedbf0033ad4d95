"""A CSV with named columns, one run a line: what people note down in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from gpuplanner.errors import InputError
from gpuplanner.evidence.imports.run import (
    MEMORY,
    OFFLINE,
    OUTPUT_RATE,
    PEAK,
    SERVING,
    TPOT,
    TTFT,
    RecordError,
    Run,
    count,
    finite,
    measured,
    positive,
    word,
)  # fmt: skip

TOOL: Final = "csv"
COLUMNS: Final = (
    "model", "gpu", "gpus", "tp", "pp", "engine", "version", "weights", "kv", "input_tokens", "output_tokens", "concurrency",
    "request_rate", "requests", "throughput_tok_s", "ttft_ms", "tpot_ms", "memory_gib", "date",
)  # fmt: skip
_ALIASES: Final = {
    "isl": "input_tokens", "input": "input_tokens", "input_len": "input_tokens", "prompt_tokens": "input_tokens",
    "osl": "output_tokens", "output": "output_tokens", "output_len": "output_tokens", "batch": "concurrency",
    "max_concurrency": "concurrency", "batch_or_concurrency": "concurrency", "qps": "request_rate", "rps": "request_rate",
    "num_prompts": "requests", "framework": "engine", "framework_version": "version", "engine_version": "version",
    "precision": "weights", "weight_precision": "weights", "quantization": "weights", "dtype": "weights",
    "kv_precision": "kv", "kv_cache_dtype": "kv", "tensor_parallel": "tp", "tensor_parallel_size": "tp", "tp_size": "tp",
    "pipeline_parallel": "pp", "pipeline_parallel_size": "pp", "gpu_count": "gpus", "num_gpus": "gpus",
    "output_throughput": "throughput_tok_s", "tokens_per_s": "throughput_tok_s", "tok_s": "throughput_tok_s",
    "throughput": "throughput_tok_s", "tokens_per_s_total_output": "throughput_tok_s", "mean_ttft_ms": "ttft_ms",
    "ttft": "ttft_ms", "mean_tpot_ms": "tpot_ms", "tpot": "tpot_ms", "itl_ms": "tpot_ms", "mean_itl_ms": "tpot_ms",
    "memory_gb": "memory_gb", "peak_memory_gib": "memory_gib", "memory_mib": "memory_mib",
}  # fmt: skip
_MEASURED: Final = {"throughput_tok_s", "ttft_ms", "tpot_ms", "memory_gib", "memory_gb", "memory_mib"}
_GIB: Final = {"memory_gib": 2**30, "memory_gb": 1e9, "memory_mib": 2**20}
_NUMBERS: Final = ("gpus", "tp", "pp", "input_tokens", "output_tokens", "concurrency", "request_rate", "requests")
MAX_ROWS: Final = 5_000


def runs(text: str, file: str) -> Iterator[tuple[str, Run | RecordError]]:
    """The runs of a table with their lines.

    Raises:
        InputError: when no column is known as a measurement, or there are too many lines.
    """
    stripped = text.strip()
    head = stripped.partition("\n")[0]
    cut = max(",;\t", key=head.count)
    try:
        reader = csv.reader(io.StringIO(stripped, newline=""), delimiter=cut)
        names = [_name(cell) for cell in next(reader)]
        if not _MEASURED & set(names):
            raise InputError("benchmark.file.unknown", file=file)
        for number, cells in enumerate(reader):
            if number >= MAX_ROWS:
                raise InputError("benchmark.file.many", file=file, limit=MAX_ROWS)
            if any(cell.strip() for cell in cells):
                yield (
                    str(reader.line_num),
                    _checked(dict(zip(names, (cell.strip() for cell in cells), strict=False)), reader.line_num),
                )
    except csv.Error as error:
        raise InputError("benchmark.file.unknown", file=file) from error


def _name(cell: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", cell.strip().casefold().replace("/s", "_s")).strip("_")
    return _ALIASES.get(plain, plain)


def _checked(cells: Mapping[str, str], line: int) -> Run | RecordError:
    try:
        return _run(cells, str(line))
    except RecordError as error:
        return error


def _run(cells: Mapping[str, str], place: str) -> Run:
    for name in _NUMBERS:
        if cells.get(name) and cells[name].casefold() not in {"inf", "-", "–"} and positive(cells[name]) is None:
            raise RecordError("benchmark.record.number", column=name, value=cells[name][:30])
    memory: Any = next((cells[name] for name in _GIB if cells.get(name)), None)
    if memory is not None:
        scale = next(factor for name, factor in _GIB.items() if cells.get(name))
        number = finite(memory)
        memory = memory if number is None else number * scale
    raw = {OUTPUT_RATE: cells.get("throughput_tok_s"), TTFT: cells.get("ttft_ms"), TPOT: cells.get("tpot_ms"), PEAK: memory}
    figures = measured({metric: value or None for metric, value in raw.items()})
    slots, rate = positive(cells.get("concurrency")), positive(cells.get("request_rate"))
    task = MEMORY if set(figures) == {PEAK} else OFFLINE if slots is None and rate is None else SERVING
    return Run(
        TOOL, place, task, figures, model=word(cells.get("model")), gpu=word(cells.get("gpu")), gpus=count(cells.get("gpus")),
        tensor_parallel=count(cells.get("tp")), pipeline_parallel=count(cells.get("pp")), engine=word(cells.get("engine")),
        version=word(cells.get("version")), weights=word(cells.get("weights")), kv=word(cells.get("kv")),
        input_tokens=positive(cells.get("input_tokens")), output_tokens=positive(cells.get("output_tokens")), concurrency=slots,
        request_rate=rate, requests=count(cells.get("requests")), date=word(cells.get("date"))[:10],
    )  # fmt: skip
