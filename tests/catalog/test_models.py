"""The models that come with the program: complete, and their shapes hold what is published."""

from __future__ import annotations

import pytest

from gpuplanner import texts
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.model import ModelKind
from gpuplanner.catalog.schema.shape_towers import DiffusionShape
from gpuplanner.engine.architecture.operators import operator_list

MODELS = load_catalog().models
SHAPED = [model for model in MODELS.values() if model.shape is not None]


def test_all_are_there():
    assert len(MODELS) >= 500
    assert len(SHAPED) >= 420
    assert all(model.sources for model in MODELS.values())


@pytest.mark.parametrize("model", SHAPED, ids=lambda model: model.id)
def test_shape_holds_the_published_parameters(model):
    operators = operator_list(model.shape)
    lacks_a_part = model.shape_is_assumed and isinstance(model.shape, DiffusionShape)
    assert operators.total_params == pytest.approx(model.params_total, rel=0.07 if lacks_a_part else 1e-3)
    if model.params_active and model.kind is ModelKind.LLM:
        rounded = model.params_active % 10**8 == 0  # "12B active" as its authors say it
        assert operators.active_params == pytest.approx(model.params_active, rel=0.12 if rounded else 1e-3)
    assert model.no_shape_reason is None


def test_models_without_a_shape_say_why():
    for model in MODELS.values():
        if model.shape is None:
            assert model.no_shape_reason
            assert texts.has(model.no_shape_reason)


def test_assumed_shapes_are_of_one_family_or_lack_an_autoencoder():
    assumed = [model for model in SHAPED if model.shape_is_assumed]
    others = [model for model in assumed if not isinstance(model.shape, DiffusionShape)]
    named = (
        "step-3", "gemma-4-", "ministral-3-", "minimax-m3", "minicpm-v-2.6", "minicpm-v-4.5", "llada", "ling-", "ring-",
        "ernie-4.5-vl",
    )  # fmt: skip
    assert all(model.id.startswith(named) for model in others)
    assert all(model.shape.autoencoder is None for model in assumed if isinstance(model.shape, DiffusionShape))


def test_language_models_and_those_that_see_can_be_served():
    written = {ModelKind.LLM, ModelKind.VLM}
    for model in SHAPED:
        assert (model.language is not None) == (model.kind in written), model.id


def test_shared_components_stand_in_place_of_their_names():
    first, second = (MODELS[name].shape for name in ("flux.1-dev", "flux.1-schnell"))
    assert first.autoencoder == second.autoencoder
    assert operator_list(first.autoencoder).total_params == 83_819_683


def test_models_published_quantised():
    stored = {model.id: model.stored_as for model in MODELS.values() if model.stored_as}
    assert stored["gpt-oss-120b"] == "mxfp4"
    assert stored["deepseek-r1"] == stored["kimi-k2"] == "fp8-block128"
    assert set(stored.values()) <= set(load_catalog().precisions)


def test_kinds_have_names():
    assert all(texts.has(f"model.kind.{kind.value}") for kind in ModelKind)
