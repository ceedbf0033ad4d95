"""What a plan stands on: one kind of GPU, or two that share the load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpuplanner.engine.result import Code, Plan
from gpuplanner.report import phrases
from gpuplanner.report.names import gpu_name

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog


def parts_of(plan: Plan) -> tuple[Plan, ...]:
    """The plan itself; of a mix one for each kind of GPU, with its counts."""
    return tuple(part.plan for part in plan.mix.parts) if plan.mix is not None else (plan,)


def gpu_names(plan: Plan, catalog: Catalog) -> str:
    """The kinds of GPU by name."""
    return " + ".join(gpu_name(part.gpu_id, catalog) for part in parts_of(plan))


def gpus_of(plan: Plan) -> int:
    """GPUs of all kinds, spares included."""
    return sum(part.gpus for part in parts_of(plan))


def layout_of(plan: Plan, catalog: Catalog) -> Code:
    """How the model lies on the GPUs, by kind where there are two."""
    if plan.mix is None:
        return phrases.layout(plan)
    parts = [Code("report.on_gpu", {"gpu": gpu_name(one.gpu_id, catalog), "said": phrases.layout(one)}) for one in parts_of(plan)]
    return Code("report.list", {"parts": tuple(parts)})
