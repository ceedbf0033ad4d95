"""Whether training fits, from rows told in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.evidence.reasons import NotDone, Reason
from gpuplanner.evidence.rows import Row
from gpuplanner.evidence.training_fits import TrainingFits

ROW = Row(
    id="t", file="t.csv", line=2, table="memory", task="fits", model="meta-llama/Llama-2-7b-hf", gpu="A100-80GB", metric="",
    value=1,
    weight_precision="bf16", gpus=1, framework="llamafactory", isl=512.0, batch="1", method="lora", extra={"task": "finetune"},
)  # fmt: skip


@pytest.fixture(scope="module")
def fits():
    return TrainingFits(load_catalog())


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({}, 1.0),
        ({"gpu": "RTX 3060"}, 0.0),
        ({"method": "full", "gpu": "A100-40GB"}, 0.0),
        ({"method": "full", "gpu": "A100-40GB", "gpus": 8, "framework": "torchtune"}, 1.0),
        ({"method": "full", "gpu": "A100-40GB", "gpus": 8}, 0.0),
        ({"method": "full", "gpu": "A100-40GB", "gpus": 8, "extra": {"task": "finetune", "DDP": ""}}, 0.0),
        ({"gpu": "24GB consumer GPU"}, 1.0),
        ({"model": "meta-llama/Llama-2-70b-hf", "gpu": "H100"}, 0.0),
        ({"model": "meta-llama/Llama-2-70b-hf", "gpus": 8}, 1.0),
        ({"model": "meta-llama/Llama-2-70b-hf", "gpus": 8, "extra": {"task": "finetune", "no ZeRO-3": ""}}, 0.0),
    ],
)
def test_answers(fits, changes, answer):
    assert fits(replace(ROW, **changes)).value == answer


def test_a_policy_with_its_reference_needs_more(fits):
    row = replace(ROW, model="meta-llama/Llama-2-13b-hf", gpu="40GB card", method="lora")
    assert fits(row).value == 1.0
    assert fits(replace(row, model="meta-llama/Llama-2-13b-hf (GRPO)")).value == 0.0


def test_what_is_not_known(fits):
    assert fits(replace(ROW, extra={"task": "serve"})) is None
    assert fits(replace(ROW, gpu="")) == NotDone(Reason.GPU, "")
    assert fits(replace(ROW, model="nobody-knows-it")) == NotDone(Reason.MODEL, "nobody-knows-it")


DENOISER = replace(ROW, framework="SimpleTuner", gpu="L40S", isl=None, batch="")


@pytest.mark.parametrize(
    ("model", "words", "answer"),
    [
        # published peaks of SimpleTuner: 33.5 GiB recomputed, 9.8 and 44.6 GiB, of 44.4 that the card has
        ("HiDream", "hidream.peft-lora, 512x512; checkpointing layer", 1.0),
        ("Kandinsky 5 Video 2B", "768x512, 81 frames; checkpointing layer", 1.0),
        ("Kandinsky 5 Video 2B", "768x512, 81 frames; checkpointing interval2", 0.0),
    ],
)
def test_denoisers(fits, model, words, answer):
    row = replace(DENOISER, model=model, extra={"task": "finetune", **{word.strip(): "" for word in words.split(";")}})
    assert fits(row).value == answer


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        # SimpleTuner's page on Krea 2, 80 GB: graphs hold what was recorded, so that nothing is computed again
        ({"model": "Krea 2 (12B)", "gpu": "H100", "batch": "4", "extra": "1024 px; gradient checkpointing"}, 1.0),
        (
            {"model": "Krea 2 (12B)", "gpu": "H100", "batch": "4", "extra": "1024 px; gradient checkpointing; reduce-overhead"},
            0.0,
        ),
        # matrices made of factors stand anew for every layer that keeps its activations
        ({"model": "Kandinsky 5 Image 6B", "gpu": "H100", "extra": "lokr, 1024x1024, batch 3; checkpointing interval2"}, 0.0),
        ({"model": "Kandinsky 5 Image 6B", "gpu": "L40S", "extra": "lokr, 1024x1024, batch 3; checkpointing layer"}, 1.0),
    ],
)
def test_what_programs_keep(fits, changes, answer):
    words = changes["extra"].split("; ")
    assert fits(replace(DENOISER, **changes | {"extra": {"task": "finetune", **dict.fromkeys(words, "")}})).value == answer


def test_scores_are_written_out_before_the_library_fused_them(fits):
    run = replace(ROW, framework="open-instruct deepspeed", method="full", gpu="A100-80GB", gpus=4, batch="2", isl=2048.0)
    assert fits(replace(run, date="2023-07-21")).value == 0.0
    assert fits(replace(run, date="2024-07-21")).value == 1.0


def test_a_configuration_that_comes_with_torchtitan(fits):
    run = replace(ROW, model="DeepSeek-V3-16B", framework="torchtitan", gpu="H100", gpus=8, method="full", isl=None, batch="")
    named = replace(run, extra={"task": "pretrain", "default deepseek_v3_16b.toml": ""})
    assert fits(replace(run, extra={"task": "pretrain"})).value == 1.0
    assert fits(named).value == 0.0  # eight sequences a GPU
