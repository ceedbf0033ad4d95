"""Hostile files for every reader: each is read or refused with a sentence, soon, and within bounded memory."""

from __future__ import annotations

import gc
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FrameType

from gpuplanner.errors import InputError
from tests.proof.readers import Reader, prepare_home, readers

SEED = 20261121
LONGEST_S = 0.5  # of processor time
MEMORY_BYTES = 3 * 2**30  # address space of the process: a reader that wants more fails here
_STUCK_S = 10
_TMPFS = Path("/dev/shm")


@dataclass
class Tally:
    """What became of the inputs of one reader."""

    inputs: int = 0
    read: int = 0
    refused: int = 0
    slowest_s: float = 0.0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


class _Stuck(BaseException):
    """Taken out of a reader that does not end."""


def assault(counts: dict[str, int] | int, *, seed: int = SEED, start: int = 0, until: float = float("inf")) -> dict[str, Tally]:
    """Feed damaged files to the readers.

    Args:
        counts: inputs a reader, or of all together.
        seed: with the reader's name and the number it makes the input.
        start: number of the first input of each.
        until: end at this moment of the monotonic clock, whatever is left.

    Returns:
        tallies by reader.
    """
    base = _TMPFS if _TMPFS.is_dir() else None
    with tempfile.TemporaryDirectory(dir=base) as folder, _bounded():
        prepare_home(Path(folder))
        tallies: dict[str, Tally] = {}
        found = readers(Path(folder))
        total = sum(reader.share for reader in found)
        for reader in found:
            count = counts[reader.name] if isinstance(counts, dict) else round(counts * reader.share / total)
            place = Path(folder) / "in" / reader.name
            place.mkdir(parents=True)
            tallies[reader.name] = _assault(reader, place, range(start, start + count), seed, until)
        return tallies


def hostile(reader: Reader, number: int, seed: int = SEED) -> tuple[str, bytes]:
    """The file name and content of one input."""
    random = Random(f"{seed}:{reader.name}:{number}")
    name, content = random.choice(reader.samples)
    return name, reader.damage(random, content, random.choice(reader.samples)[1])


def _assault(reader: Reader, place: Path, numbers: range, seed: int, until: float) -> Tally:
    tally = Tally()
    for number in numbers:
        if time.monotonic() > until:
            break
        name, content = hostile(reader, number, seed)
        path = place / name
        path.write_bytes(content)
        began = time.process_time()
        said = _fault(reader, path, tally)
        spent = time.process_time() - began
        tally.inputs += 1
        tally.seconds += spent
        if spent > tally.slowest_s:
            tally.slowest_s = spent
        if spent > LONGEST_S:
            said = said or f"took {spent:.2f} s"
        if said:
            tally.faults.append(f"{reader.name} #{number}: {said}")
        if number % 2000 == 0:
            gc.collect()
    return tally


def _fault(reader: Reader, path: Path, tally: Tally) -> str:
    """What went wrong; empty when nothing did."""
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, _STUCK_S)
        try:
            reader.read(path)
            tally.read += 1
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except InputError as error:
        tally.refused += 1
        said = [error.sentence(lang) for lang in ("en", "zh")]
        return "" if all(said) and not any("Traceback" in each for each in said) else f"no sentence for {error.code}"
    except _Stuck:
        return "does not end"
    except Exception as error:  # noqa: BLE001 - whatever else it is, is what is looked for
        at = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {str(error)[:120]} at {Path(at.filename).name}:{at.lineno}"
    return ""


@contextmanager
def _bounded() -> Iterator[None]:
    """A limit to memory, and a way out of what does not end."""

    def stuck(_signal: int, _frame: FrameType | None) -> None:
        raise _Stuck

    before = resource.getrlimit(resource.RLIMIT_AS)
    handler = signal.signal(signal.SIGVTALRM, stuck)
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
        signal.signal(signal.SIGVTALRM, handler)
