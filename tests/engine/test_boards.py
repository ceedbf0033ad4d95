"""GPUs that come by the board are bought by the board."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.explain import explain
from gpuplanner.engine.layout.boards import bought
from gpuplanner.engine.result import Status
from gpuplanner.engine.wiring import wiring
from gpuplanner.scenario.document import Scenario

# What the makers sell: HGX H100/H200 baseboards (8), NVL72 racks (72), single PCIe cards and GH200 modules.
SOLD = {
    "nvidia-h100-sxm5-80gb": 8,
    "nvidia-h200-sxm-141gb": 8,
    "nvidia-gb200-186gb": 72,
    "amd-mi300x": 8,
    "nvidia-l40s": 1,
    "nvidia-a100-pcie-80gb": 1,
    "nvidia-gh200-96gb": 1,
    "huawei-ascend-910b3": 8,
    "cambricon-mlu590": 1,
}


def test_what_is_sold_together(catalog: Catalog) -> None:
    wires = wiring([catalog.gpus[name] for name in SOLD], catalog)
    assert dict(zip(SOLD, wires.board.tolist(), strict=True)) == SOLD


@given(st.integers(1, 100_000), st.integers(1, 5_000), st.sampled_from([1, 4, 8, 72]))
def test_whole_boards_and_no_idle_board(gpus: int, servers: int, board: int) -> None:
    servers = min(servers, gpus)  # each server holds one GPU at least
    whole = bought(gpus, servers, board)
    assert whole >= gpus
    assert whole % board == 0
    assert whole - gpus < servers * board


def test_arrays_at_once() -> None:
    assert bought(np.array([6.0, 14.0, 16.0]), np.array([2.0, 2.0, 2.0]), 8).tolist() == [16, 16, 16]


def test_price_is_that_of_whole_boards(catalog: Catalog) -> None:
    scenario = Scenario.model_validate({"deployment": {"gpu": "nvidia-h200-sxm-141gb"}})
    plan = estimate(scenario, catalog).plan()
    assert plan is not None
    assert plan.status is not Status.IMPOSSIBLE
    assert plan.bought == 8 * plan.servers > plan.gpus
    card = explain(scenario, catalog, plan, "purchase").terms
    assert plan.figures["purchase"].value == pytest.approx(plan.bought * card[1].value * card[2].value)
    assert card[0].value == plan.bought
    opened = explain(scenario, catalog, plan, "bought")
    assert [term.value for term in opened.terms] == [plan.gpus, plan.servers, 8]
