"""``gpuplanner calibrate``: benchmark runs of one's own into a scenario, and what they change."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.commands.columns import columns
from gpuplanner.commands.facts import load_and_tell
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.own.effect import effect
from gpuplanner.errors import InputError
from gpuplanner.evidence.imports.draft import Draft, problems
from gpuplanner.evidence.imports.importing import Opened, open_benchmarks
from gpuplanner.evidence.imports.measure import Measured, calibrated, measured, without_custom
from gpuplanner.evidence.imports.store import keep
from gpuplanner.report.calibration import effect_lines, measured_text, ratio_text
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.files import load_scenario, save_scenario
from gpuplanner.texts import text

_OPTIONS: Final = {
    "gpu": "gpu",
    "gpus": "gpus",
    "tp": "tensor_parallel",
    "model": "model",
    "engine": "engine",
    "weights": "weights",
}
_WHOLE: Final = frozenset({"gpus", "tp"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be asked."""
    parser.add_argument("file", metavar="FILE", type=Path, help=text("cli.argument.file"))
    parser.add_argument("benchmarks", metavar="BENCH", type=Path, nargs="+", help=text("cli.argument.benchmarks"))
    for name in _OPTIONS:
        kind = int if name in _WHOLE else str
        parser.add_argument(f"--{name}", type=kind, metavar="N" if kind is int else "ID", help=text(f"cli.option.bench_{name}"))
    parser.add_argument("--out", type=Path, metavar="FILE", help=text("cli.option.calibrated"))


def run(args: argparse.Namespace) -> int:
    """Import, correct, save, and print what it changes.

    Raises:
        InputError: when a file can't be read, or a run lacks something; nothing is written then.
    """
    catalog = load_and_tell()
    scenario = load_scenario(args.file).scenario
    opened = open_benchmarks(args.benchmarks, scenario, estimate(scenario, catalog).plan(), catalog)
    drafts = [_told(draft, args) for draft in opened.drafts]
    _require(drafts, opened.catalog)
    found = measured(drafts, opened.catalog)
    if not any(item.row is not None for item in found):
        raise InputError("benchmark.none_estimated", reason=found[0].reason)
    after = calibrated(scenario, found, catalog)
    save_scenario(args.out or args.file, after, catalog.digest)
    keep(without_custom(found, scenario))
    _print(opened, found, after, catalog)
    print(text("cli.calibrate.written", file=str(args.out or args.file)))
    return 0


def _told(draft: Draft, args: argparse.Namespace) -> Draft:
    """With what the command line says of all runs."""
    for name, column in _OPTIONS.items():
        value = getattr(args, name)
        if value is not None:
            draft = draft.changed(column, value)
    return draft


def _require(drafts: list[Draft], catalog: Catalog) -> None:
    for draft in drafts:
        for column, problem in problems(draft, catalog).items():
            place = f"{draft.file} {draft.run.place}".strip()
            raise InputError("benchmark.draft.refused", file=place, column=text(f"benchmark.column.{column}"), reason=problem)


def _print(opened: Opened, found: list[Measured], scenario: Scenario, catalog: Catalog) -> None:
    for refused in opened.refused:
        print(f"{refused.file} {refused.record.place}: {refused.record.reason.sentence()}", file=sys.stderr)
    heads = [text(f"benchmark.column.{name}") for name in ("file", "figure", "measured", "estimated", "ratio", "remark")]
    body = [_line(item) for item in found]
    print(columns(heads, body, right=frozenset((2, 3, 4))))
    changed = effect(scenario, catalog)
    if changed is None:
        return
    print()
    heads = [catalog.gpus[changed.gpu_id].name, *(text(f"benchmark.column.{name}") for name in ("before", "after", "ratio"))]
    rows = effect_lines(changed, scenario)
    print(columns(heads, rows, right=frozenset((1, 2, 3))))


def _line(item: Measured) -> tuple[str, ...]:
    place = f"{item.draft.file} {item.draft.run.place}".strip()
    figure = text(f"benchmark.metric.{'memory_bytes' if item.source.table == 'memory' else item.source.metric}")
    shown = measured_text(item.source.value, item.source.unit)
    said = item.reason.sentence() if item.reason else ""
    if item.row is None:
        return (place, figure, shown, "–", "–", said)
    estimated = measured_text(item.row.estimated, item.source.unit)
    return (place, figure, shown, estimated, ratio_text(item.row.measured / item.row.estimated), said)
