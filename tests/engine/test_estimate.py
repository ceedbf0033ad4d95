"""The whole arrow: what comes out of the engine for whole scenarios."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpuplanner import texts
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.codes import code_text
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.explain import OPENERS, explain
from gpuplanner.engine.formula import REGISTRY, evaluate_text
from gpuplanner.engine.result import MemoryPart, Plan, Status
from gpuplanner.scenario.document import Availability, Objective, Scenario, replace

SCENARIO = Scenario()


def with_changes(**paths: object) -> Scenario:
    scenario = SCENARIO
    for path, value in paths.items():
        scenario = replace(scenario, path.replace("__", "."), value)
    return scenario


def running(scenario: Scenario, catalog: Catalog) -> list[Plan]:
    return [plan for plan in estimate(scenario, catalog).plans if plan.memory is not None]


def test_every_gpu_of_the_catalogue_has_a_plan_or_a_reason(catalog: Catalog) -> None:
    plans = estimate(SCENARIO, catalog).plans
    assert sorted(plan.gpu_id for plan in plans) == sorted(catalog.gpus)
    for plan in plans:
        if plan.status is Status.IMPOSSIBLE:
            assert plan.reasons
            for code in (*plan.reasons, *plan.remedies):
                for language in texts.LANGUAGES:
                    assert code_text(code, language)
        else:
            assert plan.memory is not None
            assert plan.gpus == plan.tensor_parallel * plan.pipeline_parallel * (plan.replicas + plan.spare_replicas)


def test_the_same_question_has_the_same_answer(catalog: Catalog) -> None:
    assert estimate(SCENARIO, catalog) == estimate(Scenario.model_validate(SCENARIO.model_dump()), catalog)


def test_parts_add_up_and_the_load_fits(catalog: Catalog) -> None:
    for plan in running(SCENARIO, catalog):
        memory = plan.memory
        assert memory is not None
        assert sum(memory.parts.values()) == pytest.approx(plan.figures["memory_per_gpu"].value)
        assert memory.parts[MemoryPart.KV_CACHE] <= memory.kv_pool_bytes * (1 + 1e-9)
        assert plan.batch <= memory.requests_fit
        assert plan.batch * plan.replicas >= SCENARIO.workload.load


def test_ranges_enclose_the_expected_value(catalog: Catalog) -> None:
    for plan in running(SCENARIO, catalog):
        for figure in plan.figures.values():
            if figure.value is not None and figure.low is not None and figure.high is not None:
                assert figure.low <= figure.value <= figure.high


def test_a_plan_that_meets_the_targets_does(catalog: Catalog) -> None:
    for plan in running(SCENARIO, catalog):
        slow = plan.figures["ttft"].value > 1.0 or plan.figures["tpot"].value > 0.04  # type: ignore[operator]
        assert slow == (plan.status is Status.MISSES)
        assert slow == bool(plan.reasons)


def test_best_plans_come_first(catalog: Catalog) -> None:
    abroad = replace(SCENARIO, "site.country", "DE")  # where every card may be sold
    good = [plan for plan in running(abroad, catalog) if plan.status is not Status.MISSES]
    assert good == sorted(good, key=lambda plan: (plan.figures["purchase"].value is None, plan.bought))  # without a price: last
    cheap = [
        plan.figures["purchase"].value
        for plan in running(replace(abroad, "deployment.objective", Objective.CHEAPEST), catalog)
        if plan.status is not Status.MISSES and plan.figures["purchase"].value is not None
    ]
    assert cheap == sorted(cheap)  # type: ignore[type-var]


def test_out_of_reach_the_nearest_comes_first_and_stays_small(catalog: Catalog) -> None:
    # nothing reads 128k tokens in a second: no fleet of hundreds is put up for it
    plans = running(with_changes(workload__input_tokens=131_072, workload__load=200), catalog)
    assert all(plan.status is Status.MISSES for plan in plans)
    over = [max(plan.figures["ttft"].value / 1.0, plan.figures["tpot"].value / 0.04) for plan in plans]  # type: ignore[operator]
    assert over[0] == pytest.approx(min(over), rel=0.01)


def test_one_more_server_stands_by(catalog: Catalog) -> None:
    plain = {plan.gpu_id: plan for plan in running(SCENARIO, catalog)}
    for plan in running(with_changes(deployment__availability=Availability.N_PLUS_ONE), catalog):
        one_server = min(plan.replicas, max(1, 8 // plan.gpus_per_replica))
        if (
            plan.gpus_per_replica <= 8
            and catalog.gpus[plan.gpu_id].scale_up_domain <= 8
            and plan.gpu_id != "nvidia-gb10-dgx-spark"
        ):
            # spread over the servers, the fullest of them can be lost
            assert plan.servers >= 2
            assert -(-(plan.replicas + plan.spare_replicas) // plan.servers) <= min(plan.spare_replicas, one_server)
        if plan.replicas == plain[plan.gpu_id].replicas and plan.tensor_parallel == plain[plan.gpu_id].tensor_parallel:
            assert plan.servers > plain[plan.gpu_id].servers


def test_fixed_degrees_are_kept(catalog: Catalog) -> None:
    for plan in running(with_changes(deployment__tensor_parallel=4, deployment__pipeline_parallel=1), catalog):
        assert (plan.tensor_parallel, plan.pipeline_parallel) == (4, 1)


def test_an_unknown_price_stays_unknown(catalog: Catalog) -> None:
    unpriced = [plan for plan in running(SCENARIO, catalog) if not catalog.gpus[plan.gpu_id].prices]
    assert unpriced
    for plan in unpriced:
        assert plan.figures["purchase"].value is None
        assert plan.figures["cost_per_million"].value is None


def test_a_format_the_gpu_lacks_is_refused_or_named(catalog: Catalog) -> None:
    plans = {plan.gpu_id: plan for plan in estimate(SCENARIO, catalog).plans}
    assert plans["nvidia-v100-sxm2-32gb"].status is Status.IMPOSSIBLE
    assert plans["nvidia-a100-sxm4-80gb"].fallback is not None
    assert plans["nvidia-a100-sxm4-80gb"].compute_format in {"fp16", "bf16"}
    assert plans["nvidia-h100-sxm5-80gb"].fallback is None
    assert plans["nvidia-h100-sxm5-80gb"].compute_format == "fp8"


@pytest.mark.parametrize("path", ["model.id", "precision.weights", "precision.kv_cache", "deployment.engine"])
def test_what_the_catalogue_lacks_is_refused_in_words(catalog: Catalog, path: str) -> None:
    answer = estimate(replace(SCENARIO, path, "no-such-thing"), catalog)
    assert answer.refusal is not None
    assert not answer.plans
    assert "no-such-thing" in code_text(answer.refusal, "en")
    assert "no-such-thing" in code_text(answer.refusal, "zh")


def test_every_figure_opens_and_its_text_gives_the_figure(catalog: Catalog) -> None:
    for model, weights, spread in (
        ("llama-3.3-70b", "fp8-e4m3", 0.7), ("deepseek-r1", "fp8-block128", 0.0), ("gpt-oss-120b", "mxfp4", 0.0),
    ):  # fmt: skip
        scenario = with_changes(
            model__id=model, precision__weights=weights, workload__input_spread=spread, workload__output_spread=spread
        )
        plan = estimate(scenario, catalog).plan("nvidia-h200-sxm-141gb")
        assert plan is not None
        assert plan.memory is not None
        for key in OPENERS:
            try:
                opened = explain(scenario, catalog, plan, key)
            except KeyError:
                absent = {"beside", "tokens_per_step"} | (set() if spread else {"spread_requests"})
                absent |= {"arrivals", "token_capacity", "batch_time"}  # of loads that come by themselves, and of batches
                absent |= {"decode_step_checked", "mixed_step_checked", "decode_stage", "mixed_stage"}
                absent |= {"longest_output", "largest"}  # of batches that start together
                absent |= {"uncached", "kept_share", "kept_on_gpu", "cache_left", "cache_left_on_gpu", "reload", "outside"}
                assert "expert" in key or key in absent
                continue
            text = REGISTRY[opened.formula_id].text
            value = evaluate_text(text, {term.symbol: term.value for term in opened.terms})
            assert value == pytest.approx(opened.result.value, rel=1e-6)
            for term in opened.terms:
                assert code_text(term.source, "zh")
                assert term.opens is None or term.opens in OPENERS
        for part, value in plan.memory.parts.items():
            assert explain(scenario, catalog, plan, str(part)).result.value == pytest.approx(value)


@settings(max_examples=15)
@given(
    tokens=st.integers(16, 30_000),
    load=st.floats(1, 5_000),
    factor=st.floats(1.0, 4.0),
)
def test_more_load_never_needs_fewer_gpus(catalog: Catalog, tokens: int, load: float, factor: float) -> None:
    less = with_changes(workload__input_tokens=tokens, workload__load=load, targets__ttft_s=None, targets__tpot_s=None)
    more = replace(less, "workload.load", load * factor)
    ample = "nvidia-h200-sxm-141gb"
    small, large = estimate(less, catalog).plan(ample), estimate(more, catalog).plan(ample)
    if small is not None and large is not None and large.memory is not None:
        assert small.gpus <= large.gpus


@settings(max_examples=25)
@given(
    input_tokens=st.integers(1, 100_000_000),
    output_tokens=st.integers(1, 100_000_000),
    load=st.floats(1e-3, 1e9),
    kind=st.sampled_from(["concurrency", "per_second", "per_day"]),
    workload=st.sampled_from(["serve", "batch"]),
)
def test_impossible_loads_are_answered(
    catalog: Catalog, input_tokens: int, output_tokens: int, load: float, kind: str, workload: str
) -> None:
    scenario = with_changes(
        workload__input_tokens=input_tokens, workload__output_tokens=output_tokens, workload__load=load, workload__load_kind=kind,
        workload__kind=workload,
    )  # fmt: skip
    plans = estimate(scenario, catalog).plans
    assert len(plans) == len(catalog.gpus)
    assert all(plan.reasons or plan.memory for plan in plans)


def test_training_needs_no_serving_engine(catalog: Catalog) -> None:
    # a user may hide every engine and format of the catalogue; training is planned on memory and links alone
    bare = dataclasses.replace(catalog, engines={}, precisions={})
    training = with_changes(workload__kind="tune", model__id="llama-3.1-8b")
    assert estimate(training, bare).plans == estimate(training, catalog).plans
    assert estimate(training, bare).chosen is not None
    assert estimate(SCENARIO, bare).refusal is not None


def test_a_bigger_card_is_one_that_exists(catalog: Catalog) -> None:
    sizes = {gpu.memory_gb for gpu in catalog.gpus.values()}
    named = [
        code.params["size_gb"]
        for plan in estimate(SCENARIO, catalog).plans
        for code in plan.remedies
        if code.code == "remedy.bigger_card"
    ]
    assert named
    assert set(named) <= sizes
