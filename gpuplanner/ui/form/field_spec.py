"""What a field of the form is made of, and short ways to write one down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from gpuplanner.format import SYMBOLS
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.fields import limits
from gpuplanner.texts import text
from gpuplanner.ui.fields.quantity import Asks
from gpuplanner.ui.form import options
from gpuplanner.ui.form.conditions import Condition, Fitness, always
from gpuplanner.units import QuantityKind

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.model import Model

Editor = Literal["quantity", "choice", "segmented", "model", "draft", "gpu", "line", "note", "phases"]
Worded = Callable[[Scenario], str]


@dataclass(frozen=True)
class FieldSpec:
    """One field.

    ``asks`` and ``unit`` say what a quantity is, ``offers`` what can be chosen; ``shown`` whether the field applies.
    ``label`` is the key of its label where that isn't the field's own name, "" for none; ``wide`` fields stand without a label
    over the whole width. ``note`` is a quiet line below; ``also`` gives other fields that an edit sets along; ``suits`` says to
    which models the field applies. ``across``: buttons of a line, where there are more than one line. ``usual``: what a model
    is published with, shown where nothing is written. ``empty`` is the key of what no GPU is called.
    """

    path: str
    editor: Editor
    asks: Callable[[Scenario], Asks] | None = None
    unit: Worded | None = None
    offers: options.Options | None = None
    shown: Condition = always
    label: str | None = None
    wide: bool = False
    note: Worded | None = None
    also: Callable[[], dict[str, object]] | None = None
    suits: Fitness | None = None
    across: int | None = None
    usual: Callable[[Model], int | None] | None = None
    empty: str = "form.automatic"


@dataclass(frozen=True)
class SectionSpec:
    """A group of fields under a heading that folds."""

    key: str
    fields: tuple[FieldSpec, ...]
    folded: bool = field(default=False)


def quantity(
    path: str,
    kind: QuantityKind,
    *,
    unit: Worded | None = None,
    shown: Condition = always,
    bare: str | None = None,
    prefix: str = "",
    empty: str = "form.automatic",
    note: Worded | None = None,
    also: Callable[[], dict[str, object]] | None = None,
    label: str | None = None,
    suits: Fitness | None = None,
    usual: Callable[[Model], int | None] | None = None,
) -> FieldSpec:
    """A number with its unit."""
    asks = Asks(kind, limits(path), bare, prefix, empty)

    def asked(scenario: Scenario) -> Asks:
        del scenario
        return asks

    unit = unit or unit_text(path)
    return FieldSpec(path, "quantity", asked, unit, shown=shown, note=note, also=also, label=label, suits=suits, usual=usual)


def choice(
    path: str,
    offers: options.Options,
    editor: Editor = "choice",
    shown: Condition = always,
    label: str | None = None,
    suits: Fitness | None = None,
) -> FieldSpec:
    """One of several."""
    return FieldSpec(path, editor, offers=offers, shown=shown, label=label, suits=suits)


def unit_text(path: str) -> Worded:
    """The unit as the texts have it."""

    def unit(scenario: Scenario) -> str:
        del scenario
        return text(f"field.{path}.unit")

    return unit


def limit_unit(scenario: Scenario) -> str:
    """Milliseconds, at the percentile that the limit holds for."""
    return text("form.limit_unit", percentile=f"{scenario.targets.percentile * 100:g}")


def limit_unit_s(scenario: Scenario) -> str:
    """Seconds, at the percentile that the limit holds for."""
    return text("form.limit_unit_s", percentile=f"{scenario.targets.percentile * 100:g}")


def load_unit(scenario: Scenario) -> str:
    """What the load is counted in."""
    return text(f"form.load.{scenario.workload.load_kind.value}")


def electricity_unit(scenario: Scenario) -> str:
    """Money a kilowatt-hour."""
    return f"{SYMBOLS[scenario.money.currency]}/kWh"


def rate_date(scenario: Scenario) -> str:
    """The day of the exchange rate, in words."""
    day = scenario.money.rate_date
    return text("form.rate_date", date=day.isoformat()) if day else ""
