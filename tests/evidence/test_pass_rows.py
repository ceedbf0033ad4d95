"""Speed rows of images, encoders, vision and speech, after their own words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.evidence.fit_passes import Problem, with_values
from gpuplanner.evidence.pass_rows import TASKS, PassCase, PassRuns, pass_answer
from gpuplanner.evidence.pass_setups import runtime_of, said
from gpuplanner.evidence.predict import own_measurements, predict
from gpuplanner.evidence.reasons import NotDone, Reason
from gpuplanner.evidence.rows import Row, read_measurements


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(user_dir=Path("/nonexistent"))


ROW = Row(
    id="x", file="x.csv", line=2, table="speed", task="image_gen", model="SDXL", gpu="A100-SXM-80GB", metric="s_per_image",
    value=5.7, weight_precision="fp16", gpus=1, framework="Diffusers torch2.1", batch="1", note="1024x1024; 50 steps",
)  # fmt: skip


def case_of(row: Row, catalog: Catalog) -> PassCase:
    found = PassRuns(catalog)(row)
    assert isinstance(found, PassCase)
    return found


def test_a_note_gives_size_and_steps() -> None:
    words = said(replace(ROW, note="768x512, 30 steps; source gives 9 s per batch"), "sdxl-base-1.0")
    assert (words.width, words.height, words.steps, words.batch) == (768, 512, 30.0, 1)


def test_a_benchmark_says_what_a_row_does_not() -> None:
    row = replace(ROW, source_table="MLPerf-Inf-v4.1", note="scenario=Server; availability=available", batch="")
    words = said(row, "sdxl-base-1.0")
    assert (words.steps, words.guided, words.scenario, words.limit_s) == (20, True, "server", 20.0)


@pytest.mark.parametrize(
    ("framework", "note", "runtime"),
    [
        ("TensorRT", "", "tensorrt"),
        ("Diffusers compiled channels-last", "", "compiled"),
        ("PyTorch (DLE)", "", "eager"),
        ("TensorFlow1 (DLE)", "SQuAD, XLA", "xla"),
        ("TensorFlow1 (DLE)", "", "graph"),
        ("abacus", "", None),
    ],
)
def test_frameworks_by_what_runs(framework: str, note: str, runtime: str | None) -> None:
    assert runtime_of(replace(ROW, framework=framework, note=note)) == runtime


def test_unknown_words_are_named(catalog: Catalog) -> None:
    runs = PassRuns(catalog)
    for changed, reason in (
        ({"model": "nobody's model"}, Reason.MODEL),
        ({"gpu": "abacus 3000"}, Reason.GPU),
        ({"framework": "abacus"}, Reason.ENGINE),
        ({"metric": "mfu"}, Reason.METRIC),
        ({"weight_precision": "roman numerals"}, Reason.PRECISION),
    ):
        found = runs(replace(ROW, **changed))
        assert isinstance(found, NotDone)
        assert found.reason is reason
    assert runs(replace(ROW, task="llm_decode")) is None


def test_rates_and_times_are_two_sides(catalog: Catalog) -> None:
    time = pass_answer(case_of(ROW, catalog), catalog.calibration)
    rate = pass_answer(case_of(replace(ROW, metric="images_per_s", gpus=4), catalog), catalog.calibration)
    assert rate == pytest.approx(4 / time)


def test_a_server_carries_less_than_offline(catalog: Catalog) -> None:
    words = {"source_table": "MLPerf-Inf-v4.1", "metric": "samples_per_s", "task": "encoder", "model": "BERT-large", "batch": ""}
    offline, server = (
        pass_answer(case_of(replace(ROW, **words, framework="TensorRT", note=f"scenario={name}"), catalog), catalog.calibration)
        for name in ("Offline", "Server")
    )
    assert 0.7 * offline < server < offline


def test_published_rows_are_met(catalog: Catalog) -> None:
    rows = [row for row in read_measurements(own_measurements()).rows if row.task in TASKS - {"asr"}]
    found = [prediction for prediction in predict(rows, catalog) if prediction.value is not None]
    errors = [abs(prediction.error or 0.0) for prediction in found]
    assert len(found) >= 0.9 * len(rows)
    assert float(np.mean(errors)) < 0.10
    assert sum(bool(prediction.inside) for prediction in found) > 0.6 * len(found)


def test_the_fit_finds_a_constant_again(catalog: Catalog) -> None:
    cases = [case_of(replace(ROW, id=str(batch), batch=str(batch)), catalog) for batch in (1, 2, 4)]
    told = [pass_answer(case, catalog.calibration) for case in cases]
    cases = [replace(case, row=replace(case.row, value=value)) for case, value in zip(cases, told, strict=True)]
    problem = Problem(catalog, cases)
    assert np.abs(problem.logs(problem.start)).max() < 1e-9
    place = problem.names.index("passes.bandwidth")
    changed = with_values(catalog.calibration, problem.names, problem.start + 0.1 * np.eye(len(problem.names))[place])
    assert changed.constant("passes.bandwidth") == pytest.approx(catalog.calibration.constant("passes.bandwidth") * np.exp(0.1))


@pytest.mark.parametrize(("gpu", "published"), [("A100-SXM-80GB", 14256.1), ("A30", 6677.5), ("T4", 1343.7)])
def test_speech_of_recurrent_networks_as_published(gpu: str, published: float, catalog: Catalog) -> None:
    """MLPerf Inference 1.1, one card, offline: nothing was fitted on these rows."""
    row = replace(
        ROW, task="asr", model="RNN-T", gpu=gpu, gpus=1, weight_precision="fp16", framework="TensorRT", metric="samples_per_s",
        value=published, batch="", note="scenario=Offline", source="mlcommons/inference_results_v1.1:x",
        source_table="MLPerf-Inf-v1.1",
    )  # fmt: skip
    assert pass_answer(case_of(row, catalog), catalog.calibration) == pytest.approx(published, rel=0.2)
