"""Opening a formula: its symbols, the numbers put in, where each came from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.engine.figures import Tally
from gpuplanner.engine.formula import REGISTRY
from gpuplanner.engine.load.replica import replica_of, settled
from gpuplanner.engine.point import Point
from gpuplanner.engine.request import Request
from gpuplanner.engine.result import Code, Explanation, Plan, Provenance, Quantity, Term, Unit
from gpuplanner.engine.speed.serving import Serving
from gpuplanner.scenario.document import Scenario

_SYMBOL = re.compile(r"[^\W\d]\w*")
_WORDS = frozenset({"max", "min", "ln", "exp", "sqrt", "ceil", "floor"})


@dataclass(frozen=True, slots=True)
class Given:
    """A number put into a formula: its value, where it is from, what changes it, what figure it opens into."""

    value: float
    source: Code
    edit: str | None = None
    opens: str | None = None


@dataclass(frozen=True)
class Opener:
    """What any explanation of a plan is read from."""

    scenario: Scenario
    catalog: Catalog
    plan: Plan

    @cached_property
    def gpu(self) -> Gpu:
        """The plan's GPU."""
        return self.catalog.gpus[self.plan.gpu_id]

    def constant(self, *names: str, value: float | None = None) -> Given:
        """A fitted constant, with the rows behind it."""
        key = self.catalog.calibration.key(*names)
        known = self.catalog.calibration.constants[key]
        source = Code("source.fitted", {"name": key, "rows": known.rows}) if known.rows else Code("source.set", {"name": key})
        return Given(known.value if value is None else value, source)

    def opened(
        self,
        key: str,
        formula_id: str,
        given: Mapping[str, Given],
        *,
        result: Quantity | None = None,
        notes: tuple[Code, ...] = (),
    ) -> Explanation:
        """Call a formula with what is given and lay it open.

        Args:
            key: of the figure.
            formula_id: in the registry.
            given: a number for each argument of the formula.
            result: the figure as the plan shows it, with its range; the bare result when None.
            notes: codes to stand below.
        """
        opened = REGISTRY[formula_id]
        value = float(opened.function(**{name: entry.value for name, entry in given.items()}))
        terms = tuple(
            Term(
                opened.symbols[name].symbol,
                opened.symbols[name].name,
                entry.value,
                opened.symbols[name].unit,
                entry.source,
                entry.edit,
                entry.opens,
            )
            for name, entry in given.items()
        )
        shown = {term.symbol: plain(term.value, term.unit) for term in terms}
        return Explanation(
            key=key,
            formula_id=formula_id,
            formula=f"{opened.result} = {opened.text}",
            numbers=_SYMBOL.sub(lambda match: shown.get(match[0], match[0]), opened.text),
            result=result or Quantity(key, value, opened.unit, provenance=Provenance.MODELLED),
            terms=terms,
            reference=opened.reference,
            notes=notes,
        )


@dataclass(frozen=True)
class Book(Opener):
    """What explanations of a serving plan are read from: the plan's own configuration, evaluated once more."""

    asked: Request

    @cached_property
    def plain_point(self) -> Point:
        """The plan's layout, ready to be timed."""
        return replica_of(self.scenario, self.catalog, self.plan, self.asked)

    @cached_property
    def point(self) -> Point:
        """The same with what it finds again of conversations."""
        return settled(self.plain_point, float(self.plan.batch))

    @property
    def request(self) -> Request:
        """What is carried, with what is found again taken off the prompts."""
        return self.asked if self.asked.reuse is None else self.point.request

    @cached_property
    def serving(self) -> Serving:
        """A replica at the plan's batch; where prefill runs apart, one that writes."""
        if self.plan.pools is not None:
            from gpuplanner.engine.explain.apart_steps import serving_of  # it opens this book

            return serving_of(self)
        return self.point.serving(float(self.plan.batch))

    @cached_property
    def tally(self) -> Tally:
        """Gives ranges to figures that the plan itself doesn't carry."""
        return Tally(self.scenario, self.catalog, self.request)


def computed(value: float, opens: str | None = None) -> Given:
    """A number that another formula gives."""
    return Given(value, Code("source.computed"), opens=opens)


def plain(value: float, unit: Unit) -> str:
    """A number as it stands in an opened formula: short, and without a language."""
    for least, size, sign in _SCALES.get(unit, ()):
        if abs(value) >= least:
            return f"{_short(value / size)} {sign}"
    return _short(value)


_SCALES: dict[Unit, tuple[tuple[float, float, str], ...]] = {
    Unit.BYTES: ((1e9, 1e9, "GB"), (1e6, 1e6, "MB"), (1e5, 1e3, "kB"), (0, 1, "B")),
    Unit.SECONDS: ((1, 1, "s"), (1e-3, 1e-3, "ms"), (0, 1e-6, "µs")),
    Unit.FLOPS: ((1e12, 1e12, "TFLOP"), (1e9, 1e9, "GFLOP"), (1e6, 1e6, "MFLOP")),
    Unit.FLOPS_PER_SECOND: ((0, 1e12, "TFLOP/s"),),
    Unit.KILOWATT_HOURS: ((1e6, 1e6, "GWh"), (1e3, 1e3, "MWh"), (0, 1, "kWh")),
    Unit.BYTES_PER_SECOND: ((1e12, 1e12, "TB/s"), (0, 1e9, "GB/s")),
}


def _short(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}".replace(",", "\u2009")
    digits = f"{value:.4g}"
    return digits if "e" not in digits else f"{value:,.0f}".replace(",", "\u2009") if abs(value) >= 1 else digits
