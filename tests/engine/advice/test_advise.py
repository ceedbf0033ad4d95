"""Advice: every number in it is that of an estimate of the changed scenario."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.advice.advise import LEAST_SAVING, LEAST_SPEEDUP, MOST, MOST_DEARER, advise, quantity
from gpuplanner.engine.advice.ideas import ideas
from gpuplanner.engine.advice.renting import renting_advice
from gpuplanner.engine.advice.result import Aim
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Estimate, Status
from gpuplanner.scenario.document import Availability, CloudTerm, Objective, Scenario, WorkloadKind, get, replace
from gpuplanner.scenario.serving import Batching, Speculation
from gpuplanner.texts import has

CATALOG = load_catalog(user_dir=Path("/nonexistent"))
ORDER = list(Status)


def asked(**fields) -> Scenario:
    scenario = Scenario()
    for path, value in fields.items():
        scenario = replace(scenario, path.replace("__", "."), value)
    return scenario


scenarios = st.builds(
    asked,
    model__id=st.sampled_from(["llama-3.3-70b", "qwen3-8b", "qwen3-30b-a3b"]),
    precision__weights=st.sampled_from(["bf16", "fp8-e4m3", "int4-gptq-g128"]),
    precision__kv_cache=st.sampled_from(["kv-fp16", "kv-fp8"]),
    workload__kind=st.sampled_from([WorkloadKind.SERVE, WorkloadKind.BATCH]),
    workload__output_tokens=st.integers(16, 2000),
    workload__input_tokens=st.integers(16, 8000),
    workload__load=st.integers(1, 500),
    targets__ttft_s=st.sampled_from([None, 0.2, 1.0]),
    deployment__gpu=st.sampled_from([None, "nvidia-h20-96gb", "nvidia-geforce-rtx-4090", "nvidia-h100-sxm5-80gb"]),
    deployment__objective=st.sampled_from(list(Objective)),
    deployment__availability=st.sampled_from(list(Availability)),
)


@settings(max_examples=8)
@given(scenario=scenarios)
def test_each_advice_is_an_estimate_of_the_changed_scenario(scenario: Scenario) -> None:
    answer = estimate(scenario, CATALOG)
    now = answer.plan()
    found = advise(scenario, CATALOG, answer)
    assert len(found) <= MOST
    for advice in found:
        changed = scenario
        for path, value in advice.change:
            assert get(scenario, path) != value
            changed = replace(changed, path, value)
        plan = estimate(changed, CATALOG).plan()
        assert plan == advice.plan
        assert plan is not None
        assert plan.status is not Status.IMPOSSIBLE
        for effect in advice.effects:
            assert effect.after == quantity(plan, effect.key)
            if now is not None and now.status is not Status.IMPOSSIBLE:
                assert effect.before == quantity(now, effect.key)
        assert has(advice.code.code)


@settings(max_examples=8)
@given(scenario=scenarios)
def test_advice_is_better_than_the_answer(scenario: Scenario) -> None:
    answer = estimate(scenario, CATALOG)
    now = answer.plan()
    for advice in advise(scenario, CATALOG, answer):
        if now is None or now.status is Status.IMPOSSIBLE:
            assert advice.aim is Aim.SAFER
            continue
        before, after = ORDER.index(now.status), ORDER.index(advice.plan.status)
        assert after < before if advice.aim is Aim.SAFER else after == before
        if advice.aim is Aim.CHEAPER:
            assert advice.saving is not None
            assert advice.saving >= LEAST_SAVING
        if advice.aim is Aim.FASTER:
            assert advice.speedup is not None
            assert advice.speedup >= LEAST_SPEEDUP
        assert advice.saving is None or advice.saving >= -MOST_DEARER


def changes(scenario: Scenario) -> dict[str, object]:
    found = advise(scenario, CATALOG, estimate(scenario, CATALOG))
    return {advice.code.code: dict(advice.change) for advice in found}


def test_sixteen_bit_weights_have_fewer_bits_to_go() -> None:
    scenario = asked(precision__weights="bf16", deployment__gpu="nvidia-h100-sxm5-80gb", deployment__objective=Objective.CHEAPEST)
    found = [item for item in advise(scenario, CATALOG, estimate(scenario, CATALOG)) if item.code.code == "advice.fewer_bits"]
    assert found
    engine = CATALOG.engines[scenario.deployment.engine]
    for item in found:
        [(path, name)] = item.change
        assert path == "precision.weights"
        assert name in engine.precisions
        assert CATALOG.precisions[str(name)].bits_per_weight_effective < 16
        assert item.note is not None  # what is lost is told


def test_the_cache_goes_to_eight_bits_where_the_engine_can() -> None:
    tried = {idea.variants[0].code.code: idea.variants[0].change for idea in _ideas(asked(precision__kv_cache="kv-fp16"))}
    assert tried["advice.smaller_cache"][0][0] == "precision.kv_cache"
    other = {
        idea.variants[0].code.code for idea in _ideas(asked(precision__kv_cache="kv-fp16", deployment__engine="vllm-ascend"))
    }
    assert "advice.smaller_cache" not in other


def test_the_spare_is_an_idea_only_where_there_is_one() -> None:
    assert "advice.no_spare" not in {idea.variants[0].code.code for idea in _ideas(Scenario())}
    spare = asked(deployment__availability=Availability.N_PLUS_ONE)
    assert "advice.no_spare" in {idea.variants[0].code.code for idea in _ideas(spare)}


def test_a_fixed_layout_of_several_fields_is_one_change() -> None:
    [idea] = [
        item for item in _ideas(asked(deployment__tensor_parallel=8)) if item.variants[0].code.code == "advice.automatic_layout"
    ]
    assert idea.variants[0].change == (("deployment.tensor_parallel", None), ("deployment.pipeline_parallel", None))


def test_a_gpu_that_cannot_run_is_told_what_would() -> None:
    scenario = asked(deployment__gpu="nvidia-t4", workload__input_tokens=100_000)
    answer = estimate(scenario, CATALOG)
    now = answer.plan()
    assert now is None or now.status is Status.IMPOSSIBLE
    found = advise(scenario, CATALOG, answer)
    assert any("deployment.gpu" in dict(item.change) for item in found)
    assert all(effect.before is None for item in found for effect in item.effects)


def test_batches_have_no_targets_to_ease() -> None:
    codes = {idea.variants[0].code.code for idea in _ideas(asked(workload__kind=WorkloadKind.BATCH))}
    assert not codes & {"advice.later_first_token", "advice.slower_tokens"}


def test_what_cannot_be_estimated_has_no_advice() -> None:
    assert changes(asked(model__id="not-there")) == {}
    assert advise(Scenario(), CATALOG, Estimate()) == ()


def test_it_can_be_stopped_between_two_estimates() -> None:
    told: list[tuple[int, int]] = []

    def tick(done: int, total: int) -> None:
        told.append((done, total))
        if done == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        advise(Scenario(), CATALOG, estimate(Scenario(), CATALOG), tick)
    assert [done for done, _ in told] == [0, 1, 2]


def _ideas(scenario: Scenario):
    return list(ideas(scenario, CATALOG, estimate(scenario, CATALOG)))


def test_the_next_smaller_model_of_the_family_is_an_idea() -> None:
    found = {idea.variants[0].code.code: idea.variants[0].change for idea in _ideas(asked(model__id="qwen3-32b"))}
    assert found["advice.smaller_model"] == (("model.id", "qwen3-14b"),)
    distilled = {idea.variants[0].code.code: idea.variants[0].change for idea in _ideas(asked(model__id="deepseek-r1"))}
    assert distilled["advice.smaller_model"] == (("model.id", "deepseek-r1-distill-llama-70b"),)


def test_a_draft_has_the_same_vocabulary() -> None:
    found = {idea.variants[0].code.code: dict(idea.variants[0].change) for idea in _ideas(asked(model__id="qwen3-32b"))}
    draft = CATALOG.models[str(found["advice.speculation"]["serving.draft_model"])]
    assert draft.params_total < 0.1 * CATALOG.models["qwen3-32b"].params_total
    assert draft.language.vocab == CATALOG.models["qwen3-32b"].language.vocab
    speculating = asked(model__id="qwen3-32b", serving__speculation=Speculation.NGRAM)
    assert "advice.speculation" not in {idea.variants[0].code.code for idea in _ideas(speculating)}


def test_what_was_switched_off_is_an_idea() -> None:
    codes = {idea.variants[0].code.code for idea in _ideas(asked(serving__batching=Batching.STATIC, serving__cuda_graphs=False))}
    assert {"advice.continuous_batching", "advice.cuda_graphs"} <= codes
    assert not {"advice.continuous_batching", "advice.cuda_graphs"} & {idea.variants[0].code.code for idea in _ideas(Scenario())}


def test_other_engines_take_the_same_formats() -> None:
    [idea] = [idea for idea in _ideas(Scenario()) if idea.variants[0].code.code == "advice.other_engine"]
    for variant in idea.variants:
        engine = CATALOG.engines[str(dict(variant.change)["deployment.engine"])]
        assert Scenario().precision.weights in engine.precisions
        assert engine.id != Scenario().deployment.engine


@pytest.mark.parametrize("gpu", ["nvidia-h100-sxm5-80gb", "nvidia-a100-sxm4-80gb"])
def test_renting_for_longer_is_cheaper_and_a_service_is_never_on_spot(gpu: str) -> None:
    scenario = asked(deployment__gpu=gpu, money__currency="USD")
    answer = estimate(scenario, CATALOG)
    for advice in renting_advice(scenario, CATALOG, answer):
        [(path, term)] = advice.change
        assert path == "money.cloud_term"
        assert term is not CloudTerm.SPOT
        [effect] = advice.effects
        assert effect.after.value < effect.before.value
        assert advice.saving == pytest.approx(1 - effect.after.value / effect.before.value)
