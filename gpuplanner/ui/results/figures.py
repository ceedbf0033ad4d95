"""A figure as words: label, number, unit, range and limit, and whether the limit holds. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gpuplanner.engine.result import Plan, Quantity
from gpuplanner.format import format_figure, format_integer, format_number, format_share
from gpuplanner.report.figure_keys import figure_name
from gpuplanner.report.limits import limits as limits
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import has, text

_MANY_TIMES = 3.0  # from here on a limit is missed so many times, not by so many percent


class Verdict(StrEnum):
    """How something stands to its limit.

    ``CAUTION``: expected within, the cautious end beyond. ``MISS``: beyond. ``BAD``: impossible. ``PLAIN``: nothing to say.
    """

    PLAIN = "plain"
    GOOD = "good"
    CAUTION = "caution"
    MISS = "miss"
    BAD = "bad"


GLYPHS = {Verdict.PLAIN: "", Verdict.GOOD: "✓", Verdict.CAUTION: "!", Verdict.MISS: "!", Verdict.BAD: "✕"}


@dataclass(frozen=True, slots=True)
class FigureText:
    """What a figure shows. ``details`` stand under the number, beside each other where there is room."""

    key: str
    label: str
    short: str
    number: str
    unit: str
    details: tuple[str, ...] = ()
    verdict: Verdict = Verdict.PLAIN
    hint: str = ""

    @property
    def spoken(self) -> str:
        """The figure in one line, for a screen reader."""
        shown = f"{self.number} {self.unit}".strip()
        tail = ", ".join(part for part in self.details if part)
        state = text(f"results.verdict.{self.verdict.value}") if self.verdict in (Verdict.CAUTION, Verdict.MISS) else ""
        return ": ".join((self.label, ", ".join(part for part in (shown, tail, state) if part)))


def verdict(quantity: Quantity | None, limit: float | None) -> Verdict:
    """Whether a figure keeps below its limit, with its cautious end too."""
    if quantity is None or quantity.value is None or limit is None:
        return Verdict.PLAIN
    if quantity.value > limit:
        return Verdict.MISS
    return Verdict.CAUTION if quantity.high is not None and quantity.high > limit else Verdict.GOOD


def label(key: str, scenario: Scenario, plan: Plan | None = None, *, short: bool = False) -> str:
    """What a figure of a plan is called; times carry the percentile they hold at."""
    percentile = format_number(scenario.targets.percentile * 100)
    name = figure_name(key, plan, "results.figure")
    return text(f"{name}.short" if short and has(f"{name}.short") else name, percentile=f"p{percentile}")


def empty(key: str, scenario: Scenario) -> FigureText:
    """A figure that nothing can be said of."""
    return FigureText(key, label(key, scenario), label(key, scenario, short=True), "–", "")


def figure(
    key: str, plan: Plan, scenario: Scenario, details: tuple[str, ...], limit: float | None = None, byte_unit: str = "GB"
) -> FigureText:
    """A figure of a plan with what stands below it.

    Args:
        key: of the figure.
        plan: that holds it, or not.
        scenario: percentile, currency.
        details: below the number, before the range.
        limit: that the figure is held to.
        byte_unit: "GB" or "GiB".
    """
    quantity = plan.figures.get(key)
    shown = format_figure(quantity, byte_unit=byte_unit, currency=scenario.money.currency)
    parts = tuple(part for part in (*details, shown.range_text) if part)
    return FigureText(
        key,
        label(key, scenario, plan),
        label(key, scenario, plan, short=True),
        shown.number,
        shown.unit,
        parts,
        verdict(quantity, limit),
        provenance_text(quantity),
    )


def over_text(quantity: Quantity | None, limit: float | None) -> str:
    """By how much a figure is beyond its limit; empty where it keeps it."""
    if quantity is None or quantity.value is None or limit is None or quantity.value <= limit * (1 + 1e-9):
        return ""
    ratio = quantity.value / limit
    if ratio >= _MANY_TIMES:
        return text("results.over.times", times=format_number(ratio, digits=2))
    return text("results.over", share=str(format_share(max(ratio - 1, 0.001))))


def provenance_text(quantity: Quantity | None) -> str:
    """Where a figure comes from, in words; empty when there is none."""
    if quantity is None or quantity.value is None:
        return ""
    key = f"results.provenance.{quantity.provenance.value}"
    return text(f"{key}.rows", rows=format_integer(quantity.rows)) if quantity.rows else text(key)
