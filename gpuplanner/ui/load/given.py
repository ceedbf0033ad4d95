"""What the cards of the page are about: one scenario, its answer, and the curve of its plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpuplanner.engine.result import Estimate, Plan, Status
from gpuplanner.format import format_number
from gpuplanner.scenario.document import LoadKind, Scenario
from gpuplanner.texts import text
from gpuplanner.ui.results.figures import limits

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.engine.load.curve import LoadCurve

TIMES = ("ttft", "tpot", "e2e")


@dataclass(frozen=True, slots=True)
class Given:
    """An answer. ``plan`` is None where nothing runs; ``curve`` where there is no load to follow."""

    scenario: Scenario
    catalog: Catalog
    estimate: Estimate
    plan: Plan | None
    curve: LoadCurve | None = None

    @property
    def percentile(self) -> str:
        """The percentile that targets hold at, as curves are keyed by it: the nearest one they have."""
        wanted = self.scenario.targets.percentile
        return min(("p50", "p90", "p95", "p99"), key=lambda key: abs(int(key[1:]) / 100 - wanted))

    @property
    def by_rate(self) -> bool:
        """Whether the load is given as a rate."""
        return self.scenario.workload.load_kind in (LoadKind.PER_SECOND, LoadKind.PER_DAY)

    def limit(self, figure: str) -> float | None:
        """The target of a figure, in seconds; None where there is none."""
        if figure == "e2e":
            return self.scenario.targets.e2e_s
        return limits(self.scenario).get(figure)

    def load_text(self, load: float) -> str:
        """A load in the unit that the scenario is asked in: "200 in flight", "3.2 requests/s"."""
        return text("load.at.rate" if self.by_rate else "load.at.in_flight", load=format_number(load))


def given(scenario: Scenario, catalog: Catalog, estimate: Estimate) -> Given:
    """Put together what there is; the curve is worked out where a plan serves people."""
    plan = estimate.plan()
    if plan is not None and (plan.status is Status.IMPOSSIBLE or estimate.refusal is not None):
        plan = None
    if plan is None or plan.memory is None or not scenario.workload.kind.writes:
        return Given(scenario, catalog, estimate, plan)
    from gpuplanner.engine.load.curve import load_curve
    from gpuplanner.engine.request import CannotEstimateError

    try:
        return Given(scenario, catalog, estimate, plan, load_curve(scenario, catalog, plan))
    except (CannotEstimateError, ValueError):
        return Given(scenario, catalog, estimate, plan)
