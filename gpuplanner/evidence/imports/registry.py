"""Which reader a benchmark file is for, and what it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from gpuplanner.errors import InputError
from gpuplanner.evidence.imports import genai_perf, guidellm, llama_bench, mlperf, nvidia_smi, sglang, table, trtllm, vllm
from gpuplanner.evidence.imports.run import RecordError, Run, Unusable
from gpuplanner.evidence.imports.source import Source, read_source

Outcome = Run | RecordError


class _JsonFormat(Protocol):
    TOOL: str

    def matches(self, record: Mapping[str, Any]) -> bool: ...

    def runs(self, record: Mapping[str, Any], place: str) -> Iterable[Outcome]: ...


_JSON: Final[tuple[Any, ...]] = (sglang, vllm, genai_perf, guidellm, llama_bench, trtllm)
TOOLS: Final = (*(reader.TOOL for reader in _JSON), mlperf.TOOL, nvidia_smi.TOOL, table.TOOL)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What a file held: its runs, and the records that gave none."""

    file: str
    runs: tuple[Run, ...]
    unusable: tuple[Unusable, ...]


def read_benchmark(path: Path) -> Benchmark:
    """Read a benchmark file of any kind.

    Raises:
        InputError: when it can't be read, is of no known kind, or no record of it can be used; the sentence says which.
    """
    source = read_source(path)
    runs: list[Run] = []
    bad: list[Unusable] = []
    for place, outcome in _json(source) if source.is_json else _text(source):
        if isinstance(outcome, Run):
            runs.append(outcome)
        else:
            bad.append(Unusable(place, outcome.reason))
    if not runs:
        if not bad:
            raise InputError("benchmark.file.unknown", file=source.name)
        raise InputError("benchmark.file.nothing", file=source.name, reason=bad[0].reason)
    return Benchmark(source.name, tuple(runs), tuple(bad))


def _json(source: Source) -> Iterator[tuple[str, Outcome]]:
    """Outcomes of the objects; that no object is of a known kind is told of the file as a whole."""
    known = False
    for place, record in source.records():
        if isinstance(record, RecordError):
            yield place, record
            continue
        reader = next((item for item in _JSON if item.matches(record)), None)
        if reader is None:
            if not known:
                raise InputError("benchmark.file.unknown", file=source.name)
            yield place, RecordError("benchmark.record.other_kind")
            continue
        known = True
        for number, outcome in enumerate(_tried(lambda: reader.runs(record, place)), 1):  # noqa: B023 - called at once
            yield (f"{place}.{number}".strip(".") if reader is guidellm else place), outcome


def _tried(read: Callable[[], Iterable[Outcome]]) -> list[Outcome]:
    try:
        return list(read())
    except RecordError as error:
        return [error]


def _text(source: Source) -> Iterator[tuple[str, Outcome]]:
    text = source.text
    if trtllm.is_report(text):
        yield from (("", outcome) for outcome in _tried(lambda: trtllm.report_runs(text)))
    elif mlperf.is_summary(text):
        yield from (("", outcome) for outcome in _tried(lambda: mlperf.runs(text)))
    elif llama_bench.is_table(text):
        yield from llama_bench.table_runs(text)
    elif nvidia_smi.is_csv(text):
        yield from (("", outcome) for outcome in _tried(lambda: nvidia_smi.runs(text)))
    elif llama_bench.is_csv(text):
        for place, record in llama_bench.csv_records(text):
            yield from ((place, outcome) for outcome in _tried(lambda: llama_bench.runs(record, place)))  # noqa: B023
    else:
        yield from table.runs(text, source.name)
