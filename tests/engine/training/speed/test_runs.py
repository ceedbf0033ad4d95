"""Whole runs, against published ones."""

from __future__ import annotations

import pytest

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.explain import explain
from gpuplanner.engine.explain.training_speed import OPENERS
from gpuplanner.engine.result import Plan, Status
from gpuplanner.engine.training.plans import training_estimate
from gpuplanner.engine.training.speed.curve import training_curve
from gpuplanner.scenario.document import Objective, Scenario, replace

H100, A100 = "nvidia-h100-sxm5-80gb", "nvidia-a100-sxm4-80gb"


def scenario(**fields: object) -> Scenario:
    found = Scenario()
    for path, value in {"workload.kind": "train", "training.budget": "tokens", **fields}.items():
        found = replace(found, path.replace("__", "."), value)
    return found


def plan_on(catalog: Catalog, gpu: str, asked: Scenario) -> Plan:
    return next(plan for plan in training_estimate(asked, catalog).plans if plan.gpu_id == gpu)


def value(plan: Plan, key: str) -> float:
    found = plan.figures[key].value
    assert found is not None
    return found


LLAMA_405B = {
    "model__id": "llama-3.1-405b", "training__budget_tokens": 15.6e12, "training__global_batch": 2048,
    "training__sequence_tokens": 8192, "training__gpus": 16384, "training__virtual_stages": 8,
    "training__checkpoint_minutes": 15, "deployment__objective": Objective.FASTEST,
}  # fmt: skip


def test_llama_3_405b_on_16384_h100(catalog: Catalog) -> None:
    """Dubey et al., arXiv 2407.21783, table 4: 41 % at 16 million tokens a batch, 43 % on half the GPUs; 90 % goodput.

    15.6 T tokens at 400 TFLOP/s on 16,384 GPUs take 56 days. The layouts here recompute every layer or none, Meta's freed tensors
    one by one: that is what the lower bounds leave room for.
    """
    plan = plan_on(catalog, H100, scenario(**LLAMA_405B))
    assert 0.33 < value(plan, "mfu") < 0.46
    assert plan.figures["mfu"].low is not None
    assert plan.figures["mfu"].low < 0.41 < (plan.figures["mfu"].high or 0)
    assert 54 < value(plan, "training_time") / 86400 < 95
    assert value(plan, "goodput") == pytest.approx(0.9, abs=0.06)


def test_gpt_3_175b_on_a100(catalog: Catalog) -> None:
    """Korthikanti et al., arXiv 2205.05198, table 5: 51.4 % on 64 GPUs, TP 8, PP 8, 3 stages each; software gained since."""
    asked = scenario(
        model__id="gpt-3-175b", training__gpus=64, training__global_batch=64, training__sequence_tokens=2048,
        training__virtual_stages=3, training__micro_batch=1, deployment__tensor_parallel=8, deployment__pipeline_parallel=8,
    )  # fmt: skip
    plan = plan_on(catalog, A100, asked)
    assert 0.50 < value(plan, "mfu") < 0.64


def test_figures_hang_together(catalog: Catalog) -> None:
    asked = scenario(model__id="llama-3-8b", training__budget_tokens=1e11, training__global_batch=512)
    plan = plan_on(catalog, H100, asked)
    assert value(plan, "tokens_per_second") == pytest.approx(value(plan, "samples_per_second") * 4096)
    assert value(plan, "samples_per_second") * value(plan, "step_time") == pytest.approx(512)
    hours = value(plan, "training_time") / 3600
    assert value(plan, "gpu_hours") == pytest.approx(plan.gpus * hours)
    assert value(plan, "training_time") == pytest.approx(1e11 / value(plan, "tokens_per_second") / value(plan, "goodput"))
    assert value(plan, "energy_kwh") == pytest.approx(plan.gpus * 0.7 * 1.4 * hours)
    for key in OPENERS:
        opened = explain(asked, catalog, plan, key)
        if key in plan.figures:
            assert opened.result.value == plan.figures[key].value
    stepped = explain(asked, catalog, plan, "step_time")
    parts = {term.symbol: term.value for term in stepped.terms}
    turns = parts["k"] + (parts["p"] - 1) / parts["v"]
    assert turns * parts["t_m"] + parts["t_d"] + parts["t_u"] == pytest.approx(value(plan, "step_time"), rel=1e-6)


def test_a_limit_decides_how_many_gpus(catalog: Catalog) -> None:
    asked = scenario(model__id="llama-3-8b", training__budget_tokens=1e12, training__global_batch=1024)
    month, week = (plan_on(catalog, H100, replace(asked, "training.within_days", days)) for days in (30, 7))
    assert month.gpus < week.gpus
    for plan, days in ((month, 30), (week, 7)):
        assert value(plan, "training_time") <= days * 86400
    tight = plan_on(catalog, H100, replace(replace(asked, "training.within_days", 0.01), "deployment.max_gpus", 8))
    assert tight.status is Status.MISSES
    assert tight.reasons[0].code == "miss.training_time"
    assert tight.remedies


def test_objectives(catalog: Catalog) -> None:
    asked = scenario(model__id="llama-3-8b", training__budget_tokens=1e12, training__global_batch=1024)
    by = {goal: plan_on(catalog, H100, replace(asked, "deployment.objective", goal)) for goal in Objective}
    assert by[Objective.FEWEST].gpus <= by[Objective.CHEAPEST].gpus
    assert value(by[Objective.FASTEST], "training_time") <= value(by[Objective.CHEAPEST], "training_time") * 1.02
    assert value(by[Objective.CHEAPEST], "gpu_hours") <= value(by[Objective.FASTEST], "gpu_hours")


def test_pretraining_isn_t_planned_on_one_small_machine(catalog: Catalog) -> None:
    asked = scenario(model__id="llama-2-7b", training__budget_tokens=1e12, training__global_batch=1024)
    found = training_estimate(asked, catalog)
    best = found.plan()
    assert best is not None
    assert value(best, "training_time") < 31 * 86400


def test_the_curve_falls_with_gpus_and_leaves_out_what_does_not_fit(catalog: Catalog) -> None:
    asked = scenario(model__id="llama-3-70b", training__budget_tokens=1e12, training__global_batch=1024)
    points = training_curve(asked, catalog, H100, (1, 16, 64, 100, 256))
    assert points[0].time is None
    times = [point.time.value or 0 for point in points if point.time]
    assert times == sorted(times, reverse=True)
    assert points[3].used <= 100
    for point in points[1:]:
        assert point.mfu is not None
        assert 0.1 < (point.mfu.value or 0) < 0.7


def test_idle_gpus_are_told(catalog: Catalog) -> None:
    asked = scenario(model__id="llama-3-70b", training__gpus=101, training__global_batch=1024)
    plan = plan_on(catalog, H100, asked)
    assert plan.gpus < 101
    assert any(code.code == "warning.gpus_idle" for code in plan.warnings)
