"""The user's own measurements: CSV files beside the catalogue entries of their own, in the form of the program's."""

from __future__ import annotations

import csv
import hashlib
import io
import logging
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from gpuplanner import paths
from gpuplanner.disk import make_folder, write_atomically
from gpuplanner.errors import InputError
from gpuplanner.evidence.rows import Row, read_measurements

log = logging.getLogger(__name__)
OWN: Final = "own"  # quality of such rows
_SPEED: Final = (
    "id", "task", "model", "gpu", "metric", "value", "weight_precision", "kv_precision", "gpus", "tp", "pp", "framework",
    "framework_version", "isl", "osl", "batch_or_concurrency", "request_rate", "source_table", "source", "date", "quality",
    "note",
)  # fmt: skip
_MEMORY: Final = (
    "id", "kind", "model", "gpu", "metric", "measured_value", "unit", "weight_precision", "kv_precision", "gpus", "tp", "pp",
    "framework", "framework_version", "seq_in", "seq_out", "batch", "source_table", "source", "date", "quality", "scope",
    "quote_or_note",
)  # fmt: skip
_NAMES: Final = {
    "kind": "task", "measured_value": "value", "framework_version": "version", "seq_in": "isl", "seq_out": "osl",
    "batch_or_concurrency": "batch", "quote_or_note": "note",
}  # fmt: skip


def folder() -> Path:
    """Where they lie."""
    return paths.user_data_dir() / "measurements"


def users_measurements() -> list[Path]:
    """The user's measurement files, in a fixed order; none where there are none."""
    return sorted(folder().glob("*.csv"))


def state() -> tuple[tuple[str, int], ...]:
    """Names and times of the files: changes when the user's measurements do."""
    return tuple((path.name, path.stat().st_mtime_ns) for path in users_measurements())


def users_rows() -> tuple[Row, ...]:
    """The user's own measurements; a file that was damaged is left out."""
    rows: list[Row] = []
    for path in users_measurements():
        try:
            rows += read_measurements([path]).rows
        except InputError as error:
            log.warning("%s", error.sentence("en"))
    return tuple(rows)


def keep(rows: Sequence[Row]) -> list[Path]:
    """Write rows, a file for each benchmark file and kind; what was imported from the same file before is replaced.

    Raises:
        DiskError: when they can't be written; files written before stay whole.
    """
    if not rows:
        return []
    make_folder(folder())
    written = []
    for file in dict.fromkeys(row.file for row in rows):
        for table, columns in (("speed", _SPEED), ("memory", _MEMORY)):
            held = [row for row in rows if row.file == file and row.table == table]
            if held:
                path = folder() / f"{_stem(file)}-{table}.csv"
                write_atomically(path, _csv(held, columns).encode())
                written.append(path)
    return written


def forget(files: Iterable[str]) -> None:
    """Remove what was imported from benchmark files of these names."""
    for file in files:
        for table in ("speed", "memory"):
            (folder() / f"{_stem(file)}-{table}.csv").unlink(missing_ok=True)


def _stem(file: str) -> str:
    """A name for any file system, one a benchmark file."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", file).strip("-.")[:60] or "benchmark"
    return f"{plain}-{hashlib.sha256(file.encode()).hexdigest()[:8]}"


def _csv(rows: Sequence[Row], columns: Sequence[str]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row, name) for name in columns])
    return out.getvalue()


def _cell(row: Row, column: str) -> str:
    if column == "unit":
        return "bytes"
    value = getattr(row, _NAMES.get(column, column))
    if value is None:
        return ""
    return repr(value) if isinstance(value, float) else str(value)
