"""The modules that a checkpoint's configuration leaves in 16 bit, as parts of the operator list."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.catalog.importers.kept_parts import kept_parts_of


def config(**quantisation):
    return {"quantization_config": quantisation}


def kept(layers=4, **quantisation):
    found = kept_parts_of(config(**quantisation), layers)
    return None if found is None else set(found) - {"embedding", "norm"}


def test_no_list_no_answer():
    assert kept_parts_of({}, 4) is None
    assert kept_parts_of(config(quant_method="fp8"), 4) is None


@pytest.mark.parametrize("name", ["ignore", "modules_to_not_convert", "exclude_modules", "ignored_layers"])
def test_every_spelling_of_the_list(name):
    assert kept(**{name: ["lm_head"]}) == {"head"}


def test_what_nvidia_and_red_hat_leave_out_of_qwen_3_5():
    nvidia = ["lm_head", "model.language_model.layers.*.linear_attn*", "model.language_model.layers.*.self_attn*",
              "model.language_model.layers.*.mlp.shared_expert*", "model.visual*"]  # fmt: skip
    assert kept(exclude_modules=nvidia) == {"head", "mixer", "attention", "shared_expert"}
    red_hat = ["re:.*lm_head", "re:visual.*", "re:.*mlp.gate$", "re:.*linear_attn.*"]
    assert kept(ignore=red_hat) == {"head", "router", "mixer"}


def test_named_layer_by_layer():
    every = [f"model.layers.{i}.self_attn.q_proj" for i in range(60)]
    assert kept(60, ignore=["lm_head", *every]) == {"head", "attention"}
    assert kept(60, ignore=["lm_head", *every[:3]]) == {"head"}  # the first layers alone are no part


def test_a_bare_word_is_every_module_so_called():
    assert kept(modules_to_not_convert=["self_attn"]) == {"attention"}


@given(st.lists(st.one_of(st.text(max_size=40), st.integers(), st.none()), max_size=30))
def test_anything_in_the_list_is_survived(items):
    found = kept_parts_of(config(ignore=items), 4)
    assert (found is None) == (not items)


def test_a_pattern_that_would_run_for_ever_is_left_alone():
    begun = time.process_time()
    assert kept(ignore=["re:(a+)+$" * 20, "re:(.*)*b", "lm_head"]) == {"head"}
    assert time.process_time() - begun < 1
