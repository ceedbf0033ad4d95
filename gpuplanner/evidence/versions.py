"""Which of an engine's profiles a measurement ran under, by version, fork or date."""

from __future__ import annotations

import re
from typing import Final

from gpuplanner.catalog.schema.engine import MemoryProfile
from gpuplanner.catalog.schema.model import Model
from gpuplanner.evidence.formats import version_number

_NEW_MONTHS: Final = 3


def soon_after(model: Model) -> str:
    """Month of a log that bears no date: people publish them while a model is new."""
    match = re.match(r"(\d{4})-(\d{2})", model.release_date or "")
    if not match:
        return ""
    months = 12 * int(match[1]) + int(match[2]) - 1 + _NEW_MONTHS
    return f"{months // 12}-{months % 12 + 1:02}"


def profile_index(profiles: tuple[MemoryProfile, ...], version: str, framework: str = "", date: str = "") -> int:
    """Which profile holds for a version; the newest when the version isn't understood (a fork, a date, none).

    A row that gives no version at all is of the newest release that was out at its ``date``, a fork of one from before.
    """
    # "TensorRT 10.2" is the version of the library: the engine is one compiled with it, as the older releases made them
    if framework.casefold() in {"tensorrt", "cuda", "jetpack"}:
        return len(profiles) - 1
    number = None if re.search(r"fork|nightly|image|dev\d{5}", version) else version_number(version)
    if number is None:
        dated = date[:7] if re.match(r"\d{4}-\d{2}", date) and not re.search("nightly|image", version) else ""
        if not dated or not all(profile.released for profile in profiles):
            return 0
        last = f"{dated}-00" if "fork" in version else f"{dated}-99"  # a fork leaves from what was out before its month
        return next((i for i, profile in enumerate(profiles) if f"{profile.released}-01" <= last), len(profiles) - 1)
    return next((i for i, profile in enumerate(profiles) if admits(profile.versions, number)), len(profiles) - 1)


def admits(versions: str, number: tuple[int, int]) -> bool:
    """Whether a version lies in a range such as ">=0.17,<0.21".

    Raises:
        ValueError: when the range isn't one.
    """
    for part in filter(None, (part.strip() for part in versions.split(","))):
        match = re.fullmatch(r"(>=|<=|<|>|==)?\s*(\d+)\.(\d+)(?:\.\d+)?", part)
        if match is None:
            if part in {"all", "*"}:
                continue
            raise ValueError(versions)
        bound = (int(match[2]), int(match[3]))
        holds = {">=": number >= bound, "<=": number <= bound, "<": number < bound, ">": number > bound}
        if not holds.get(match[1], number == bound):
            return False
    return True
