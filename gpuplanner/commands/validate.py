"""``gpuplanner validate``: the engine against published measurements."""

from __future__ import annotations

import argparse
import csv
import io
import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gpuplanner.disk import write_atomically
from gpuplanner.errors import InputError, shown
from gpuplanner.texts import text

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.evidence.predict import Prediction
    from gpuplanner.evidence.rows import BadRow
    from gpuplanner.evidence.statistics import Score

_KEYS: Final[dict[str, Callable[[Prediction], str]]] = {
    "task": lambda item: item.row.task,
    "metric": lambda item: item.row.metric if item.row.table == "speed" else "",
    "gpu": lambda item: item.gpu or item.row.gpu,
    "family": lambda item: item.family,
    "model": lambda item: item.model or item.row.model,
    "engine": lambda item: item.engine or item.row.framework,
    "source": lambda item: item.row.source_table,
    "kind": lambda item: item.row.table,
}
_COLUMNS: Final = ("rows", "done", "mape", "median", "p90", "bias", "rank", "inside", "agree")
_DETAILS_SHOWN: Final = 8
_WIDTH: Final = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``--measurements``, ``--by``, ``--json``, ``--rows-out`` and ``--summary``."""
    parser.add_argument("--measurements", metavar="FILE", nargs="+", type=Path, help=text("validate.help.measurements"))
    parser.add_argument("--by", metavar="KEYS", default="task,metric", help=text("validate.help.by", keys=", ".join(_KEYS)))
    parser.add_argument("--json", action="store_true", help=text("validate.help.json"))
    parser.add_argument("--rows-out", metavar="FILE", type=Path, help=text("validate.help.rows_out"))
    parser.add_argument("--summary", metavar="FILE", type=Path, help=text("validate.help.summary"))


def run(args: argparse.Namespace) -> int:
    """Print how well the engine meets the measurements.

    Raises:
        InputError: a file can't be read or written, or a key isn't known.
    """
    from gpuplanner.catalog.load import load_catalog
    from gpuplanner.evidence.predict import own_measurements, predict
    from gpuplanner.evidence.rows import read_measurements
    from gpuplanner.evidence.statistics import grouped, score

    keys = _keys(args.by)
    measured = read_measurements(args.measurements or own_measurements())
    catalog = load_catalog()
    predictions = predict(measured.rows, catalog)
    if args.rows_out is not None:
        write_atomically(args.rows_out, _rows_csv(predictions, measured.bad).encode())
    if args.summary is not None:
        _write_summary(args.summary, predictions, catalog, args.measurements)
    scores = grouped(predictions, lambda item: tuple(_KEYS[key](item) for key in keys))
    total = score(predictions, (text("validate.total"),))
    if args.json:
        print(json.dumps(_as_json(keys, scores, total, predictions, measured.bad), ensure_ascii=False, indent=1))
    else:
        _print_table(keys, [*(item for item in scores if item.done), total])
        _print_reasons(predictions)
        for row in measured.bad:
            print(text("evidence.row.place", file=row.file, line=row.line, reason=row.reason.sentence()))
    return 0


def _write_summary(path: Path, predictions: Sequence[Prediction], catalog: Catalog, files: Sequence[Path] | None) -> None:
    from gpuplanner.evidence.score_file import as_text
    from gpuplanner.evidence.scorecard import digest_of, scorecard

    write_atomically(path, as_text(scorecard(predictions, catalog, digest_of(catalog, files))).encode())


def _keys(wanted: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in wanted.split(",") if key.strip())
    for key in keys:
        if key not in _KEYS:
            raise InputError("validate.unknown_key", key=shown(key), keys=", ".join(_KEYS))
    return keys or ("task",)


def _rows_csv(predictions: Sequence[Prediction], bad: Sequence[BadRow]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("id", "measured", "predicted", "low", "high", "unit", "reason"))
    for item in predictions:
        figures = ("" if value is None else f"{value:.10g}" for value in (item.value, item.low, item.high))
        reason = "" if item.reason is None else str(item.reason.reason)
        writer.writerow((item.row.id, f"{item.row.value:.10g}", *figures, item.row.unit, reason))
    for row in bad:
        writer.writerow((row.id, "", "", "", "", "", row.reason.code.replace("evidence.row.", "bad_row_")))
    return out.getvalue()


def _as_json(
    keys: Sequence[str], scores: Sequence[Score], total: Score, predictions: Sequence[Prediction], bad: Sequence[BadRow]
) -> dict[str, object]:
    def entry(item: Score, names: dict[str, str]) -> dict[str, object]:
        values = asdict(item)
        del values["group"]
        return {**names, **values}

    details = Counter((item.reason.reason.value, item.reason.detail) for item in predictions if item.reason is not None)
    return {
        "by": list(keys),
        "groups": [entry(item, dict(zip(keys, item.group, strict=True))) for item in scores],
        "total": entry(total, {}),
        "not_done": [{"reason": reason, "detail": detail, "rows": rows} for (reason, detail), rows in details.most_common()],
        "bad_rows": [{"id": row.id, "file": row.file, "line": row.line, "reason": row.reason.sentence()} for row in bad],
    }


def _print_table(keys: Sequence[str], scores: Sequence[Score]) -> None:
    """Groups of which anything was done; the others stand among the reasons."""
    names = [" · ".join(filter(None, item.group)) or "–" for item in scores]
    width = max(len(", ".join(keys)), *(_columns_of(name) for name in names))
    heads = [text(f"validate.column.{column}") for column in _COLUMNS]
    print(", ".join(keys).ljust(width), *(" " * (_WIDTH - _columns_of(head)) + head for head in heads))
    for name, item in zip(names, scores, strict=True):
        cells = (_cell(column, getattr(item, column)).rjust(_WIDTH) for column in _COLUMNS)
        print(name + " " * (width - _columns_of(name)), *cells)


def _columns_of(words: str) -> int:
    """Columns of a terminal a text takes; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in words)


def _cell(column: str, value: float | None) -> str:
    if value is None:
        return "–"
    if column in {"rows", "done"}:
        return str(value)
    return f"{value:.2f}" if column == "rank" else f"{100 * value:.1f} %"


def _print_reasons(predictions: Sequence[Prediction]) -> None:
    reasons = Counter(item.reason.reason for item in predictions if item.reason is not None)
    if reasons:
        print(f"\n{text('validate.not_done')}")
    for reason, rows in reasons.most_common():
        details = Counter(item.reason.detail for item in predictions if item.reason is not None and item.reason.reason is reason)
        names = [shown(name) for name, _ in details.most_common(_DETAILS_SHOWN) if name]
        more = " …" if len(details) > _DETAILS_SHOWN else ""
        print(f"{rows:7}  {text(f'evidence.reason.{reason.value}')}{': ' if names else ''}{', '.join(names)}{more}")
