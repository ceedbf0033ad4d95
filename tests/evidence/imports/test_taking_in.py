"""From files to rows: what isn't said is filled in, what can't be is told, and the user's data hold what was measured."""

from __future__ import annotations

from pathlib import Path

import pytest
import samples

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.errors import InputError
from gpuplanner.evidence import nearest
from gpuplanner.evidence.imports.draft import COLUMNS, Draft, problems
from gpuplanner.evidence.imports.importing import Opened, open_benchmarks
from gpuplanner.evidence.imports.measure import calibrated, measured, rows_of, without_custom
from gpuplanner.evidence.imports.store import folder, keep, users_measurements, users_rows
from gpuplanner.scenario.calibration import MAX_ROWS, MeasuredFigure
from gpuplanner.scenario.document import Scenario, replace

CATALOG = load_catalog()
H100 = "nvidia-h100-sxm5-80gb"
SCENARIO = replace(replace(Scenario(), "model.id", "llama-3.1-8b"), "deployment.gpu", H100)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPUPLANNER_HOME", str(tmp_path / "home"))


def opened(folder_: Path, *names: str, scenario: Scenario = SCENARIO) -> Opened:
    """The drafts of samples."""
    for name in names:
        (folder_ / name).write_text(samples.FILES[name])
    plan = estimate(scenario, CATALOG).plan()
    return open_benchmarks([folder_ / name for name in names], scenario, plan, CATALOG)


def test_what_a_file_says_stands_and_the_rest_is_the_scenarios(tmp_path: Path) -> None:
    (draft,) = opened(tmp_path, "vllm.json").drafts
    assert (draft.model, draft.gpu, draft.engine, draft.weights) == ("llama-3.1-8b", H100, "vllm", SCENARIO.precision.weights)
    assert draft.assumed == {"gpu", "gpus", "tensor_parallel", "weights", "kv"}
    assert problems(draft, CATALOG) == {}


def test_another_model_comes_in_its_own_format(tmp_path: Path) -> None:
    (draft,) = opened(tmp_path, "profile_export_aiperf.json").drafts
    assert (draft.model, draft.gpu, draft.gpus, draft.tensor_parallel) == ("qwen3-32b", H100, 2, 2)
    assert draft.weights == "bf16"


def test_a_format_in_the_models_name_is_read(tmp_path: Path) -> None:
    assert all(draft.weights.startswith("fp8") for draft in opened(tmp_path, "sglang.jsonl").drafts)


def test_names_nobody_knows_are_asked_for(tmp_path: Path) -> None:
    draft = opened(tmp_path, "llama-bench.md").drafts[0]
    assert draft.model == ""
    assert problems(draft, CATALOG)["model"].params == {"name": "llama 8B"}
    whole = draft.changed("model", "llama-3.1-8b")
    assert problems(whole, CATALOG) == {}
    assert "model" not in whole.assumed


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("gpus", None, "missing"),
        ("gpus", 3, "degree"),
        ("concurrency", -1.0, "range"),
        ("input_tokens", 1e12, "range"),
        ("gpu", "abacus", "gpu"),
        ("engine", "", "engine"),
    ],
)
def test_what_cannot_be_is_told(tmp_path: Path, column: str, value: str | float | None, code: str) -> None:
    draft = opened(tmp_path, "vllm.json").drafts[0].changed("tensor_parallel", 2).changed("gpus", 2).changed(column, value)
    found = problems(draft, CATALOG)
    assert [problem.code for problem in found.values()] == [f"benchmark.draft.{code}"]
    assert all(problem.sentence(lang) for problem in found.values() for lang in ("en", "zh"))


def test_every_column_is_a_field(tmp_path: Path) -> None:
    draft = opened(tmp_path, "vllm.json").drafts[0]
    assert all(hasattr(draft, name) for name in COLUMNS)
    with pytest.raises(ValueError, match="color"):
        draft.changed("color", "red")


def test_one_bad_file_opens_none(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text(samples.FILES["vllm.json"][:200])
    (tmp_path / "vllm.json").write_text(samples.FILES["vllm.json"])
    with pytest.raises(InputError) as caught:
        open_benchmarks([tmp_path / "vllm.json", tmp_path / "broken.json"], SCENARIO, None, CATALOG)
    assert "broken.json" in caught.value.sentence()


def test_rows_carry_what_was_run(tmp_path: Path) -> None:
    rows = rows_of(opened(tmp_path, "vllm.json").drafts[0])
    assert [row.metric for row in rows] == ["tokens_per_s_total_output", "ttft_ms", "tpot_ms"]
    assert len({row.id for row in rows}) == 3
    assert all((row.isl, row.osl, row.batch, row.quality) == (1024, 256, "32", "own") for row in rows)


def test_the_same_file_gives_the_same_rows(tmp_path: Path) -> None:
    first, second = (rows_of(opened(tmp_path, "vllm.json").drafts[0]) for _ in range(2))
    assert first == second


def everything(folder_: Path) -> list[Draft]:
    """The runs of all samples, with what is missing entered."""
    drafts = opened(folder_, *samples.FILES).drafts
    return [draft if draft.model else draft.changed("model", "llama-3.1-8b") for draft in drafts]


def test_each_kind_of_file_is_laid_beside_an_estimate(tmp_path: Path) -> None:
    found = measured(everything(tmp_path), CATALOG)
    assert all(item.row is not None for item in found)
    assert {item.row.figure for item in found if item.row} == set(MeasuredFigure)
    assert {item.draft.run.tool for item in found if item.row and item.row.counts} >= {"trtllm-bench", "llama-bench", "csv"}


def test_reserved_memory_and_full_queues_do_not_count(tmp_path: Path) -> None:
    by = {(item.draft.file, item.source.metric): item for item in measured(everything(tmp_path), CATALOG)}
    smi = by["nvidia-smi.csv", "nvidia-smi memory.used"]  # the scenario's engine is vLLM
    assert smi.reason is not None
    assert smi.reason.code == "benchmark.measure.reserved"


def test_what_is_four_times_off_was_something_else(tmp_path: Path) -> None:
    path = tmp_path / "off.csv"
    path.write_text("model,gpu,isl,osl,concurrency,throughput_tok_s\nllama-3.1-8b,H100,1024,256,32,10\n")
    plan = estimate(SCENARIO, CATALOG).plan()
    (item,) = measured(open_benchmarks([path], SCENARIO, plan, CATALOG).drafts, CATALOG)
    assert item.row is not None
    assert not item.row.counts
    assert item.reason is not None
    assert item.reason.code == "benchmark.measure.far"


def test_the_scenario_keeps_its_rows_and_importing_again_replaces_them(tmp_path: Path) -> None:
    found = measured(opened(tmp_path, "vllm.json").drafts, CATALOG)
    once = calibrated(SCENARIO, found, CATALOG)
    assert len(once.calibration.rows) == 3
    assert once.calibration.facts == CATALOG.digest
    assert calibrated(once, found, CATALOG) == once
    more = calibrated(once, measured(opened(tmp_path, "notes.csv").drafts, CATALOG), CATALOG)
    assert len(more.calibration.rows) == 9


def test_a_scenario_holds_no_more_than_its_limit(tmp_path: Path) -> None:
    found = measured(opened(tmp_path, "vllm.json").drafts, CATALOG)
    full = calibrated(SCENARIO, found, CATALOG)
    row = full.calibration.rows[0]
    rows = tuple(row.model_copy(update={"run": str(at)}) for at in range(MAX_ROWS))
    full = full.model_copy(update={"calibration": full.calibration.model_copy(update={"rows": rows})})
    assert len(calibrated(full, found, CATALOG).calibration.rows) == MAX_ROWS


def test_the_users_data_read_back_as_they_were(tmp_path: Path) -> None:
    found = measured(everything(tmp_path), CATALOG)
    rows = without_custom(found, SCENARIO)
    keep(rows)
    assert {path.suffix for path in users_measurements()} == {".csv"}
    back = {row.id: row for row in users_rows()}
    assert set(back) == {row.id for row in rows}
    for row in rows:
        held = back[row.id]
        for name in ("value", "model", "gpu", "gpus", "tp", "isl", "batch", "task", "metric", "weight_precision", "quality"):
            assert getattr(held, name) == getattr(row, name), name


def test_keeping_twice_holds_once(tmp_path: Path) -> None:
    rows = without_custom(measured(opened(tmp_path, "vllm.json").drafts, CATALOG), SCENARIO)
    keep(rows)
    before = [path.read_bytes() for path in users_measurements()]
    keep(rows)
    assert [path.read_bytes() for path in users_measurements()] == before


def test_a_damaged_file_of_the_user_is_left_out(tmp_path: Path) -> None:
    keep(without_custom(measured(opened(tmp_path, "vllm.json").drafts, CATALOG), SCENARIO))
    (folder() / "broken.csv").write_bytes(b"\xff\xfe\x00junk")
    assert len(users_rows()) == 3


def test_own_measurements_stand_nearby(tmp_path: Path) -> None:
    plan = estimate(SCENARIO, CATALOG).plan()
    assert plan is not None
    nearest.forget()
    assert not any(item.own for item in nearest.nearest(SCENARIO, plan, "tpot", CATALOG))
    keep(without_custom(measured(opened(tmp_path, "vllm.json").drafts, CATALOG), SCENARIO))
    nearest.forget()
    own = [item for item in nearest.nearest(SCENARIO, plan, "tpot", CATALOG) if item.own]
    assert [(item.measured, item.source) for item in own] == [(18.91, "vllm.json")]
    nearest.forget()
