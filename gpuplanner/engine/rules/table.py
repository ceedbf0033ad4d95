"""A table of practice: heads and cells as codes and quantities, worded at the surface."""

from __future__ import annotations

from dataclasses import dataclass

from gpuplanner.engine.result import Code, Provenance, Quantity, Unit

Cell = Code | Quantity | None


@dataclass(frozen=True, slots=True)
class Table:
    """``key`` names it ("precisions" …): text ``practice.<key>``; ``lines`` are its places in the collected practice.

    The first column names the row.
    """

    key: str
    lines: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Code, ...] = ()


def named(word: str) -> Code:
    """A cell that holds a name as it is."""
    return Code("practice.name", {"name": word})


def exact(key: str, value: float | None, unit: Unit = Unit.COUNT) -> Quantity:
    """A cell that holds a number."""
    return Quantity(key, value, unit, provenance=Provenance.EXACT)
