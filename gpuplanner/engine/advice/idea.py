"""A thought about a scenario: one or several changes of its fields, not yet judged."""

from __future__ import annotations

from dataclasses import dataclass

from gpuplanner.engine.advice.result import Change
from gpuplanner.engine.result import Code


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to carry out an idea; ``note`` says what it costs besides money."""

    code: Code
    change: Change
    note: Code | None = None


@dataclass(frozen=True, slots=True)
class Idea:
    """Variants of one thought. ``gentlest``: the first that helps is taken, else the one that helps most.

    ``may_cost``: it is worth telling when it is faster, though dearer.
    """

    variants: tuple[Variant, ...]
    gentlest: bool = True
    may_cost: bool = False
