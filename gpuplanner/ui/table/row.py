"""A line of the comparison: a GPU of the catalogue and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gpuplanner.codes import code_text
from gpuplanner.engine.result import Estimate, Plan, Status
from gpuplanner.report.names import gpu_label
from gpuplanner.scenario.document import Scenario

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.catalog.schema.gpu import Gpu

FITS = (Status.MEETS, Status.EXPECTED)


@dataclass(frozen=True, slots=True)
class Context:
    """What all lines share: the question, and how figures are shown."""

    scenario: Scenario
    byte_unit: str = "GB"

    @property
    def currency(self) -> str:
        """The currency of all money."""
        return self.scenario.money.currency


@dataclass(slots=True)
class Row:
    """One GPU. ``rank`` is its place in the estimate, 0 the best; ``texts`` keeps what cells show until the next estimate."""

    gpu: Gpu
    plan: Plan
    rank: int
    chosen: bool
    yours: bool
    name: str
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def impossible(self) -> bool:
        """Whether the load cannot run on this GPU."""
        return self.plan.status is Status.IMPOSSIBLE

    def reason(self, context: Context) -> str:
        """Why the load cannot run, all reasons; empty when it can."""
        return "; ".join(code_text(code, byte_unit=context.byte_unit) for code in self.plan.reasons) if self.impossible else ""

    def remedy(self, context: Context) -> str:
        """What would make it run."""
        return "; ".join(code_text(code, byte_unit=context.byte_unit) for code in self.plan.remedies)


def rows_of(estimate: Estimate, catalog: Catalog) -> list[Row]:
    """A row for every GPU of the catalogue, in the catalogue's order, so that a row keeps its place from estimate to estimate."""
    plans = {plan.gpu_id: (rank, plan) for rank, plan in enumerate(estimate.plans)}
    refused = (estimate.refusal,) if estimate.refusal is not None else ()
    rows = []
    for place, gpu in enumerate(catalog.gpus.values()):
        rank, plan = plans.get(gpu.id) or (len(plans) + place, Plan(gpu.id, Status.IMPOSSIBLE, reasons=refused))
        rows.append(Row(gpu, plan, rank, gpu.id == estimate.chosen, f"gpu:{gpu.id}" in catalog.yours, gpu_label(gpu)))
    return rows
