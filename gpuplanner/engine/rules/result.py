"""Rules as plain, frozen data. Texts are codes; ``rule.<id>`` and ``guard.<id>`` name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from gpuplanner.engine.result import Code, Unit


class Agreement(StrEnum):
    """How a rule of thumb stands to the engine."""

    AGREES = "agrees"
    DIFFERS = "differs"  # less than twice off
    MISLEADS = "misleads"  # more, or it calls possible what isn't


@dataclass(frozen=True, slots=True)
class Said:
    """What a rule says, from ``low`` to ``high`` (the same for one number), and what the engine says; None: it can't be.

    ``inputs`` are what its formula was given, by argument; ``why`` tells what the difference comes from.
    """

    low: float
    high: float
    engine: float | None
    unit: Unit
    why: tuple[Code, ...] = ()
    inputs: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Thumb:
    """A rule of thumb beside the engine. ``distance`` is the rule over the engine less one: 0 within its band."""

    id: str
    lines: tuple[str, ...]
    figure: str
    said: Said
    agreement: Agreement
    distance: float | None
    formula: str | None = None
    numbers: str = ""

    @property
    def name(self) -> Code:
        """The rule in words."""
        return Code(f"rule.{self.id}")

    @property
    def right(self) -> Code:
        """What holds instead, or in full."""
        return Code(f"rule.{self.id}.right")


@dataclass(frozen=True, slots=True)
class Warned:
    """A guard rail that a plan runs into; ``source`` and ``date`` of the rule."""

    id: str
    severity: str
    code: Code
    source: str
    date: str


@dataclass(frozen=True, slots=True)
class Rules:
    """All of them: rules of thumb that apply to the scenario, and the guard rails that its plan runs into."""

    thumbs: tuple[Thumb, ...] = ()
    warned: tuple[Warned, ...] = ()
