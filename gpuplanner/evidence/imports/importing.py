"""Importing benchmark files as a whole: all of them, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.result import Plan
from gpuplanner.evidence.imports.draft import Draft, Drafter
from gpuplanner.evidence.imports.registry import read_benchmark
from gpuplanner.evidence.imports.run import Unusable
from gpuplanner.scenario.document import Scenario


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that can't be used."""

    file: str
    record: Unusable


@dataclass(frozen=True, slots=True)
class Opened:
    """Drafts of all files, and the records that gave none; ``catalog`` holds the scenario's own model too."""

    drafts: tuple[Draft, ...]
    refused: tuple[Refused, ...]
    catalog: Catalog


def open_benchmarks(files: Sequence[Path], scenario: Scenario, plan: Plan | None, catalog: Catalog) -> Opened:
    """Read files and fill in what they don't say.

    Args:
        files: of any kind.
        scenario: what stands in.
        plan: the plan shown, None where nothing runs.
        catalog: what is known.

    Raises:
        InputError: when a file gives nothing; none is opened then.
    """
    drafter = Drafter(scenario, plan, catalog)
    drafts: list[Draft] = []
    refused: list[Refused] = []
    for path in files:
        held = read_benchmark(path)
        drafts += (drafter(held.file, run) for run in held.runs)
        refused += (Refused(held.file, record) for record in held.unusable)
    return Opened(tuple(drafts), tuple(refused), drafter.catalog)
