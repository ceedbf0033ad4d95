"""The engine against the measurements that come with the program."""

from __future__ import annotations

import numpy as np
import pytest

from gpuplanner.evidence.configuration import Configuration, Configurer
from gpuplanner.evidence.predict import predict
from gpuplanner.evidence.reasons import NotDone, Reason
from gpuplanner.evidence.rows import Row
from gpuplanner.evidence.statistics import rank_correlation
from gpuplanner.evidence.versions import admits, profile_index


def speed(**more) -> Row:
    values = {
        "task": "llm_offline_throughput", "model": "Llama-3.1-8B", "gpu": "H100-SXM-80GB", "metric": "tokens_per_s_total_output",
        "weight_precision": "fp8", "kv_precision": "fp8", "gpus": 1, "tp": 1, "framework": "TensorRT-LLM", "version": "1.0",
        "isl": 1000.0, "osl": 1000.0, "batch": "max",
    } | more  # fmt: skip
    return Row(id="r", file="f", line=1, table="speed", value=1.0, **values)


def memory(**more) -> Row:
    values = {
        "task": "kv_cache", "model": "Qwen2.5-7B-Instruct", "gpu": "H100-SXM-80GB", "metric": "log", "weight_precision": "bf16",
        "gpus": 1, "tp": 1, "framework": "vllm", "version": "0.19.0", "extra": {"gpu_memory_utilization": "0.95"},
    } | more  # fmt: skip
    return Row(id="m", file="f", line=1, table="memory", value=1.0, **values)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (speed(task="cnn"), Reason.TASK),
        (speed(metric="mfu"), Reason.METRIC),
        (speed(model="Nobody-9B"), Reason.MODEL),
        (speed(gpu="H900"), Reason.GPU),
        (speed(weight_precision="w3a3"), Reason.PRECISION),
        (speed(isl=None, osl=None), Reason.LENGTHS),
        (speed(task="llm_serving_at_concurrency", batch=""), Reason.LOAD),
        (memory(extra={}), Reason.UTILIZATION),
        (memory(extra={"gpu_memory_utilization": "0.9", "cpu_offload_gb": "2"}), Reason.EXTRAS),
        (memory(task="train_peak"), Reason.TASK),
        (memory(task="fits", extra={"task": "finetune"}), Reason.TASK),
    ],
)
def test_what_is_not_done_says_why(catalog, row, reason):
    found = Configurer(catalog)(row)
    assert isinstance(found, NotDone)
    assert found.reason is reason


def test_a_format_the_card_lacks_and_a_model_too_large(catalog):
    lacking, large = predict([speed(gpu="V100-SXM-16GB"), speed(model="Llama-3.1-405B", weight_precision="bf16")], catalog)
    assert lacking.reason is not None
    assert lacking.value is None
    assert large.reason is not None
    assert large.reason.reason is Reason.FIT


def test_a_data_set_stands_in_for_lengths_and_the_best_layout_for_an_unknown_one(catalog):
    row = speed(
        model="Llama-2-70B", gpus=8, tp=None, isl=None, osl=None, note="submitter=X; dataset=OpenOrca", framework="TensorRT"
    )
    found = Configurer(catalog)(row)
    assert isinstance(found, Configuration)
    assert (found.setup.input_tokens, found.setup.output_tokens) == (294, 294)
    assert found.layouts == ((1, 1, 1), (2, 1, 1), (4, 1, 1), (8, 1, 1))
    assert found.setup.profile.runtime == "trt-compiled"


@pytest.mark.parametrize(
    ("row", "layouts"),
    [
        (speed(gpus=8, tp=8, note="attention DP"), ((8, 1, 8),)),
        (speed(gpus=8, tp=8, ep=8), ((8, 1, 1), (8, 1, 8))),
        (speed(gpus=8, tp=1, ep=8, dp=8), ((8, 1, 8),)),
        (speed(gpus=4, tp=2, pp=2, ep=2, note="attention DP"), ((2, 2, 2),)),
    ],
)
def test_experts_are_shared_out_as_the_row_says(catalog, row, layouts):
    found = Configurer(catalog)(row)
    assert isinstance(found, Configuration)
    assert found.layouts == layouts


def test_beams_are_sequences_that_share_a_prompt(catalog):
    row = speed(model="GPT-J-6B", isl=None, osl=None, note="beam width 4; dataset=CNN/DailyMail", framework="TensorRT")
    found = Configurer(catalog)(row)
    assert isinstance(found, Configuration)
    assert found.setup.beams == 4
    beams, one = predict([row, speed(model="GPT-J-6B", isl=860.0, osl=69.0, framework="TensorRT")], catalog)
    assert beams.value is not None
    assert one.value is not None
    assert one.value / 4 < beams.value < one.value


def test_an_engine_nobody_knows_is_timed_like_the_most_common_one(catalog):
    known, unknown = predict([speed(framework="vLLM", version=""), speed(framework="LLMBoost", version="")], catalog)
    assert unknown.value == known.value


@pytest.mark.parametrize(
    ("versions", "number", "holds"),
    [
        (">=0.17,<0.21", (0, 17), True), (">=0.17,<0.21", (0, 21), False), ("<0.9", (0, 8), True), (">=0.21", (1, 0), True),
        ("==1.2", (1, 2), True), ("all", (0, 1), True),
    ],
)  # fmt: skip
def test_version_ranges(versions, number, holds):
    assert admits(versions, number) is holds


def test_each_release_gets_its_profile(catalog):
    profiles = catalog.engines["vllm"].profiles
    for version in ("0.4.2", "0.7.3", "0.11.0", "0.19.0", "0.33.0"):
        chosen = profiles[profile_index(profiles, version)]
        major, minor = version.split(".")[:2]
        assert admits(chosen.versions, (int(major), int(minor)))
    assert profile_index(profiles, "") == 0
    assert profile_index(profiles, "fork 0.1.dev15917") == 0


def test_more_requests_per_second_never_come_from_a_slower_link_or_less_memory(catalog):
    rows = [speed(gpu=gpu, gpus=4, tp=4, model="Llama-3.3-70B") for gpu in ("H100-PCIe-80GB", "H100-SXM-80GB", "H200-SXM")]
    slow, fast, large = (item.value for item in predict(rows, catalog))
    assert slow < fast < large


def test_twice_the_replicas_do_twice_the_work(catalog):
    one, two = (item.value for item in predict([speed(), speed(gpus=2)], catalog))
    assert two == pytest.approx(2 * one)
    per_gpu = predict([speed(gpus=2, metric="tokens_per_s_per_gpu")], catalog)[0].value
    assert per_gpu == pytest.approx(one)


def test_a_log_of_vllm_is_met(catalog):
    # vLLM 0.19 on an H100, Qwen2.5-7B BF16, utilization 0.95: 58.53 GiB of cache (llm-d-planner)
    extra = {
        "gpu_memory_utilization": "0.95",
        "total_gpu_memory_gib": "79.19",
        "max_num_batched_tokens": "8192",
        "max_num_seqs": "1024",
    }
    (found,) = predict([memory(extra=extra)], catalog)
    assert found.value == pytest.approx(58.53 * 2**30, rel=0.01)


def errors(predictions, task, **fields):
    chosen = [
        item.error
        for item in predictions
        if item.row.task == task and item.error is not None and all(getattr(item, key) == value for key, value in fields.items())
    ]
    return np.abs(np.array(chosen))


def test_how_well_memory_is_met(predictions):
    assert np.median(errors(predictions, "infer_weights")) < 0.01
    assert np.median(errors(predictions, "kv_cache")) < 0.03
    assert np.median(errors(predictions, "kv_tokens_capacity")) < 0.03
    assert np.median(errors(predictions, "activation")) < 0.03


def test_how_well_speed_is_met(predictions):
    offline = errors(predictions, "llm_offline_throughput")
    assert len(offline) > 700
    assert offline.mean() < 0.13
    assert np.median(offline) < 0.08
    tpot = errors(predictions, "llm_serving_at_concurrency", figure="tpot")
    assert np.median(tpot) < 0.2
    assert rank_correlation(predictions) > 0.9


def test_every_row_has_an_answer_or_a_reason(predictions):
    for item in predictions:
        assert (item.value is None) == (item.reason is not None)
        if item.value is not None:
            assert np.isfinite(item.value)
            assert item.value >= 0


def test_ranges_hold_most_of_the_measurements(predictions):
    inside = [item.inside for item in predictions if item.inside is not None]
    assert 0.75 <= np.mean(inside) <= 0.92
