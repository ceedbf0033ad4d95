from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.evidence.evaluate import Evaluator
from gpuplanner.evidence.hosts import host_profile, hosts, sums_in_half
from gpuplanner.evidence.lengths import datasets, lengths_of
from gpuplanner.evidence.names import parse_gpu, parse_model
from gpuplanner.evidence.predict import predict
from gpuplanner.evidence.resolve import GpuResolver, ModelResolver
from gpuplanner.evidence.rows import Row


def row(**more) -> Row:
    values = {"task": "llm_decode", "model": "Llama-3-8B", "gpu": "RTX 4090", "metric": "tokens_per_s_total_output"} | more
    values = {
        "weight_precision": "Q4_K_M",
        "gpus": 1,
        "tp": 1,
        "framework": "llama.cpp",
        "isl": 1.0,
        "osl": 512.0,
        "batch": "1",
    } | values
    return Row(id="r", file="f", line=1, table="speed", value=1.0, **values)


def test_a_programs_own_name_comes_before_the_general_one(catalog):
    gemv, gemm = host_profile("AutoAWQ GEMV", catalog), host_profile("AutoAWQ GEMM", catalog)
    assert gemv is not None
    assert gemm is not None
    assert gemv[1].runtime != gemm[1].runtime
    assert host_profile("SimpleTuner", catalog) is None
    for host in hosts():
        assert host.engine in catalog.engines
        assert host.prompt_tokens >= 1


def test_kernels_that_sum_in_half_run_a_geforce_at_its_faster_rate(catalog):
    card = catalog.gpus["nvidia-rtx-4090"].dense_tflops
    assert card.fp16_fp16acc == pytest.approx(2 * card.fp16, rel=0.01)
    assert sums_in_half("llama-cpp")
    assert not sums_in_half("vllm")


def test_single_tokens_are_bound_by_the_bandwidth(catalog):
    (found,) = predict([row()], catalog)
    weights = 4.92e9  # file size of Llama-3-8B Q4_K_M as published
    assert found.value is not None
    assert 0.4 < found.value / (1008e9 / weights) < 1.0


def test_twice_as_many_cards_in_a_row_read_no_faster_at_batch_one(catalog):
    one, four = (item.value for item in predict([row(), row(gpus=4, pp=4)], catalog))
    assert four <= one


@pytest.mark.parametrize(
    ("note", "isl"), [("x; dataset=OpenOrca", 294), ("dataset=OpenOrca+GSM8K+MBXP; y", 500), ("dataset=Nothing", None)]
)
def test_a_data_set_gives_lengths(note, isl):
    found = lengths_of(row(isl=None, osl=None, note=note))
    assert (found.input_tokens if found else None) == isl


def test_own_lengths_come_first():
    found = lengths_of(row(isl=10.0, osl=None, note="dataset=ShareGPT"))
    assert found is not None
    assert (found.input_tokens, found.output_tokens) == (10.0, datasets()["sharegpt"].output_tokens)


@given(st.text(max_size=80))
def test_any_text_can_be_taken_apart(text):
    assert parse_model(text) == parse_model(text)
    assert parse_gpu(text).memory_gb is None or parse_gpu(text).memory_gb >= 0


def test_any_text_resolves_or_does_not(catalog):
    models, gpus = ModelResolver(catalog.models), GpuResolver(catalog.gpus)

    @given(st.text(alphabet="llamaqwen-0123456789.bx /()_H", max_size=24))
    def check(text):
        assert models(text) is None or models(text) in catalog.models
        assert gpus(text) is None or gpus(text) in catalog.gpus

    check()


def test_the_same_rows_give_the_same_answers_in_any_company(catalog, predictions):
    from gpuplanner.evidence.configuration import Configuration, Configurer

    some = [item.row for item in predictions if item.value is not None][::97]
    ready = [Configurer(catalog)(one) for one in some]
    alone = [Evaluator(catalog, [one])()[0] for one in ready if isinstance(one, Configuration)]
    together = Evaluator(catalog, [one for one in ready if isinstance(one, Configuration)])()
    assert alone == pytest.approx(together, rel=1e-9)
