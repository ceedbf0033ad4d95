"""What documents say of tuning and training."""

from __future__ import annotations

from datetime import date

import pytest

from gpuplanner import texts
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.commands.answer_table import answer_lines
from gpuplanner.engine.estimate import estimate
from gpuplanner.report.as_json import estimate_json
from gpuplanner.report.compose import compose
from gpuplanner.report.content import Metadata
from gpuplanner.report.markdown import quote_markdown
from gpuplanner.report.pdf.quote import lay_out
from gpuplanner.report.wording import words
from gpuplanner.scenario.document import Scenario, WorkloadKind
from gpuplanner.scenario.examples import examples
from gpuplanner.scenario.files import load_scenario

META = Metadata("Q-1", date(2026, 11, 21), "1.0")
ALL = [load_scenario(example.path).scenario for example in examples()]
TRAINING = [scenario for scenario in ALL if scenario.workload.kind.trains]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return load_catalog(user_dir=tmp_path_factory.mktemp("nobody"))


@pytest.mark.parametrize("lang", texts.LANGUAGES)
@pytest.mark.parametrize("scenario", TRAINING, ids=lambda scenario: scenario.model.id)
def test_a_quote_has_no_figure_of_serving(scenario: Scenario, lang: str, catalog: Catalog) -> None:
    worded = words(compose(scenario, estimate(scenario, catalog), catalog, META), lang)
    written = quote_markdown(worded)
    for absent in ("KV", "TTFT", "TPOT", "首 token", "First token", "vLLM"):
        assert absent not in written
    course = [cell.text for row in worded.performance.rows for cell in row]
    assert texts.text_in(lang, "training.moment.backward") in course
    timed = estimate(scenario, catalog).plan().figures.get("training_time")
    untold = texts.text_in(lang, "report.assume.training.no_time") in worded.assumptions
    assert untold == (timed is None or timed.value is None)
    assert len(worded.tiles) == 6
    assert 3 <= len(lay_out(worded).pages) <= 6


@pytest.mark.parametrize("lang", texts.LANGUAGES)
@pytest.mark.parametrize("scenario", TRAINING, ids=lambda scenario: scenario.model.id)
def test_the_table_says_parts_and_moments(scenario: Scenario, lang: str, catalog: Catalog) -> None:
    texts.set_language(lang)
    said = answer_lines(scenario, estimate(scenario, catalog), catalog)
    for key in ("report.part.optimizer", "report.figure.checkpoint", "cli.estimate.planned_limit", "training.moment.loss"):
        assert texts.text(key) in said
    assert "KV" not in said
    assert "vLLM" not in said


def test_the_object_has_the_layout_and_the_course(catalog: Catalog) -> None:
    scenario = next(scenario for scenario in TRAINING if scenario.workload.kind is WorkloadKind.TRAIN)
    answer = estimate_json(scenario, estimate(scenario, catalog), catalog)
    plan = next(plan for plan in answer["plans"] if plan["gpu"] == answer["gpu"])
    step, memory = plan["training"], plan["memory"]
    assert step["micro_batch"] * step["micro_batches"] * step["data_parallel"] >= scenario.training.global_batch
    peaks = {moment["name"]: sum(moment["parts_bytes"].values()) for moment in memory["moments"]}
    assert list(peaks) == ["forward", "loss", "backward", "optimizer"]
    assert max(peaks.values()) == pytest.approx(memory["need_bytes"])
    assert max(peaks, key=peaks.__getitem__) == step["peak"]
    assert plan["figures"]["trained_params"]["value"] == pytest.approx(answer["model"]["total_parameters"], rel=0.02)


def test_serving_has_no_training(catalog: Catalog) -> None:
    answer = estimate_json(Scenario(), estimate(Scenario(), catalog), catalog)
    assert all(plan["training"] is None for plan in answer["plans"])
