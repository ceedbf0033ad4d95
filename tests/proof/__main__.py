"""``python -m tests.proof``: the long runs of ``make proof``; each part keeps its figures, together they are docs/proof.md."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "build" / "proof"
ROUND = 25_000  # to make the sound files again takes seconds
AT_ONCE = 4
_LARGEST = ("slowest_s", "most_lost_s")


def kills(options: argparse.Namespace) -> dict[str, Any]:
    """Kills while editing and saving, on several files at once."""
    until = time.monotonic() + options.limit
    each = -(-options.kills // AT_ONCE)
    tasks = [(min(each, options.kills - each * number), options.seed + number, until) for number in range(AT_ONCE)]
    sums: dict[str, Any] = {}
    with ProcessPoolExecutor(AT_ONCE) as pool:
        for found in pool.map(_kills, tasks):
            _add(sums, found)
    return sums


def _kills(task: tuple[int, int, float]) -> dict[str, Any]:
    from tests.proof.kills import kill_often

    count, seed, until = task
    return vars(kill_often(count, seed=seed, until=until))


def hostile(options: argparse.Namespace) -> dict[str, Any]:
    """Hostile files, in rounds of all readers, so that a run that has to end early has seen each as often as planned."""
    until = time.monotonic() + options.limit
    rounds = max(1, options.inputs // ROUND)
    tasks = [(options.inputs // rounds, options.seed, number, until) for number in range(rounds)]
    sums: dict[str, dict[str, Any]] = {}
    held: dict[int, list[float]] = {}
    with ProcessPoolExecutor(options.workers) as pool:
        for done, process, peak_mb in pool.map(_round, tasks):
            for name, tally in done.items():
                _add(sums.setdefault(name, {}), tally)
            held.setdefault(process, []).append(peak_mb)
    inputs = sum(one["inputs"] for one in sums.values())
    return {"readers": sums, "inputs": inputs, "growth_mb": max(peaks[-1] - peaks[0] for peaks in held.values())}


def _round(task: tuple[int, int, int, float]) -> tuple[dict[str, dict[str, Any]], int, float]:
    import resource

    from tests.proof.hostile import assault

    inputs, seed, number, until = task
    if time.monotonic() > until:
        return {}, os.getpid(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    tallies = assault(inputs, seed=seed, start=number * ROUND, until=until)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {name: vars(tally) for name, tally in tallies.items()}, os.getpid(), peak_mb


def user(options: argparse.Namespace) -> dict[str, Any]:
    """A random user."""
    from tests.proof.random_user import drive

    return vars(drive(options.minutes * 60, seed=options.seed))


PARTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {"kills": kills, "hostile": hostile, "user": user}


def main() -> int:
    """Run the parts asked for and write down what was found; 1 when anything was."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="all when none is named")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--keep", action="store_true", help="write no docs/proof.md")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--limit", type=float, default=7200, metavar="SECONDS", help="for kills and for inputs")
    options = parser.parse_args()
    KEPT.mkdir(parents=True, exist_ok=True)
    faults = 0
    for name in options.parts or PARTS:
        began = time.monotonic()
        result = PARTS[name](options) | {"date": date.today().isoformat(), "seed": options.seed}
        result["minutes"] = round((time.monotonic() - began) / 60, 1)
        (KEPT / f"{name}.json").write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
        found = _faults(result)
        faults += len(found)
        print(f"{name}: {result['minutes']} min, {len(found)} faults", *found[:20], sep="\n  ")
    if not options.keep:
        from tests.proof.document import write

        write(KEPT, ROOT / "docs" / "proof.md")
    return 1 if faults else 0


def _add(total: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        total[key] = max(total.get(key, 0), value) if key in _LARGEST else total.get(key, type(value)()) + value


def _faults(result: dict[str, Any]) -> list[str]:
    parts = [result, *result.get("readers", {}).values()]
    return [fault for part in parts for fault in part.get("faults", [])]


if __name__ == "__main__":
    sys.exit(main())
