"""The models that come with the program: complete, and their shapes hold what is published."""

from __future__ import annotations

import pytest

from gpuplanner import texts
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.model import ModelKind
from gpuplanner.engine.architecture.operators import operator_list

MODELS = load_catalog().models
SHAPED = [model for model in MODELS.values() if model.shape is not None]


def test_all_are_there():
    assert len(MODELS) == 433
    assert len(SHAPED) == 157
    assert all(model.sources for model in MODELS.values())


@pytest.mark.parametrize("model", SHAPED, ids=lambda model: model.id)
def test_shape_holds_the_published_parameters(model):
    operators = operator_list(model.shape)
    assert model.kind is ModelKind.LLM
    assert operators.total_params == pytest.approx(model.params_total, rel=1e-3)
    if model.params_active:
        assert operators.active_params == pytest.approx(model.params_active, rel=1e-3)
    assert model.no_shape_reason is None


def test_models_without_a_shape_say_why():
    for model in MODELS.values():
        if model.shape is None:
            assert model.no_shape_reason
            assert texts.has(model.no_shape_reason)


def test_only_one_shape_is_assumed():
    assert [model.id for model in SHAPED if model.shape_is_assumed] == ["step-3.7-flash"]


def test_models_published_quantised():
    stored = {model.id: model.stored_as for model in MODELS.values() if model.stored_as}
    assert stored["gpt-oss-120b"] == "mxfp4"
    assert stored["deepseek-r1"] == stored["kimi-k2"] == "fp8-block128"
    assert set(stored.values()) <= set(load_catalog().precisions)


def test_kinds_have_names():
    assert all(texts.has(f"model.kind.{kind.value}") for kind in ModelKind)
