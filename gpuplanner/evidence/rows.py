"""Measurement rows from CSV files that come from anywhere: a bad row is listed with its reason, the rest go on."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from gpuplanner.disk import read_bounded
from gpuplanner.errors import InputError, Message, shown

MAX_FILE_BYTES: Final = 64 * 2**20
MAX_ROWS: Final = 200_000
MAX_CELL_CHARS: Final = 20_000
_SPEED_COLUMNS: Final = ("id", "task", "model", "metric", "value")
_TRACED_COLUMNS: Final = ("id", "kind", "model", "compute", "measured_value")
_TRAINING_COLUMNS: Final = (
    "optimizer", "recompute", "method", "lora_rank", "lora_targets", "zero_stage", "compute", "attention", "image_size", "layers",
    "params", "trainable_params", "params_b",
)  # fmt: skip
_MEMORY_COLUMNS: Final = ("id", "kind", "model", "measured_value")
_LIMIT: Final = 1e18


@dataclass(frozen=True, slots=True)
class Row:
    """One published measurement, its words as written.

    ``table`` is "speed" or "memory"; ``task`` the work of a speed row or the kind of a memory row. Counts are None where the
    source gives none. ``value`` is in :attr:`unit`. ``extra`` holds the memory table's key=value pairs, ``training`` the columns
    that only training rows fill.
    """

    id: str
    file: str
    line: int
    table: str
    task: str
    model: str
    gpu: str
    metric: str
    value: float
    weight_precision: str = ""
    kv_precision: str = ""
    gpus: int | None = None
    tp: int | None = None
    pp: int | None = None
    ep: int | None = None
    dp: int | None = None
    framework: str = ""
    version: str = ""
    isl: float | None = None
    osl: float | None = None
    batch: str = ""
    request_rate: float | None = None
    source_table: str = ""
    source: str = ""
    date: str = ""
    quality: str = ""
    note: str = ""
    scope: str = ""
    method: str = ""
    extra: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    training: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def unit(self) -> str:
        """The unit of ``value``."""
        if self.table == "memory":
            return {"kv_tokens_capacity": "tok", "train_max_context": "tok", "fits": "1"}.get(self.task, "B")
        return _unit_of(self.metric)


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that could not be read, and why."""

    id: str
    file: str
    line: int
    reason: Message


@dataclass(frozen=True, slots=True)
class Measurements:
    """What a set of files held: the rows, and the lines that were none."""

    rows: tuple[Row, ...]
    bad: tuple[BadRow, ...]


class _BadCellError(Exception):
    def __init__(self, reason: Message) -> None:
        super().__init__(reason.code)
        self.reason = reason


def read_measurements(paths: Iterable[Path]) -> Measurements:
    """Read measurement files, speed or memory after their columns.

    Args:
        paths: CSV files in UTF-8, with or without a byte order mark.

    Returns:
        Rows and bad rows in file order; an id that comes a second time is a bad row.

    Raises:
        InputError: a file is missing, too large, not text, or lacks needed columns; the sentence names it.
    """
    rows: list[Row] = []
    bad: list[BadRow] = []
    seen: set[str] = set()
    for path in paths:
        for item in _read_file(path):
            if isinstance(item, BadRow):
                bad.append(item)
            elif item.id in seen:
                bad.append(BadRow(item.id, item.file, item.line, Message("evidence.row.twice", {"id": shown(item.id)})))
            else:
                seen.add(item.id)
                rows.append(item)
    return Measurements(tuple(rows), tuple(bad))


def _read_file(path: Path) -> Iterator[Row | BadRow]:
    file = shown(path.name, 200)
    reader = csv.reader(io.StringIO(_text_of(path, file), newline=""))
    try:
        header = [name.strip() for name in next(reader, [])]
        table = _table_of(header, file)
        for count, cells in enumerate(_cells(reader)):
            if count >= MAX_ROWS:
                raise InputError("evidence.file.too_many_rows", file=file, limit=MAX_ROWS)
            yield _row_or_reason(dict(zip(header, cells, strict=False)), len(cells) - len(header), table, file, reader.line_num)
    except csv.Error as error:
        raise InputError("evidence.file.not_csv", file=file, line=reader.line_num, problem=shown(str(error))) from error


def _cells(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    return (cells for cells in reader if any(cell.strip() for cell in cells))


def _text_of(path: Path, file: str) -> str:
    raw = read_bounded(path, MAX_FILE_BYTES)
    try:
        return raw.decode("utf-8-sig").replace("\0", "\N{REPLACEMENT CHARACTER}")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError("evidence.file.not_text", file=file, line=line) from error


def _table_of(header: list[str], file: str) -> str:
    names = set(header)
    lacking = {
        table: [name for name in needed if name not in names]
        for table, needed in (("speed", _SPEED_COLUMNS), ("memory", _MEMORY_COLUMNS), ("traced", _TRACED_COLUMNS))
    }
    for table, missing in lacking.items():
        if not missing:
            return "memory" if table == "traced" else table
    missing = min(lacking.values(), key=len)
    raise InputError("evidence.file.columns", file=file, missing=", ".join(missing))


def _row_or_reason(cells: Mapping[str, str], surplus: int, table: str, file: str, line: int) -> Row | BadRow:
    name = shown((cells.get("id") or "").strip(), 100)
    if surplus > 0:
        return BadRow(name, file, line, Message("evidence.row.too_many_cells", {"surplus": surplus}))
    if not name:
        return BadRow(name, file, line, Message("evidence.row.no_id"))
    try:
        return _row(name, cells, table, file, line)
    except _BadCellError as error:
        return BadRow(name, file, line, error.reason)


def _row(name: str, cells: Mapping[str, str], table: str, file: str, line: int) -> Row:
    def word(column: str) -> str:
        return (cells.get(column) or "").strip()[:MAX_CELL_CHARS]

    memory = table == "memory"
    task = word("kind" if memory else "task")
    for column, value in (("kind" if memory else "task", task), ("model", word("model"))):
        if not value:
            raise _BadCellError(Message("evidence.row.empty", {"column": column}))
    return Row(
        id=name, file=file, line=line, table=table, task=task, model=word("model"), gpu=word("gpu"), metric=word("metric"),
        value=_memory_value(cells, task) if memory else _required(cells, "value"),
        weight_precision=word("weight_precision"), kv_precision=word("kv_precision"),
        gpus=_count(cells, "gpus"), tp=_count(cells, "tp"), pp=_count(cells, "pp"), ep=_count(cells, "ep"),
        dp=_count(cells, "dp"),
        framework=word("framework"), version=word("framework_version"),
        isl=_number(cells, "seq_in" if memory else "isl"), osl=_number(cells, "seq_out" if memory else "osl"),
        batch=word("batch" if memory else "batch_or_concurrency"), request_rate=_rate(cells),
        source_table=word("source_table") or word("source"), source=word("source"), date=word("date"), quality=word("quality"),
        note=word("quote_or_note" if memory else "note") or word("caveat"), scope=word("scope"), method=word("method"),
        extra=_pairs(word("extra")),
        training=MappingProxyType({name: word(name) for name in _TRAINING_COLUMNS if task.startswith("train") and word(name)}),
    )  # fmt: skip


def _memory_value(cells: Mapping[str, str], kind: str) -> float:
    if kind in {"kv_tokens_capacity", "train_max_context", "fits"}:
        return _required(cells, "measured_value")
    gib = _number(cells, "measured_gib")
    if gib is not None:
        return gib * 2**30
    scale = {"gib": 2**30, "mib": 2**20, "gb": 1e9, "mb": 1e6, "tb": 1e12, "bytes": 1.0, "b": 1.0}
    unit = (cells.get("unit") or "").strip().lower()
    if unit not in scale:
        raise _BadCellError(Message("evidence.row.unit", {"unit": shown(unit)}))
    return _required(cells, "measured_value") * scale[unit]


def _required(cells: Mapping[str, str], column: str) -> float:
    value = _number(cells, column)
    if value is None:
        raise _BadCellError(Message("evidence.row.empty", {"column": column}))
    return value


def _number(cells: Mapping[str, str], column: str) -> float | None:
    raw = (cells.get(column) or "").strip()
    if not raw:
        return None
    try:
        value = float(raw)
    except ValueError:
        value = math.nan
    if not 0 <= value <= _LIMIT:  # also refuses nan and inf
        raise _BadCellError(Message("evidence.row.not_a_number", {"column": column, "text": shown(raw)}))
    return value


def _count(cells: Mapping[str, str], column: str) -> int | None:
    value = _number(cells, column)
    if value is None or value == 0:
        return None
    if value != int(value) or value > 10**7:
        raise _BadCellError(Message("evidence.row.not_a_count", {"column": column, "text": shown(cells[column])}))
    return int(value)


def _rate(cells: Mapping[str, str]) -> float | None:
    raw = (cells.get("request_rate") or "").strip().lower()
    return None if raw in {"inf", "infinite", "max"} else _number(cells, "request_rate")


def _pairs(text: str) -> Mapping[str, str]:
    parts = (part.partition("=") for part in text.split(";"))
    return MappingProxyType({key.strip(): value.strip() for key, _, value in parts if key.strip()})


def _unit_of(metric: str) -> str:
    if metric.endswith("_ms"):
        return "ms"
    if metric.startswith("tokens_per_s"):
        return "tok/s/gpu" if metric.endswith("per_gpu") else "tok/s"
    return {"s_per_image": "s", "step_time_s": "s", "mfu": "share"}.get(metric, metric)
