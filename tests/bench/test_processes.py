"""Whole processes, as a person meets them: the command line, and the start of the window."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.bench.conftest import Record
from tests.end_to_end.program import EXAMPLES, environment

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
    benchmark.pedantic(lambda: told.append(start_window(tmp_path)), rounds=ROUNDS, warmup_rounds=2)

    def median(key: str) -> float:
        return statistics.median(one[key] for one in told[2:])

    record("process start to first paint, median", median("first_paint") / 1e3, 0.5, "s")
    record("process start to first complete answer, median", median("first_answer") / 1e3, 0.8, "s")
    record("memory resident, window open with an answer", median("resident"), 180, "MB")


def start_window(home: Path) -> dict[str, float]:
    """Start the program, note the times that it tells (ms since its start) and its memory (MB), and end it."""
    program = subprocess.Popen(
        [sys.executable, "-m", "gpuplanner", "--new-instance", str(example())],
        env=environment(GPUPLANNER_HOME=str(home), GPUPLANNER_TRACE_START="1"),
        stderr=subprocess.PIPE,
        text=True,
    )
    told: dict[str, float] = {}
    try:
        assert program.stderr is not None
        for line in program.stderr:
            key, _, value = line.partition(" ")
            if key not in ("first_paint", "first_answer"):
                assert "propagateSizeHints" in line, line
                continue
            told[key] = float(value.split()[0])
            if key == "first_answer":
                break
        time.sleep(1)  # what is done after the answer counts too
        status = Path(f"/proc/{program.pid}/status").read_text(encoding="ascii")
        told["resident"] = int(status.partition("VmRSS:")[2].split()[0]) * 1024 / 1e6
    finally:
        program.kill()
        program.communicate()
    return told
