"""Training rows: what frameworks do, and the score against rows traced from model classes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gpuplanner import assets
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.training.memory import training_memory
from gpuplanner.evidence.predict import Prediction, own_measurements, predict
from gpuplanner.evidence.rows import Row, read_measurements
from gpuplanner.evidence.training_names import spellings
from gpuplanner.evidence.training_rows import Counted, TrainingRuns, counted
from gpuplanner.evidence.training_samples import tokens_of
from gpuplanner.evidence.training_setup import setup_of
from gpuplanner.evidence.training_setups import optimizer_of, targets_of
from gpuplanner.scenario.document import Optimizer, Recompute, TrainingPrecision, TuningMethod


@pytest.fixture(scope="module")
def traced(catalog: Catalog) -> list[Prediction]:
    path = assets.catalogs() / "measurements" / "training" / "train_memory.csv"
    return predict(read_measurements([path]).rows, catalog)


def test_traced_rows_are_met(traced: list[Prediction]) -> None:
    errors = np.abs([item.error for item in traced if item.error is not None])
    assert len(errors) >= 0.92 * len(traced)
    assert np.median(errors) < 0.001
    assert np.percentile(errors, 90) < 0.04


def row(**changed: object) -> Row:
    values: dict[str, object] = {
        "id": "x", "file": "", "line": 1, "table": "memory", "task": "train_peak", "model": "llama-2-7b", "gpu": "",
        "metric": "torch max_memory_reserved", "value": 2e10, "weight_precision": "bf16", "framework": "ms-swift", "isl": 2048.0,
        "batch": "1", "method": "lora", "date": "2025-01",
    }  # fmt: skip
    return Row(**(values | changed))  # type: ignore[arg-type]


def test_a_row_becomes_a_setup(catalog: Catalog) -> None:
    asked = row(training={"zero_stage": "3", "lora_rank": "16", "recompute": "full"}, gpus=4, extra={"targets": "q_proj,v_proj"})
    setup = setup_of(asked, catalog.models["llama-2-7b"])
    assert setup.method is TuningMethod.LORA
    assert setup.precision is TrainingPrecision.AMP
    assert (setup.data_parallel, setup.zero, setup.adapter_rank) == (4, 3, 16)
    assert setup.recompute is Recompute.FULL
    assert set(setup.adapter_targets) == {"q", "v", "qkv"}


def test_quantised_adapters_are_qlora(catalog: Catalog) -> None:
    setup = setup_of(row(weight_precision="nf4"), catalog.models["llama-2-7b"])
    assert setup.method is TuningMethod.QLORA
    assert setup.quantised_bytes == pytest.approx(0.5625)


@pytest.mark.parametrize(
    ("words", "optimizer"),
    [
        ("AdamW (8-bit bitsandbytes)", Optimizer.ADAMW_8BIT),
        ("GaLore AdamW", Optimizer.GALORE),
        ("none (forward+backward only)", None),
        ("sgd_momentum", Optimizer.SGD_MOMENTUM),
        ("AdamW fused", Optimizer.ADAMW),
        ("AdamW", Optimizer.ADAMW_FOREACH),
    ],
)
def test_optimizers_by_their_words(words: str, optimizer: Optimizer | None) -> None:
    assert optimizer_of(row(training={"optimizer": words})) is optimizer


def test_targets_where_nothing_is_said() -> None:
    assert targets_of(row()) == ("q", "v", "qkv")
    assert targets_of(row(extra={"targets": "all incl. head"})) == ("all", "head")


def test_patch_notation_is_understood() -> None:
    assert "clip-vit-large-patch14" in set(spellings("CLIP-L/14"))
    assert "vit-b-16" in set(spellings("ViT-B/16"))
    assert "pythia-410m" in set(spellings("pythia-410m-deduped"))


def test_lightning_quantises_the_head_and_unpacks_through_half(catalog: Catalog) -> None:
    # litgpt's table, A10G, 512 tokens: 5.15 and 16.21 GiB (published as 5.53 and 17.4 GB)
    own = {row.id: row for row in read_measurements(own_measurements()).rows}
    for row in (own["mt-5a1f97d7a5"], own["mt-76b4b67eef"]):
        found = TrainingRuns(catalog).run(row)
        assert isinstance(found, tuple)
        _, shape, setup = found
        assert setup.quantises_head
        assert setup.unpacks_through_half
        plain = training_memory(shape, replace(setup, quantises_head=False, unpacks_through_half=False)).total
        assert plain < training_memory(shape, setup).total < row.value


def test_what_torchao_calls_peak_memory_is_what_its_tensors_took() -> None:
    # its benchmarks log torch.cuda.max_memory_allocated()
    row = next(row for row in read_measurements(own_measurements()).rows if row.id == "mt-0512de2ad4")
    assert counted(row) is Counted.TENSORS
    assert counted(replace(row, framework="diffusers")) is Counted.CARD


def test_pictures_take_tokens_beside_the_text() -> None:
    row = next(row for row in read_measurements(own_measurements()).rows if row.id == "mt-c7f54880f0")
    assert row.extra["MAX_PIXELS"] == "1003520"
    assert tokens_of(row) == pytest.approx(1024 + 1003520 / 28**2)
