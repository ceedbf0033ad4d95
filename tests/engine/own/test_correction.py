"""Corrections by own measurements: shrunk, bounded, and consistent over everything that shows a figure."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.explain import explain
from gpuplanner.engine.load.curve import load_curve
from gpuplanner.engine.load.simulation import simulate_plan
from gpuplanner.engine.own.correction import found_in
from gpuplanner.engine.own.effect import effect
from gpuplanner.engine.own.formulas import own_factor
from gpuplanner.engine.result import Plan
from gpuplanner.scenario.calibration import Calibration, CalibrationRow, MeasuredFigure
from gpuplanner.scenario.document import Scenario, replace

CATALOG = load_catalog()
H100, H200 = "nvidia-h100-sxm5-80gb", "nvidia-h200-sxm-141gb"
BASE = replace(replace(Scenario(), "model.id", "qwen3-32b"), "deployment.gpu", H100)


def row(figure: MeasuredFigure, ratio: float, run: str = "a", **more: object) -> CalibrationRow:
    """A row whose time or bytes are ``ratio`` times the estimate."""
    measured = 1 / ratio if figure.is_rate else ratio
    facts = {"model": "qwen3-32b", "gpu": H100, "engine": "vllm"} | more
    return CalibrationRow(run=run, figure=figure, measured=measured, estimated=1.0, **facts)  # type: ignore[arg-type]


def corrected(rows: Sequence[CalibrationRow], base: Scenario = BASE, **more: object) -> Scenario:
    """The scenario with rows."""
    return base.model_copy(update={"calibration": Calibration(rows=tuple(rows), **more)})  # type: ignore[arg-type]


def plan_of(scenario: Scenario, gpu: str = H100) -> Plan:
    """The plan of a GPU."""
    plan = estimate(scenario, CATALOG).plan(gpu)
    assert plan is not None
    return plan


def test_a_run_moves_a_figure_by_a_quarter_of_what_it_is_off() -> None:
    factor = found_in([row(MeasuredFigure.TPOT, 1.2)], CATALOG)[H100].pace
    assert (factor.runs, factor.ratio) == (1, pytest.approx(1.2))
    assert factor.value == pytest.approx(1.2 ** (1 / 4))


def test_many_runs_say_what_they_measured() -> None:
    rows = [row(MeasuredFigure.TPOT, 1.2, str(at)) for at in range(300)]
    assert found_in(rows, CATALOG)[H100].pace.value == pytest.approx(1.2, rel=0.01)


def test_figures_of_one_run_count_once() -> None:
    together = found_in([row(MeasuredFigure.TPOT, 1.2), row(MeasuredFigure.THROUGHPUT, 1.1)], CATALOG)[H100].pace
    assert together.runs == 1
    assert together.ratio == pytest.approx(math.sqrt(1.2 * 1.1))


@given(st.lists(st.tuples(st.sampled_from(MeasuredFigure), st.floats(1e-6, 1e6)), min_size=1, max_size=40))
def test_corrections_are_bounded_and_lean_to_one(measured: list[tuple[MeasuredFigure, float]]) -> None:
    found = found_in([row(figure, ratio, str(at)) for at, (figure, ratio) in enumerate(measured)], CATALOG)[H100]
    for factor in (found.pace, found.ttft, found.memory):
        assert 0.5 <= factor.value <= 2.0
        assert abs(math.log(factor.value)) <= abs(math.log(factor.ratio)) + 1e-12


@given(st.floats(0.3, 3.0), st.integers(1, 200))
def test_more_runs_never_say_less(ratio: float, runs: int) -> None:
    fewer, more = (abs(math.log(own_factor(ratio, count, 3.0, 0.5, 2.0))) for count in (runs, runs + 1))
    assert more >= fewer - 1e-12


def test_nothing_measured_changes_nothing() -> None:
    assert plan_of(corrected([])) == plan_of(BASE)
    assert plan_of(corrected([row(MeasuredFigure.TPOT, 1.5)], enabled=False)) == plan_of(BASE)


@pytest.mark.parametrize("other", [{"engine": "sglang"}, {"model": "llama-3.3-70b"}, {"gpu": H200}, {"counts": False}])
def test_runs_of_something_else_change_nothing(other: dict[str, object]) -> None:
    assert plan_of(corrected([row(MeasuredFigure.TPOT, 1.5, **other)])) == plan_of(BASE)


def test_runs_count_for_the_model_family() -> None:
    alike = corrected([row(MeasuredFigure.TPOT, 1.5, model="qwen3-8b")])
    assert plan_of(alike).figures["tpot"].value != plan_of(BASE).figures["tpot"].value


def of_one_replica(load: float = 8.0) -> Scenario:
    """Few enough requests that the layout stays as it is."""
    return replace(replace(BASE, "workload.load", load), "deployment.tensor_parallel", 2)


def test_every_figure_follows() -> None:
    before = plan_of(of_one_replica())
    rows = [
        row(figure, ratio, str(at))
        for at in range(9)
        for figure, ratio in ((MeasuredFigure.TPOT, 1.2), (MeasuredFigure.TTFT, 1.4))
    ]
    after = plan_of(corrected(rows, of_one_replica()))
    pace, first = 1.2 ** (9 / 12), 1.4 ** (9 / 12)
    assert (after.gpus, after.batch) == (before.gpus, before.batch)

    def ratio(key: str) -> float:
        return (after.figures[key].value or 0.0) / (before.figures[key].value or 1.0)

    for key in ("tpot", "tpot_mean"):
        assert ratio(key) == pytest.approx(pace)
    for key in ("ttft", "ttft_mean"):
        assert ratio(key) == pytest.approx(first)
    assert ratio("throughput") == pytest.approx(1 / pace)
    assert after.figures["cost_per_million"].value == pytest.approx((before.figures["cost_per_million"].value or 0) * pace)
    whole = (after.figures["ttft_mean"].value or 0) + 511 * (after.figures["tpot_mean"].value or 0)
    assert after.figures["e2e_mean"].value == pytest.approx(whole)  # 512 tokens: the first and 511 more
    assert after.figures["tpot"].high == pytest.approx((before.figures["tpot"].high or 0) * pace)


def test_a_corrected_plan_says_so() -> None:
    rows = [row(MeasuredFigure.TPOT, 1.2, str(at)) for at in range(3)]
    said = [code for code in plan_of(corrected(rows)).warnings if code.code == "warning.own"]
    assert [dict(code.params) for code in said] == [{"runs": 3}]
    assert not any(code.code == "warning.own" for code in plan_of(corrected(rows), H200).warnings)


def test_memory_that_was_measured_is_the_engines() -> None:
    base = of_one_replica()
    before = plan_of(base)
    after = plan_of(corrected([row(MeasuredFigure.MEMORY, 1.1, str(at)) for at in range(30)], base))
    assert before.memory is not None
    assert after.memory is not None
    more = {part: after.memory.parts[part] - before.memory.parts[part] for part in before.memory.parts}
    changed = [part for part, by in more.items() if abs(by) > 1]
    assert [part.value for part in changed] == ["engine"]
    assert after.memory.kv_pool_bytes == pytest.approx(before.memory.kv_pool_bytes - more[changed[0]])


def test_the_explanation_opens_down_to_the_runs() -> None:
    scenario = corrected([row(figure, 1.3, str(at)) for at in range(4) for figure in MeasuredFigure])
    plan = plan_of(scenario)
    for key in ("ttft", "ttft_mean", "tpot", "tpot_mean", "e2e", "e2e_mean", "throughput"):
        opened = explain(scenario, CATALOG, plan, key)
        assert opened.formula_id in {"own.time", "own.rate"}
        assert opened.result.value == pytest.approx(plan.figures[key].value)
        product = opened.terms[0].value * opened.terms[1].value ** (-1 if key == "throughput" else 1)
        assert product == pytest.approx(plan.figures[key].value)
        seen = {key}
        todo = [term.opens for term in opened.terms if term.opens]
        while todo:  # everything below opens too
            below = todo.pop()
            if below not in seen:
                seen.add(below)
                todo += [term.opens for term in explain(scenario, CATALOG, plan, below).terms if term.opens]
        assert any(name.startswith("own.") for name in seen)
        assert f"modelled.{key}" in seen


def test_what_is_opened_without_measurements_is_the_bare_estimate() -> None:
    base = of_one_replica()
    scenario = corrected([row(MeasuredFigure.TPOT, 1.4, str(at)) for at in range(4)], base)
    bare = explain(base, CATALOG, plan_of(base), "tpot").result.value
    assert explain(scenario, CATALOG, plan_of(scenario), "modelled.tpot").result.value == pytest.approx(bare)


def test_a_figure_that_no_run_touches_opens_as_before() -> None:
    scenario = corrected([row(MeasuredFigure.TTFT, 1.4)])
    assert explain(scenario, CATALOG, plan_of(scenario), "tpot").formula_id == "speed.tpot"
    with pytest.raises(KeyError):
        explain(scenario, CATALOG, plan_of(scenario), "own.pace")


def test_curve_and_simulation_follow() -> None:
    base = of_one_replica()
    scenario = corrected([row(MeasuredFigure.TPOT, 1.3, str(at)) for at in range(20)], base)
    before, after = plan_of(base), plan_of(scenario)
    factor = 1.3 ** (20 / 23)
    bare, curve = load_curve(base, CATALOG, before), load_curve(scenario, CATALOG, after)
    np.testing.assert_allclose(curve.tpot["mean"].value, bare.tpot["mean"].value * factor)
    run, rerun = simulate_plan(base, CATALOG, before, 400), simulate_plan(scenario, CATALOG, after, 400)
    assert rerun.tpot.mean == pytest.approx(run.tpot.mean * factor, rel=0.02)
    assert rerun.throughput == pytest.approx(run.throughput / factor, rel=0.03)
    assert rerun.ttft.mean == pytest.approx(run.ttft.mean, rel=0.1)


def test_the_effect_is_told_figure_by_figure() -> None:
    scenario = corrected([row(MeasuredFigure.TPOT, 1.3, str(at)) for at in range(20)], of_one_replica())
    found = effect(scenario, CATALOG)
    assert found is not None
    assert found.gpu_id == H100
    known = {change.key: change.ratio for change in found.changes}
    assert known["tpot"] == pytest.approx(1.3 ** (20 / 23))
    assert known["power"] == 1.0
    assert effect(
        scenario.model_copy(update={"calibration": Calibration(rows=scenario.calibration.rows, enabled=False)}), CATALOG
    )
