# ruff: noqa: E501 - lines of tables
"""docs/proof.md from the figures that the long runs kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gpuplanner import __version__


def write(kept: Path, out: Path) -> None:
    """Write what is known; a part that was not run is said to be so."""
    parts = [_read(kept / f"{name}.json") for name in ("kills", "hostile", "user")]
    text = _HEAD.format(version=__version__)
    for part, words, none in zip(parts, (_kills, _hostile, _user), ("kills", "hostile files", "random user"), strict=True):
        text += words(part) if part else f"\n## Not run: {none}\n"
    out.write_text(text + _TAIL, encoding="utf-8")


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _kills(found: dict[str, Any]) -> str:
    return f"""
## Killed while editing and saving

{_run(found)} A process that edits, keeps its recovery copy and saves was killed (`SIGKILL`) at random moments; after each kill the
file, its backup and the recovery copy were read.

| | |
|---|---:|
| kills | {found["kills"]:,} |
| of them between the start and the end of a save | {found["while_saving"]:,} |
| recovery copies found | {found["with_copy"]:,} |
| edits made | {found["edits"]:,} |
| oldest edit lost (bar 2 s) | {found["most_lost_s"]:.2f} s |
| scenarios lost or half written | {len(found["faults"])} |
| temporary files left beside the scenario | {found["litter"]:,} |
{_list(found["faults"])}"""


def _hostile(found: dict[str, Any]) -> str:
    rows = "".join(
        f"| {name} | {one['inputs']:,} | {one['read']:,} | {one['refused']:,} | {1000 * one['slowest_s']:.0f} ms | {len(one['faults'])} |\n"
        for name, one in found["readers"].items()
    )
    faults = [fault for one in found["readers"].values() for fault in one["faults"]]
    return f"""
## Hostile files

{_run(found)} {found["inputs"]:,} files, each a sound one damaged in its bytes or its values, given to the program's own readers in a process
whose address space is limited to 3 GB. The most memory the process held grew by {found["growth_mb"]:.0f} MB over the run. Bar: no
crash, 0.5 s of processor time each.

| reader | files | read | refused in a sentence | slowest | faults |
|---|---:|---:|---:|---:|---:|
{rows}{_list(faults)}"""


def _user(found: dict[str, Any]) -> str:
    kinds = ", ".join(f"{name} {count:,}" for name, count in sorted(found["kinds"].items(), key=lambda item: -item[1]))
    return f"""
## A random user in the real window

{_run(found)} {found["acts"]:,} acts ({kinds}) in {found["seconds"] / 60:.1f} minutes, offscreen, in both languages and themes.

| | |
|---|---:|
| exceptions, Qt warnings | {len(found["faults"])} |
| answers given meanwhile | {found["answers"]:,} |
| memory after {found["warm_s"] / 60:.0f} minutes, everything once opened | {found["warm_mb"]:.0f} MB |
| memory at the end | {found["end_mb"]:.0f} MB |
| growth (bar 20 MB) | {found["end_mb"] - found["warm_mb"]:+.1f} MB |
{_list(found["faults"])}"""


def _run(found: dict[str, Any]) -> str:
    return f"Run on {found['date']}, seed {found['seed']}, {found['minutes']} minutes."


def _list(faults: list[str]) -> str:
    return "\n" + "".join(f"* {fault}\n" for fault in faults[:50]) if faults else ""


_HEAD = """# Holding up

Written by `make proof` (version {version}). A short part of each runs in `make test` (`tests/proof`); what the long runs found
stands below, with what was mended and what was not.
"""

_TAIL = """
## Found by these runs, and mended

* `config.json`: layer kinds that are lists or objects instead of words ended in an exception; refused now.
* Benchmarks: a CSV whose head only resembles that of nvidia-smi ended in an exception; refused now.
* Price lists: a sheet whose compressed data is damaged ended in an exception; refused now.
* Price lists: a sheet in an encoding that nobody knows ended in an exception; refused now.
* What-if page: choosing "KV cache" or "Requests that fit" in the card of input lengths ended in an exception; drawn now.

* The window's memory grew by 192 MB in six minutes. Qt's stack of undo commands kept every edit that was merged into another (now
  a history of our own, `gpuplanner/ui/undo.py`), the estate's page up to 96 answers of 0.3 to 1.4 MB each (now those of the last
  two rounds), the profiles of networks 512 entries (now 128), each change of language a translator; and glibc gave every thread that
  computes an area of its own, which kept what was once needed (now two areas, `gpuplanner/heap.py`).
* A KeyError that a dictionary raised inside a `showEvent` ended the process (PySide 6.11 on Python 3.11 takes the key for the
  exception). Every `showEvent` hands its faults to the log and a sentence now, and a test looks for new ones.
* A figure of the Cost page without a text of its own, a task stopped with its loop that still brought a result, a workload's row
  clicked after another scenario came: exceptions; mended.
* What a killed program leaves (`.gpuplanner-….tmp`) is taken away by the next save into that folder, once it is an hour old.

Each stands as a test: `tests/proof/test_short.py`, `tests/ui/{test_undo,test_faults,test_background}.py`, `tests/test_{heap,disk}.py`,
`tests/engine/estate/test_estate.py`, `tests/ui/estate/test_page.py`, `tests/ui/load/test_names.py`.

## Trouble with disk, clock and files

Tests of `make test`, `tests/ui/test_troubles.py` and `tests/scenario`: a full disk, a folder that may not be written to, a
folder that is gone, two windows on one file, a clock set back, a damaged cache, index, settings file, pack or catalogue entry. Each
ends with a sentence and a way on, and with the former content whole.

## What the program reaches for

`tests/proof/test_reach.py` starts the window under an audit hook and uses every command, so that each page and dialog was open, files
of each kind were imported, a quote, the deployment files and the scenario written: no socket but the local one that makes a second start open its file
here, no process started, no file written outside of the chosen one and the user's own folders. No module of the program uses
`pickle`, `marshal`, `shelve`, `eval` or `exec`.
"""
