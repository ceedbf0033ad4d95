"""The time of a plan's own step, evaluated once more for its explanations."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.result import TrainingPlan
from gpuplanner.engine.training.facts import trained
from gpuplanner.engine.training.speed.asked import Wanted, wanted
from gpuplanner.engine.training.speed.rates import Rates, rates
from gpuplanner.engine.training.speed.search import AGAIN
from gpuplanner.engine.training.speed.step import RECOMPUTE_SELECTIVE, Micro, Shared, Times, joined, layouts, micro, shared
from gpuplanner.scenario.document import Recompute

if TYPE_CHECKING:
    from gpuplanner.engine.explain.training import TrainingBook

FULL_SHARDING = 3


@dataclass(frozen=True, slots=True)
class SpeedPoint:
    """One plan's step; ``gathers``: weights are gathered beside every micro-batch."""

    wanted: Wanted
    reach: Rates
    micro: Micro
    shared: Shared
    times: Times
    servers: int
    gathers: bool


def point(book: TrainingBook) -> SpeedPoint:
    """Time the plan's layout on its GPU."""
    plan, layout, setup = book.plan, book.layout, book.setup
    asked = wanted(book.scenario, book.request, trained(book.request.shape, setup), book.catalog.calibration)
    reach = rates((book.gpu,), book.catalog, book.request.format, asked.software)
    lay = layouts(
        tensor=plan.tensor_parallel, pipeline=plan.pipeline_parallel, data=layout.data_parallel, context=layout.context_parallel,
        expert=layout.expert_parallel, virtual=setup.virtual_stages, micro_batch=layout.micro_batch,
        micro_batches=layout.micro_batches, zero=book.zero, recompute=_again(layout),
    )  # fmt: skip
    one, exchanged = micro(asked.work, asked.job, lay, reach), shared(asked.work, asked.job, lay, reach)
    servers = math.ceil(plan.gpus / float(reach.node[0]))
    gathers = book.zero >= FULL_SHARDING and plan.replicas > 1
    return SpeedPoint(asked, reach, one, exchanged, joined(one.total, exchanged, lay.whole, reach), servers, gathers)


def _again(layout: TrainingPlan) -> float:
    """How much is computed again, in the terms of speed."""
    recompute = Recompute(layout.recompute)
    if recompute is Recompute.FULL and layout.recomputed < 1:
        return RECOMPUTE_SELECTIVE + layout.recomputed if layout.recomputed else 0.0
    return AGAIN[recompute]


def at(array: NDArray[np.float64]) -> float:
    """The only entry of an array."""
    return float(np.asarray(array).reshape(-1)[0])
