"""Whole processes, as a person meets them: the command line, and the start of the window."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.bench.conftest import Record
from tests.end_to_end.program import EXAMPLES, environment

START = Path(__file__).with_name("start_window.py")
ROUNDS = 12


def example() -> Path:
    return next(path for path in EXAMPLES if "70b" in path.name.lower())


def test_estimate_as_json(benchmark, record: Record):
    def whole_process() -> None:
        subprocess.run(
            [sys.executable, "-m", "gpuplanner", "estimate", str(example()), "--json"],
            env=environment(),
            stdout=subprocess.DEVNULL,
            check=True,
        )

    benchmark.pedantic(whole_process, rounds=ROUNDS, warmup_rounds=2)
    record("gpuplanner estimate FILE --json, whole process, median", benchmark.stats.stats.median, 0.4, "s")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_window_starts(benchmark, record: Record, tmp_path: Path):
    told: list[dict[str, float]] = []

    def start() -> None:
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, str(START), repr(began), str(example())],
            env=environment(GPUPLANNER_HOME=str(tmp_path)),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        told.append(json.loads(done.stdout.splitlines()[-1]))

    benchmark.pedantic(start, rounds=ROUNDS, warmup_rounds=2)

    def median(key: str) -> float:
        return statistics.median(one[key] for one in told)

    record("process start to first paint, median", median("first_paint_s"), 0.5, "s")
    record("process start to first complete answer, median", median("answer_s"), 0.8, "s")
    record("memory resident, window open with an answer", max(one["resident_mb"] for one in told), 180, "MB")
