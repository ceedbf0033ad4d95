"""Weights by the bytes of the model's own files: the parts add up to them, in the estimate and in its explanation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.stored import StoredPart, StoredWeights
from gpuplanner.codes import code_text
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.engine.architecture.shares import share
from gpuplanner.engine.architecture.stored import formula_bytes, mean_bytes, weight_bytes
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.explain import explain
from gpuplanner.engine.request import kept_parts
from gpuplanner.engine.result import MemoryPart
from gpuplanner.scenario.document import Scenario, replace

GB = 10**9


@pytest.fixture(scope="module")
def catalog():
    return load_catalog()


def stored_in(precision, **parts):
    return StoredWeights(
        total_bytes=sum(parts.values()), parts={name: StoredPart(bytes=size) for name, size in parts.items()}, precision=precision
    )


def served(operators, size, kept):
    """Bytes on one card that holds everything."""
    held = share(operators, size.quantised, kept, 1, size.kept)
    return (held.layer_quantised + held.edge_quantised) * size.quantised + (held.layer_kept + held.edge_kept) * size.kept


parts = st.sampled_from(["embedding", "attention", "mlp", "norm", "head", "tower", "other"])


@given(
    model=st.sampled_from(["llama-3.1-8b", "qwen3-235b-a22b", "deepseek-v3", "llama-3.2-1b"]),
    precision=st.sampled_from(["bf16", "fp8-block128", "int4-awq-g128", "gguf-q4-k-m"]),
    sizes=st.dictionaries(parts, st.integers(1, 10**12), min_size=1),
)
def test_the_sum_over_all_parts_is_what_the_files_hold(catalog, model, precision, sizes):
    known, form = catalog.models[model], catalog.precisions[precision]
    operators, kept = operator_list(known.shape), kept_parts(known, form)
    tied = sum(op.total_params for op in operators.operators if op.part == "head") == 0
    total = sum(size for name, size in sizes.items() if not (tied and name == "head"))
    size = weight_bytes(operators, form, kept, stored_in(precision, **sizes))
    groups = {bool(name == "norm" or name in kept) for name in sizes}
    if size.as_stored and groups == {True, False}:
        assert served(operators, size, kept) == pytest.approx(total, rel=1e-9)


def test_only_the_total_is_known(catalog):
    model, form = catalog.models["llama-3.1-8b"], catalog.precisions["int4-gptq-g128"]
    operators, kept = operator_list(model.shape), kept_parts(model, form)
    size = weight_bytes(operators, form, kept, StoredWeights(total_bytes=6 * GB, precision=form.id))
    assert served(operators, size, kept) == pytest.approx(6 * GB)
    assert size.quantised / size.kept == pytest.approx(form.bytes_per_weight_effective / 2)


def test_another_precision_goes_by_the_formula(catalog):
    model = catalog.models["llama-3.1-8b"]
    operators, stored = operator_list(model.shape), stored_in("bf16", mlp=12 * GB, norm=10**6)
    for precision in ("fp8-e4m3", "fp16"):
        size = weight_bytes(operators, catalog.precisions[precision], frozenset(), stored)
        assert (size.as_stored, size.kept) == (False, 2.0)
    assert weight_bytes(operators, catalog.precisions["bf16"], frozenset(), None).quantised == 2.0


def test_layers_for_further_tokens_are_not_served(catalog):
    model, form = catalog.models["deepseek-v3"], catalog.precisions["fp8-block128"]
    operators, kept = operator_list(model.shape), kept_parts(model, form)
    sizes = {"experts": 650 * GB, "attention": 12 * GB, "embedding": 2 * GB, "head": 2 * GB, "norm": 10**7}
    plain = weight_bytes(operators, form, kept, stored_in(form.id, **sizes))
    further = weight_bytes(operators, form, kept, stored_in(form.id, **sizes, next_token=14 * GB))
    assert plain == further


def scenario_with(stored, catalog):
    model = catalog.models["llama-3.1-8b"].model_copy(update={"stored": stored})
    scenario = replace(Scenario(), "model.custom", model)
    return replace(scenario, "precision.weights", "gguf-q4-k-m")


def test_the_estimate_uses_the_files_and_says_both(catalog):
    stored = stored_in(
        "gguf-q4-k-m", embedding=300_000_000, attention=800_000_000, mlp=3_500_000_000, head=431_000_000, norm=1_064_960
    )
    scenario = scenario_with(stored, catalog)
    scenario = replace(replace(scenario, "deployment.gpu", "nvidia-h100-sxm5-80gb"), "deployment.tensor_parallel", 1)
    answer = estimate(scenario, catalog)
    plan = next(plan for plan in answer.plans if plan.memory and plan.tensor_parallel == 1 and plan.pipeline_parallel == 1)
    weights = dict(plan.memory.parts)[MemoryPart.WEIGHTS]
    assert weights == pytest.approx(stored.total_bytes)
    opened = explain(scenario, catalog, plan, "weights")
    assert opened.result.value == pytest.approx(stored.total_bytes)
    notes = {note.code: note for note in opened.notes}
    said = notes["note.stored"].params
    precision = catalog.precisions["gguf-q4-k-m"]
    assert said["file_bytes"] == stored.total_bytes
    assert said["formula_bytes"] == formula_bytes(operator_list(scenario.model.custom.shape), precision, frozenset())
    for lang in ("en", "zh"):
        assert "5.03" in code_text(notes["note.stored"], lang)


def test_in_another_format_the_note_says_so(catalog):
    scenario = scenario_with(stored_in("bf16", mlp=16 * GB, norm=10**6), catalog)
    plan = estimate(scenario, catalog).plans[0]
    codes = [note.code for note in explain(scenario, catalog, plan, "weights").notes]
    assert "note.stored_otherwise" in codes


@pytest.mark.parametrize(
    ("model", "precision", "file_gb"),
    [  # sizes of files that are published
        ("llama-3.1-70b", "gguf-q4-k-m", 42.52), ("llama-3.2-1b", "gguf-q4-k-m", 0.808), ("llama-3.2-3b", "gguf-q4-k-m", 2.02),
        ("llama-3.1-8b", "gguf-q4-k-m", 4.92), ("mistral-large-123b", "gguf-q2-k", 45.2), ("qwen2.5-32b", "gguf-q4-k-m", 19.85),
        ("gemma-2-27b", "gguf-q4-k-m", 16.65), ("llama-3.1-70b", "gguf-q2-k", 26.38), ("llama-3.1-70b", "gguf-iq2-xs", 21.14),
    ],
)  # fmt: skip
def test_gguf_files_hold_the_head_in_more_bits(model, precision, file_gb):
    catalog = load_catalog()
    operators = operator_list(catalog.models[model].shape)
    size = operators.total_params * mean_bytes(operators, catalog.precisions[precision])
    assert size / 1e9 == pytest.approx(file_gb, rel=0.02)


def test_mixed_checkpoints_keep_attention_in_eight_bits(catalog):
    model = catalog.models["qwen3.8-27b"]
    operators = operator_list(model.shape)
    sizes = {}
    for name in ("nvfp4", "nvfp4-fp8"):
        form = catalog.precisions[name]
        kept = kept_parts(model, form)
        sizes[name] = served(operators, weight_bytes(operators, form, kept, None), kept) / 2**30
    # vLLM recipes, Qwen3.8-27B: 12.02 GiB a GPU at TP 2 with linear attention in 16 bit, 10.64 with FP8 beside the four bits
    assert sizes["nvfp4"] == pytest.approx(2 * 12.02, rel=0.02)
    assert sizes["nvfp4-fp8"] == pytest.approx(2 * 10.64, rel=0.02)


def test_the_checkpoints_own_list_goes_before_the_habit_of_its_format(catalog):
    form = catalog.precisions["nvfp4"]
    own = {"stored_as": "nvfp4", "stored_kept": ("embedding", "attention", "norm")}
    model = catalog.models["qwen3-32b"].model_copy(update=own)
    assert kept_parts(model, form) == {"embedding", "attention", "norm"}
    assert "head" in kept_parts(model, catalog.precisions["int4-awq-g128"])


@pytest.mark.parametrize(
    ("model", "weights", "update", "source"),
    [
        ("qwen3.8-27b", "nvfp4-fp8", {}, "source.kept_mixed"),
        ("qwen3-32b", "nvfp4", {}, "source.kept"),
        ("qwen3-32b", "nvfp4", {"stored_as": "nvfp4", "stored_kept": ("embedding", "norm")}, "source.kept_listed"),
    ],
)
def test_why_says_where_it_stands_what_is_kept(catalog, model, weights, update, source):
    own = catalog.models[model].model_copy(update=update)
    scenario = replace(replace(Scenario(), "model.custom", own), "precision.weights", weights)
    plan = estimate(scenario, catalog).plan("nvidia-b200-sxm-180gb")
    opened = explain(scenario, catalog, plan, "weights")
    assert [term.source.code for term in opened.terms if term.symbol == "b_k"] == [source]
