"""What a plan that holds its targets over the whole range of its figures is held to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.figures import Tally
from gpuplanner.engine.fleet import Fleet
from gpuplanner.engine.request import Request
from gpuplanner.engine.wiring import Floats
from gpuplanner.scenario.document import Scenario


@dataclass(frozen=True, slots=True)
class Caution:
    """One entry a GPU: the cautious end over the expected value. ``ttft`` and ``tpot`` of times, ``throughput`` of a rate."""

    ttft: Floats
    tpot: Floats
    throughput: Floats


def caution(scenario: Scenario, catalog: Catalog, request: Request, every: Fleet) -> Caution | None:
    """The cautious ends of every GPU's figures, as factors; None where expected values will do.

    Args:
        scenario: whether it wants its targets held over the whole range.
        catalog: the ranges.
        request: the engine.
        every: the GPUs.
    """
    if not scenario.targets.cautious:
        return None
    tally = Tally(scenario, catalog, request)

    def ends(figure: str, *, high: bool) -> Floats:
        found = (tally.factor(figure, gpu.family) for gpu in every.gpus)
        return np.array([factor.high if high else factor.low for factor in found])

    return Caution(ends("ttft", high=True), ends("tpot", high=True), ends("throughput", high=False))
