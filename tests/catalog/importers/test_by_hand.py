"""Models made up from a size or from dimensions: of that size, plausible, and marked."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpuplanner.catalog.importers.by_hand import Dimensions, model_of_dimensions, scaled_model, scaled_shape
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.shape import Experts
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.engine.estimate import estimate
from gpuplanner.scenario.document import Scenario, replace


@pytest.fixture(scope="module")
def catalog():
    return load_catalog()


LIKE = [
    "llama-3.2-1b",
    "llama-3.1-8b",
    "llama-3.1-70b",
    "qwen3-8b",
    "qwen3-235b-a22b",
    "deepseek-v3",
    "gemma-2-9b",
    "gpt-oss-120b",
]


@settings(max_examples=40)
@given(like=st.sampled_from(LIKE), factor=st.floats(0.3, 8))
def test_the_size_is_met(catalog, like, factor):
    shape = catalog.models[like].shape
    wanted = int(operator_list(shape).total_params * factor)
    made = scaled_shape(shape, wanted)
    assert operator_list(made).total_params == pytest.approx(wanted, rel=0.03)
    assert made.vocab == shape.vocab
    before, after = shape.layers[0].attention, made.layers[0].attention
    if hasattr(before, "kv_heads"):
        assert after.heads % after.kv_heads == 0
        assert (after.head_dim, after.window) == (before.head_dim, before.window)


@pytest.mark.parametrize(("size", "layers", "hidden"), [("7B", (26, 34), (3500, 4700)), ("70B", (70, 90), (7500, 9000))])
def test_common_sizes_look_as_usual(catalog, size, layers, hidden):
    model = scaled_model(size, catalog)
    assert layers[0] <= model.shape.layer_count <= layers[1]
    assert hidden[0] <= model.shape.hidden <= hidden[1]
    assert model.shape_is_assumed
    assert model.params_total == pytest.approx(float(size[:-1]) * 1e9, rel=0.01)
    assert "scaled from" in model.params_basis


def test_experts_stay_experts(catalog):
    model = scaled_model("100B", catalog, "qwen3-235b-a22b", "Small sibling")
    feed = model.shape.layers[0].feed_forward
    assert isinstance(feed, Experts)
    assert (feed.experts, feed.top_k, model.id) == (128, 8, "small-sibling")
    assert model.params_active < model.params_total / 5


def test_a_made_up_model_is_estimated(catalog):
    scenario = replace(Scenario(), "model.custom", scaled_model("34B", catalog))
    assert estimate(scenario, catalog).chosen is not None


def test_dimensions_of_a_mixture():
    # Mixtral 8x7B as published: 46.7 B, 12.9 B active
    sizes = Dimensions(32, 4096, 32, 8, intermediate_size=14336, vocab_size=32000, num_experts=8, num_experts_per_tok=2)
    model = model_of_dimensions(sizes)
    assert (model.params_total, model.params_active) == (46_702_792_704, 12_879_925_248)
    assert not model.shape_is_assumed
