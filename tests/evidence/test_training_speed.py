"""Training rows read into runs, and computed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.evidence.convergence import samples_to_converge
from gpuplanner.evidence.fit_training_speed import Problem
from gpuplanner.evidence.predict import own_measurements, predict
from gpuplanner.evidence.reasons import NotDone, Reason
from gpuplanner.evidence.rows import Row, read_measurements
from gpuplanner.evidence.training_cases import Case, Cases
from gpuplanner.evidence.training_speed_priors import kinship
from gpuplanner.evidence.training_told import read

ROW = Row(
    id="x", file="f.csv", line=2, table="speed", task="train_pretrain", model="MPT-7B", gpu="H100-SXM-80GB", metric="mfu",
    value=0.4644, weight_precision="bf16", gpus=8, tp=1, pp=1, framework="llm-foundry/Composer FSDP", isl=2048.0,
    batch="micro 6, global 48", note="FULL_SHARD; activation ckpt=False, cpu offload=False; grad accum 1", date="2023-11",
)  # fmt: skip


def case(catalog: Catalog, row: Row) -> Case:
    found = Cases(catalog)(row)
    assert isinstance(found, Case)
    return found


@pytest.mark.parametrize(
    ("note", "facts"),
    [
        ("Pre-Training Performance; CP=2, VP=8, FSDP=0; model", {"context": "2", "virtual": "8", "sharded": "0"}),
        ("FSDP8 TP8 PP8 interleaved 1F1B; full AC", {"sharded": "8", "recompute": "full", "schedule": "interleaved"}),
        ("Q-LoRA; s/iter, 1 iter = 8 sequences per GPU", {"method": "qlora"}),
        ("LoRA + Deepspeed Zero3; s/iter", {"method": "lora", "zero": "3"}),
        ("FULL_SHARD; activation ckpt=True", {"recompute": "full"}),
    ],
)
def test_notes_are_read(note: str, facts: dict[str, str]) -> None:
    assert read(note) == facts


def test_a_run_of_mosaicml(catalog: Catalog) -> None:
    """The same run is published as 10,643 tokens a second and GPU and as an MFU of 0.4644: both ways of counting agree."""
    shares, tokens = case(catalog, ROW), case(catalog, replace(ROW, metric="tokens_per_s_per_gpu"))
    (layout,) = shares.layouts
    assert (layout.data, layout.micro_batch, layout.micro_batches, layout.zero, layout.recompute) == (8, 6, 1, 3, 0)
    assert shares.scale / tokens.scale == pytest.approx(0.4644 / 10643, rel=0.005)


def test_predictions_and_their_ranges(catalog: Catalog) -> None:
    rate, time = predict([ROW, replace(ROW, id="y", metric="step_time_s", value=1.0)], catalog)
    for found in (rate, time):
        assert found.reason is None
        assert found.low is not None
        assert found.high is not None
        assert found.low < (found.value or 0) < found.high
    assert rate.value == pytest.approx(0.4644, rel=0.15)
    assert (rate.figure, rate.runtime, rate.family) == ("training_speed", "fsdp", "hopper")


def test_unknown_layouts_are_tuned(catalog: Catalog) -> None:
    row = replace(
        ROW, model="Llama-3.1-8B", metric="samples_per_s", gpus=64, isl=8192.0, batch="global 64", note="", weight_precision="",
        framework="NVIDIA NeMo Framework Release 25.09", source="mlcommons/training_results_v5.1:x", tp=None, pp=None,
    )  # fmt: skip
    found = case(catalog, row)
    assert found.format == "fp8"
    assert len(found.layouts) > 3
    assert all(layout.batch == 64 for layout in found.layouts)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model": "Nobody-1B"}, Reason.MODEL),
        ({"gpu": "Nothing 9000"}, Reason.GPU),
        ({"metric": "loss"}, Reason.METRIC),
        ({"note": "max_length given as isl; not stated", "isl": None}, Reason.LENGTHS),
        ({"gpu": "A100-SXM-80GB", "weight_precision": "fp8"}, Reason.FORMAT),
    ],
)
def test_what_cannot_be_computed_says_why(changes: dict[str, str], reason: Reason, catalog: Catalog) -> None:
    found = Cases(catalog)(replace(ROW, **changes))
    assert isinstance(found, NotDone)
    assert found.reason is reason


def test_of_samples_with_only_a_limit_a_third_of_it_is_taken_and_the_range_widens(catalog: Catalog) -> None:
    told = case(catalog, replace(ROW, note="", isl=4096.0))
    guessed = case(catalog, replace(ROW, note="max_length given as isl; mean not stated", isl=4096.0))
    assert guessed.work.tokens == pytest.approx(told.work.tokens / 3)
    sure, wide = (catalog.calibration.range("training_speed", kind, "trainer")[0] for kind in (told.kind, guessed.kind))
    assert wide.high / wide.low > sure.high / sure.low


def test_copies_that_fit_no_gpu_are_layers_spread_over_several(catalog: Catalog) -> None:
    row = replace(
        ROW, model="Qwen-14B", gpu="A100-80GB", gpus=2, framework="ms-swift", note="full", batch="batch 1, grad accum 16",
        metric="samples_per_s", tp=None,
    )  # fmt: skip
    (layout,) = case(catalog, row).layouts
    assert (layout.pipeline, layout.data, layout.micro_batches) == (2, 1, 1)
    (small,) = case(catalog, replace(row, model="Qwen-1.8B")).layouts
    assert (small.pipeline, small.data, small.micro_batches) == (1, 2, 16)


def test_convergence_between_published_batches() -> None:
    at_64, between, at_96 = (samples_to_converge("llama-3.1-8b", batch) for batch in (64, 80, 96))
    assert at_64 is not None
    assert between is not None
    assert at_96 is not None
    assert at_64 < between < at_96
    assert at_64 == pytest.approx(226_000, rel=0.02)
    assert samples_to_converge("unknown", 64) is None


def test_constants_of_a_kind_hang_together() -> None:
    """What moves one family's constant moves those of the others, most those of its own family or format."""
    compute = [f"training.compute.{name}" for name in ("hopper", "hopper.fp8", "ampere")]
    shared = kinship([*compute, "training.few"])
    assert np.allclose(shared, shared.T)
    assert np.linalg.eigvalsh(shared).min() > 0
    hopper, eight, ampere, few = shared[0]
    assert hopper > eight > ampere > few == 0


def test_a_constant_at_its_bound_leaves_the_step_to_the_others(catalog: Catalog) -> None:
    """A step stays within the bounds, and the rest is solved without what met one."""
    found = [
        Cases(catalog)(row) for row in read_measurements(own_measurements()).rows if row.source_table.startswith("torchtitan")
    ]
    problem = Problem(catalog, [item for item in found if isinstance(item, Case)])
    every = np.ones(len(problem.speeds.measured), dtype=bool)
    logs = problem.fit(every, problem.start, 2)
    assert (logs >= problem.low - 1e-12).all()
    assert (logs <= problem.high + 1e-12).all()
    before, after = (np.abs(problem.residuals(at)).sum() for at in (problem.start, logs))
    assert after < before
