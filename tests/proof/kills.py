"""``kill -9`` at any moment of editing and saving: nothing lost but the last moments, nothing half written."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from gpuplanner import assets
from gpuplanner.scenario.files import load_scenario, save_scenario
from gpuplanner.scenario.recovery import orphans
from tests.proof import edited

SEED = 7
ALLOWED_S = 2.0  # edits so old are kept, whatever happens


@dataclass
class Killed:
    """What was found after the kills."""

    kills: int = 0
    while_saving: int = 0
    with_copy: int = 0
    most_lost_s: float = 0.0
    edits: int = 0
    litter: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass
class _Told:
    """What the killed process had said."""

    edits: list[tuple[int, float]]
    saving: int = 0
    saved: int = 0
    killed_at: float = 0.0


def kill_often(kills: int, *, seed: int = SEED, until: float = float("inf")) -> Killed:
    """Start the editing process, kill it, look at what it left, and go on from there.

    Args:
        kills: how often.
        seed: of the moments.
        until: end at this moment of the monotonic clock, whatever is left.
    """
    found, random = Killed(), Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        home, file = Path(folder) / "home", Path(folder) / "方案.gpuplan"
        example = load_scenario(sorted((assets.resources() / "examples").glob("*.gpuplan"))[0]).scenario
        save_scenario(file, example.model_copy(update={"note": "0"}), "")
        while found.kills < kills and time.monotonic() < until:
            told = _killed(home, file, random)
            _check(home, file, told, found)
            found.kills += 1
            _go_on(file, found)
    return found


def _killed(home: Path, file: Path, random: Random) -> _Told:
    """Let a process work and kill it; it is forked off, so that a thousand cost no thousand starts of Python."""
    read, write = os.pipe()
    seed = random.randrange(2**31)
    process = os.fork()
    if process == 0:
        os.dup2(write, 1)
        os.closerange(3, 64)
        try:
            edited.work(home, file, seed)
        finally:
            os._exit(1)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        first = stream.readline()
        # most end soon, in the middle of the first saves; some have worked for a while
        time.sleep(
            random.choice((random.uniform(0, 0.05), random.uniform(0, 0.3), random.uniform(0.2, 3.0), random.uniform(1.5, 4.0)))
        )
        killed_at = time.monotonic()
        os.kill(process, signal.SIGKILL)
        lines = stream.read().decode().splitlines()
    os.waitpid(process, 0)
    if not first.startswith(b"ready"):
        raise RuntimeError(f"the process to be killed said {first!r}")
    return _read(lines, killed_at)


def _read(lines: list[str], killed_at: float) -> _Told:
    told = _Told([], killed_at=killed_at)
    for line in lines:
        what, number, moment = line.split()
        if what == "edit":
            told.edits.append((int(number), float(moment)))
        elif what == "saving":
            told.saving = int(number)
        elif what == "saved":
            told.saved = int(number)
    return told


def _check(home: Path, file: Path, told: _Told, found: Killed) -> None:
    found.edits += len(told.edits)
    found.while_saving += told.saving != told.saved
    for path in (file, file.with_name(file.name + ".bak")):
        if path.exists() and not _whole(path):
            found.faults.append(f"{path.name} is half written after kill {found.kills + 1}")
            return
    held = int(load_scenario(file).scenario.note or 0)
    if held < told.saved:
        found.faults.append(f"told as saved: {told.saved}, in the file: {held}")
    left = [orphan for orphan in orphans(home / "state" / "recovery") if orphan.path == file]
    found.with_copy += bool(left)
    kept = max([held, *(int(orphan.scenario.note or 0) for orphan in left)])
    lost = [moment for number, moment in told.edits if number > kept]
    if lost:
        lost_s = told.killed_at - lost[0]
        found.most_lost_s = max(found.most_lost_s, lost_s)
        if lost_s > ALLOWED_S:
            found.faults.append(f"{lost_s:.2f} s of edits lost at kill {found.kills + 1}")
    for orphan in left:
        orphan.discard()


def _whole(path: Path) -> bool:
    try:
        load_scenario(path)
    except Exception:  # noqa: BLE001 - whatever it is, the file isn't whole
        return False
    return True


def _go_on(file: Path, found: Killed) -> None:
    """Clear what a kill in the middle of a write leaves beside the file, and count it."""
    for path in file.parent.glob(".gpuplanner-*.tmp"):
        found.litter += 1
        path.unlink()
