"""The selection matrix: larger models and heavier uses never take fewer or smaller GPUs."""

from __future__ import annotations

from itertools import pairwise

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.planner.selection import CLASSES, MODELS, USES, selection

CELLS = {(cell.model_id, cell.use): cell for cell in selection(load_catalog())}


def test_every_model_and_use_has_a_cell() -> None:
    assert list(CELLS) == [(model, use) for model in MODELS for use in USES]


def test_larger_models_take_no_fewer_gpus() -> None:
    for use in USES:
        for name in CLASSES:
            plans = [CELLS[model, use].plans[name] for model in MODELS]
            counts = [plan.gpus for plan in plans if plan is not None]
            assert all(first <= second for first, second in pairwise(counts)), (use, name, counts)
            known = [plan is not None for plan in plans]
            assert known == sorted(known, reverse=True)  # what can't hold one size can't hold the next


def test_weights_decide_where_one_consumer_card_ends() -> None:
    """7B in half precision is 15 GB and fits a card of 24 GB; 14B is 30 GB and doesn't."""
    small, large = CELLS["qwen2.5-7b", "serve"].plans["consumer"], CELLS["qwen2.5-14b", "serve"].plans["consumer"]
    assert small is not None
    assert small.gpus_per_replica == 1
    assert large is not None
    assert large.gpus_per_replica >= 2


def test_training_all_weights_takes_more_than_serving() -> None:
    for model in MODELS[2:]:
        serve, train = (CELLS[model, use].plans["data_centre"] for use in ("serve", "train"))
        assert serve is not None
        assert train is None or train.gpus >= serve.gpus
