from __future__ import annotations

import pytest

from gpuplanner.engine.estimate import estimate
from gpuplanner.evidence.nearest import nearest
from gpuplanner.scenario.document import Scenario, replace


@pytest.fixture(scope="module")
def asked():
    return Scenario()  # Llama-3.3-70B in FP8 on vLLM


@pytest.fixture(scope="module")
def plan(asked, catalog):
    found = estimate(asked, catalog).plan("nvidia-h100-sxm5-80gb")
    assert found is not None
    return found


def test_the_nearest_memory_log_is_of_the_very_model_and_card(asked, plan, catalog):
    found = nearest(asked, plan, "memory_per_gpu", catalog)
    assert 1 <= len(found) <= 5
    first = found[0]
    assert "Llama-3.3-70B" in first.model
    assert "H100" in first.gpu
    assert first.error == pytest.approx(first.predicted / first.measured - 1)
    assert abs(first.error) < 0.05


@pytest.mark.parametrize("key", ["throughput", "tpot", "ttft", "cost_per_million"])
def test_figures_of_speed_have_neighbours_in_order(asked, plan, catalog, key):
    found = nearest(asked, plan, key, catalog, count=4)
    assert 1 <= len(found) <= 4
    assert [item.distance for item in found] == sorted(item.distance for item in found)
    assert all(item.source and item.measured > 0 for item in found)


def test_another_card_has_other_neighbours(asked, catalog):
    other = estimate(asked, catalog).plan("amd-mi300x")
    assert other is not None
    found = nearest(asked, other, "throughput", catalog)
    assert "MI3" in found[0].gpu


def test_no_neighbours_for_money_or_an_imported_model_of_unknown_size(asked, plan, catalog):
    assert nearest(asked, plan, "purchase", catalog) == ()
    assert nearest(replace(asked, "model.id", "not-there"), plan, "throughput", catalog) == ()
