from __future__ import annotations

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.evidence.nearest import FIGURES, UNITS, is_prepared, nearest, prepare
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
    assert "h100" in first.gpu
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
    assert "mi3" in found[0].gpu


def test_no_neighbours_for_money_or_an_imported_model_of_unknown_size(asked, plan, catalog):
    assert nearest(asked, plan, "purchase", catalog) == ()
    assert nearest(replace(asked, "model.id", "not-there"), plan, "throughput", catalog) == ()


@pytest.mark.parametrize("key", sorted(FIGURES))
def test_rows_beside_a_figure_share_its_unit_and_none_looks_like_another(asked, plan, catalog, key):
    found = nearest(asked, plan, key, catalog, count=50)
    assert {item.figure for item in found} <= {FIGURES[key]}
    assert {item.unit for item in found} <= {UNITS[FIGURES[key]]}
    shown = [(item.model, item.gpu, item.gpus, item.engine) for item in found]
    assert len(shown) == len(set(shown))


def test_prepared_once_for_a_catalogue():
    fresh = load_catalog()
    assert is_prepared("purchase", fresh)  # nothing is measured beside it
    assert not is_prepared("weights", fresh)
    prepare("weights", fresh)
    assert is_prepared("weights", fresh)
    assert is_prepared("memory_per_gpu", fresh)  # the same rows
    assert not is_prepared("tpot", fresh)
