"""A column of the comparison: what it holds, how it is written; and short ways to make one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt

from gpuplanner.engine.result import Quantity
from gpuplanner.format import SYMBOLS, Shown, format_expected, format_figure, format_integer, format_number
from gpuplanner.scenario.document import WorkloadKind
from gpuplanner.texts import text
from gpuplanner.ui.results.figures import Verdict, limits, verdict
from gpuplanner.ui.table.row import Context, Row

Value = float | int | str | None
Kinds = frozenset[WorkloadKind]
WRITING: Final = frozenset(kind for kind in WorkloadKind if kind.writes)
PASSING: Final = frozenset(kind for kind in WorkloadKind if kind.passes)
TRAINING: Final = frozenset(kind for kind in WorkloadKind if kind.trains)
Getter = Callable[[Row, Context], Value]


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        key: names it in the settings; its title is the text ``results.column.<key>``.
        value: what it is sorted by and copied as; None is unknown.
        shown: what a cell says; never called for None.
        unit: of the copied value.
        width: in pixels at the usual text size.
        right: whether numbers stand here, right-aligned.
        of_plan: whether it belongs to the plan, so that the reason may stand here where there is none.
        default: whether it is shown until the user chooses.
        from_width: a default column that is left out where the table is narrower than this.
        only: the kinds of workload that it applies to; None for every kind.
    """

    key: str
    value: Getter
    shown: Callable[[Row, Context], str]
    unit: str = ""
    width: int = 72
    right: bool = True
    of_plan: bool = True
    default: bool = True
    from_width: int = 0
    only: frozenset[WorkloadKind] | None = None

    def applies(self, kind: WorkloadKind) -> bool:
        """Whether there is such a thing in this kind of work."""
        return self.only is None or kind in self.only

    @property
    def alignment(self) -> Qt.AlignmentFlag:
        """Numbers to the right, words to the left."""
        return (Qt.AlignmentFlag.AlignRight if self.right else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter

    def title(self, context: Context) -> str:
        """The head of the column."""
        return text(
            f"results.column.{self.key}", currency=SYMBOLS.get(context.currency, context.currency), bytes=context.byte_unit
        )

    def copied_title(self, context: Context) -> str:
        """The head in a copied table, with the unit of the raw numbers."""
        unit = context.currency if self.unit == "money" else self.unit
        title = text(f"results.column.{self.key}.long")
        return f"{title}, {unit}" if unit else title


def quantity(row: Row, key: str) -> Quantity | None:
    """A figure of the row's plan; None where it cannot run."""
    return None if row.impossible else row.plan.figures.get(key)


def verdict_of(key: str, row: Row, context: Context) -> Verdict:
    """How a figure of a row stands to its target."""
    limit = limits(context.scenario).get(key)
    return Verdict.PLAIN if limit is None else verdict(quantity(row, key), limit)


def figure(
    key: str, unit: str, width: int = 72, *, default: bool = True, from_width: int = 0, only: Kinds | None = None
) -> Column:
    """A figure of the plan."""

    def value(row: Row, _context: Context) -> Value:
        found = quantity(row, key)
        return found.value if found else None

    def shown(row: Row, context: Context) -> str:
        return _cell(format_expected(quantity(row, key), byte_unit=context.byte_unit, currency=context.currency), unit)

    return Column(key, value, shown, unit, width, default=default, from_width=from_width, only=only)


def _cell(made: Shown, unit: str) -> str:
    """A figure without what the column's head says already: the currency, and tok/s as far as it is unscaled."""
    if unit == "money":
        number = "".join(made.number.split(f"{symbol}\xa0")[-1] if symbol in made.number else "" for symbol in SYMBOLS.values())
        mark = "≥\N{THIN SPACE}" if made.number.startswith("≥") else ""
        return f"{mark}{number or made.number} {made.unit}".strip()
    if unit == "tok/s":
        scale, _, name = made.unit.rpartition("\xa0")
        return f"{made.number} {scale}".strip() if name else made.number
    return str(made)


def bound(key: str, end: str) -> Column:
    """An end ("low" or "high") of a figure's range."""

    def value(row: Row, _context: Context) -> Value:
        found = quantity(row, key)
        return getattr(found, end) if found else None

    def shown(row: Row, context: Context) -> str:
        found = quantity(row, key)
        end_value = getattr(found, end) if found else None
        return (
            ""
            if end_value is None or found is None
            else str(format_figure(Quantity(key, end_value, found.unit), currency=context.currency))
        )

    return Column(f"{key}_{end}", value, shown, "s" if key in ("ttft", "tpot") else "tok/s", 84, default=False, only=WRITING)


def plan_number(
    key: str,
    get: Callable[[Row], float | int | None],
    width: int = 60,
    *,
    default: bool = True,
    from_width: int = 0,
    only: Kinds | None = None,
) -> Column:
    """A whole number of the plan."""

    def value(row: Row, _context: Context) -> Value:
        return None if row.impossible else get(row)

    def shown(row: Row, _context: Context) -> str:
        return format_integer(get(row))

    return Column(key, value, shown, "", width, default=default, from_width=from_width, only=only)


def gpu_number(key: str, get: Callable[[Row], float | None], unit: str = "", width: int = 80) -> Column:
    """A number of the card."""

    def shown(row: Row, _context: Context) -> str:
        return format_number(get(row))

    return Column(key, lambda row, _: get(row), shown, unit, width, of_plan=False, default=False)


def word(
    key: str,
    get: Callable[[Row, Context], str | None],
    width: int,
    *,
    of_plan: bool = False,
    default: bool = False,
    from_width: int = 0,
    only: Kinds | None = None,
) -> Column:
    """Words, set to the left."""
    return Column(
        key,
        get,
        lambda row, context: get(row, context) or "",
        "",
        width,
        right=False,
        of_plan=of_plan,
        default=default,
        from_width=from_width,
        only=only,
    )
