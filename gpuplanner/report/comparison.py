"""Several scenarios side by side: the inputs in which they differ, and their figures against a baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gpuplanner.engine.result import Estimate, Plan, Quantity, Status, Unit
from gpuplanner.format import DASH, MINUS, Figure, format_figure, format_share
from gpuplanner.report.figure_keys import figure_name
from gpuplanner.report.inputs import differing, equal, input_name, input_text
from gpuplanner.report.kinds_of_gpu import gpu_names, parts_of
from gpuplanner.report.limits import AT_PERCENTILE, limits
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import has, text

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

MOST: Final = 6
LIFE: Final = ("purchase_total", "running", "tco")
"""Figures of the whole site over its life."""
#: Figures in the order of the table.
KEYS: Final = (
    "gpus", "servers", "memory_per_gpu", "ttft", "tpot", "e2e", "batch_time", "training_time", "step_time", "throughput",
    "item_rate", "request_rate", "real_time_factor", "tokens_per_second", "mfu", "headroom", "power", "purchase",
    *LIFE, "cost_per_million", "cost_per_thousand", "cost_per_audio_hour", "run_cost",
)  # fmt: skip
_MORE_IS_BETTER: Final = frozenset(
    ("throughput", "item_rate", "request_rate", "real_time_factor", "tokens_per_second", "mfu", "headroom")
)
_NEITHER: Final = frozenset(("memory_per_gpu",))
_LEAST: Final = 0.005


@dataclass(frozen=True, slots=True)
class Side:
    """One of the scenarios; ``title`` is what it is called, ``gpu`` its card, ``life`` what all of its site costs."""

    title: str
    scenario: Scenario
    estimate: Estimate
    gpu: str = ""
    life: Mapping[str, Quantity] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def plan(self) -> Plan | None:
        """Its answer."""
        return self.estimate.plan()


@dataclass(frozen=True, slots=True)
class InputRow:
    """An input; ``apart`` tells for each side whether it differs from the baseline."""

    path: str
    name: str
    cells: tuple[str, ...]
    apart: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of one side.

    ``change`` is the difference to the baseline in words, with its sign; ``better`` whether it is for the better, None where
    that can't be said. ``misses`` where its target is missed.
    """

    quantity: Quantity | None
    shown: Figure
    change: str = ""
    better: bool | None = None
    misses: bool = False
    limit: float | None = None

    @property
    def value(self) -> float | None:
        """The expected value."""
        return None if self.quantity is None else self.quantity.value


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure of all sides."""

    key: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything a page or a table shows; ``same`` are name and value of the inputs that all sides share."""

    sides: tuple[Side, ...]
    baseline: int
    inputs: tuple[InputRow, ...]
    same: tuple[tuple[str, str], ...]
    figures: tuple[FigureRow, ...]


def side_of(title: str, scenario: Scenario, estimate: Estimate, catalog: Catalog) -> Side:
    """A scenario with all that is compared: its answer, and what its site costs over its life.

    Args:
        title: what it is called.
        scenario: what was asked.
        estimate: what followed.
        catalog: the facts.
    """
    from gpuplanner.engine.money.life import life_of
    from gpuplanner.engine.site.build import site_of

    plan = estimate.plan()
    if plan is None or plan.status is Status.IMPOSSIBLE:
        return Side(title, scenario, estimate)
    life = life_of(scenario, catalog, plan, site_of(scenario, catalog, estimate, plan))
    return Side(title, scenario, estimate, gpu_names(plan, catalog), life.figures)


def compare(sides: Sequence[Side], catalog: Catalog, baseline: int = 0, byte_unit: str = "GB") -> Comparison:
    """Compare scenarios.

    Args:
        sides: two to :data:`MOST`, with their answers.
        catalog: names things.
        baseline: place of the side that the others are held against.
        byte_unit: "GB" or "GiB".
    """
    scenarios = [side.scenario for side in sides]
    first = scenarios[0]
    same = tuple((input_name(path), input_text(first, path, catalog)) for path in equal(scenarios)) if sides else ()
    rows = tuple(_input_row(path, sides, catalog, baseline) for path in differing(scenarios)) if sides else ()
    figures = tuple(row for key in KEYS if (row := _figure_row(key, sides, baseline, byte_unit)) is not None)
    return Comparison(tuple(sides), baseline, tuple(row for row in rows if len(set(row.cells)) > 1), same, figures)


def figure_label(key: str, sides: Sequence[Side]) -> str:
    """What a figure is called; times carry the percentile where it is the same for all."""
    plan = next((side.plan for side in sides if side.plan is not None and key in side.plan.figures), None)
    if key in ("gpus", "servers"):
        return text(f"library.count.{key}")
    if key in LIFE:
        return text(f"money.figure.{key}")
    name = figure_name(key, plan)
    said = text(name) if has(name) else text(figure_name(key, plan, "results.figure"), percentile="").rstrip(", ，")
    percentiles = {side.scenario.targets.percentile for side in sides}
    comma = ", " if said.isascii() else "，"
    return f"{said}{comma}p{percentiles.pop() * 100:g}" if key in AT_PERCENTILE and len(percentiles) == 1 else said


def _input_row(path: str, sides: Sequence[Side], catalog: Catalog, baseline: int) -> InputRow:
    cells = tuple(input_text(side.scenario, path, catalog) for side in sides)
    return InputRow(path, input_name(path), cells, tuple(cell != cells[baseline] for cell in cells))


def _quantity(side: Side, key: str) -> Quantity | None:
    plan = side.plan
    if plan is None:
        return None
    if key in ("gpus", "servers"):
        count = sum(getattr(part, key) for part in parts_of(plan)) if plan.status is not Status.IMPOSSIBLE else None
        return Quantity(key, float(count), Unit.COUNT) if count else None
    return side.life.get(key) if key in LIFE else plan.figures.get(key)


def _figure_row(key: str, sides: Sequence[Side], baseline: int, byte_unit: str) -> FigureRow | None:
    found = [_quantity(side, key) for side in sides]
    if not any(quantity is not None and quantity.value is not None for quantity in found):
        return None
    base = (found[baseline], sides[baseline].scenario.money.currency)
    cells = []
    for place, (side, quantity) in enumerate(zip(sides, found, strict=True)):
        currency = side.scenario.money.currency
        shown = format_figure(quantity, byte_unit=byte_unit, currency=currency) if quantity is not None else Figure(DASH, "", "")
        limit = limits(side.scenario).get(key)
        misses = quantity is not None and quantity.value is not None and limit is not None and quantity.value > limit
        if place == baseline:
            cells.append(Cell(quantity, shown, misses=misses, limit=limit))
            continue
        change, better = _change(key, quantity, base, currency, byte_unit)
        cells.append(Cell(quantity, shown, change, better, misses, limit))
    return FigureRow(key, figure_label(key, sides), tuple(cells))


def _change(
    key: str, quantity: Quantity | None, base: tuple[Quantity | None, str], currency: str, byte_unit: str
) -> tuple[str, bool | None]:
    """The difference in words, and whether it is for the better."""
    before = base[0]
    if quantity is None or before is None or quantity.value is None or before.value is None:
        return "", None
    if quantity.unit is Unit.MONEY and currency != base[1]:
        return text("compare.currencies"), None
    difference = quantity.value - before.value
    if abs(difference) <= _LEAST * abs(before.value):
        return text("compare.same"), None
    sign = "+" if difference > 0 else MINUS
    amount = _in_unit_of(quantity, abs(difference), byte_unit, currency)
    if quantity.unit is Unit.SHARE:
        amount, share = text("compare.points", points=amount), ""
    else:
        share = f" ({sign}{format_share(abs(difference / before.value))})" if before.value else ""
    better = None if key in _NEITHER else (difference > 0) == (key in _MORE_IS_BETTER)
    return f"{sign}\N{NO-BREAK SPACE}{amount}{share}", better


def _in_unit_of(quantity: Quantity, size: float, byte_unit: str, currency: str) -> str:
    """A difference in the unit that the figure itself is shown in; money with a unit of its own."""
    if quantity.unit is Unit.MONEY:
        return str(format_figure(Quantity(quantity.key, size, quantity.unit), currency=currency))
    both = Quantity(quantity.key, quantity.value, quantity.unit, size, quantity.value)
    made = format_figure(both, byte_unit=byte_unit, currency=currency)
    return made.range_text.partition(DASH)[0].strip() if made.range_text else made.number
