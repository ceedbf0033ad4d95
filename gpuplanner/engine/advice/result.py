"""Advice as plain, frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gpuplanner.engine.result import Code, Plan, Quantity

Change = tuple[tuple[str, object], ...]
"""Paths of fields and what they shall hold, all set at once."""


class Aim(StrEnum):
    """What a change is for."""

    SAFER = "safer"  # targets are met that weren't, or not surely
    CHEAPER = "cheaper"
    FASTER = "faster"


@dataclass(frozen=True, slots=True)
class Effect:
    """A figure of the answer now, and with the change; a figure that the answer now lacks is None."""

    key: str
    before: Quantity | None
    after: Quantity


@dataclass(frozen=True, slots=True)
class Advice:
    """A change of the scenario that gives a better answer.

    ``change`` holds paths and values, all to be set at once; ``plan`` is the answer then, and ``effects`` compare the two.
    ``saving`` is the share of the purchase saved (of the GPUs, where prices aren't known), ``speedup`` the share of the time
    of a request; None where they can't be compared.
    """

    code: Code
    aim: Aim
    change: Change
    plan: Plan
    effects: tuple[Effect, ...]
    saving: float | None
    speedup: float | None
    note: Code | None = None
