"""Rules of thumb beside the engine, with the articles' own figures; guard rails against plans that run into them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpuplanner import texts
from gpuplanner.assets import catalogs
from gpuplanner.catalog.load import load_catalog
from gpuplanner.codes import code_text
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Unit
from gpuplanner.engine.rules.guards import PREDICATES, warned_of
from gpuplanner.engine.rules.judge import JUDGES, rules_of, standing, thumbs_of
from gpuplanner.engine.rules.result import Agreement, Said, Thumb
from gpuplanner.report.rules import rule_line, rules_json
from gpuplanner.scenario.document import Scenario, WorkloadKind, replace
from gpuplanner.scenario.examples import examples
from gpuplanner.scenario.files import load_scenario

CATALOG = load_catalog(user_dir=Path("/nonexistent"))
GB = 1e9
EXAMPLES = {example.key: example.path for example in examples()}


def scenario_of(key: str) -> Scenario:
    return load_scenario(EXAMPLES[key]).scenario


def judged(scenario: Scenario, name: str) -> Thumb:
    answer = estimate(scenario, CATALOG)
    return next(thumb for thumb in thumbs_of(scenario, CATALOG, answer) if thumb.id == name)


def warnings(scenario: Scenario) -> set[str]:
    return {warned.id for warned in warned_of(scenario, CATALOG, estimate(scenario, CATALOG))}


def changed(**fields: object) -> Scenario:
    scenario = Scenario()
    for path, value in fields.items():
        scenario = replace(scenario, path.replace("__", "."), value)
    return scenario


def test_every_rule_is_judged_and_said_in_both_languages() -> None:
    assert set(CATALOG.practice) == set(JUDGES)
    assert {guard.predicate for guard in CATALOG.guards.values()} <= set(PREDICATES)
    for name in CATALOG.practice:
        for key in (f"rule.{name}", f"rule.{name}.right"):
            assert all(texts.text_in(language, key) for language in texts.LANGUAGES)
    for name, guard in CATALOG.guards.items():
        assert all(texts.text_in(language, f"guard.{name}.rule") for language in texts.LANGUAGES)
        assert guard.sources[0].date


def test_patterns_of_guards_match_cards_of_the_catalogue() -> None:
    from fnmatch import fnmatchcase

    for guard in CATALOG.guards.values():
        for pattern in guard.gpus:
            assert any(fnmatchcase(gpu, pattern) for gpu in CATALOG.gpus), (guard.id, pattern)


@pytest.mark.parametrize("key", sorted(EXAMPLES))
def test_every_example_is_told_in_words(key: str) -> None:
    scenario = scenario_of(key)
    rules = rules_of(scenario, CATALOG, estimate(scenario, CATALOG))
    assert len(rules.thumbs) >= 8
    for language in texts.LANGUAGES:
        with texts.spoken_in(language):
            for thumb in rules.thumbs:
                line = rule_line(thumb, scenario.money.currency)
                assert line.name
                assert line.says
                assert line.why or thumb.agreement is Agreement.AGREES
            for warned in rules.warned:
                assert code_text(warned.code)
    json.dumps(rules_json(rules), allow_nan=False)


def test_llama_7b_is_fourteen_gigabytes_not_a_hundred_and_forty() -> None:
    """S000-24: the article multiplies 70e9 by two. 6.74e9 · 2 B = 13.5 GB, and the engine agrees."""
    thumb = judged(scenario_of("serve_llama_7b"), "weights-by-bytes")
    assert thumb.said.low == pytest.approx(13.48 * GB, rel=0.001)
    assert thumb.agreement is Agreement.AGREES


def test_175_b_in_int8_is_175_gigabytes() -> None:
    """S002-22: 175 GB in INT8, 700 GB in FP32: right as the article has it."""
    scenario = changed(model__id="gpt-3-175b", precision__weights="int8-w8a8", workload__load=4.0, workload__input_tokens=512)
    thumb = judged(scenario, "weights-by-bytes")
    assert thumb.said.low == pytest.approx(175 * GB, rel=0.005)
    assert judged(scenario_of("train_gpt_3_175b"), "file-4-bytes").said.low == pytest.approx(700 * GB, rel=0.005)


def test_glm_9b_does_not_need_twice_its_weights() -> None:
    """S004-8: the article has 9 GB run in 18; weights, cache at 8K and overhead come to less."""
    thumb = judged(scenario_of("serve_glm_4_9b_int8"), "machine-double")
    assert thumb.said.low == pytest.approx(18.8 * GB, rel=0.01)
    assert thumb.said.engine < thumb.said.low


def test_the_cache_of_a_grouped_model_is_an_eighth() -> None:
    """Llama 3.3 70B: 64 query heads share 8 KV heads, so 2 · layers · hidden is eight times too much."""
    thumb = judged(scenario_of("chat_70b_200_users"), "kv-by-width")
    assert thumb.said.low / thumb.said.engine == pytest.approx(8, rel=1e-6)
    assert thumb.agreement is Agreement.MISLEADS


def test_bert_base_as_the_article_has_it() -> None:
    """S000-11: 1.5 GB an inference; S002-6: 12 · 12 · 768² = 84.9 M of 109 M; S002-9: 1.75 GB of states, not 13.2."""
    served = scenario_of("encode_bert_base")
    assert judged(served, "bert-per-inference").said.engine < 1.5 * GB
    trained = scenario_of("train_bert_base")
    width = judged(trained, "params-by-width") if has(trained, "params-by-width") else None
    if width is not None:
        assert width.said.low == pytest.approx(84.9e6, rel=0.001)
    states = judged(trained, "states-16-bytes")
    assert states.said.low == pytest.approx(1.75 * GB, rel=0.002)
    assert states.agreement is Agreement.AGREES
    activations = judged(trained, "activations-10-bytes")
    assert activations.said.low == pytest.approx(0.126 * GB, rel=0.01)
    assert activations.said.engine > 5.1 * GB
    assert activations.agreement is Agreement.MISLEADS


def has(scenario: Scenario, name: str) -> bool:
    return any(thumb.id == name for thumb in thumbs_of(scenario, CATALOG, estimate(scenario, CATALOG)))


def test_tuning_all_of_7b_takes_two_cards_not_eight() -> None:
    """S003-11 and E003-13: 16 B · 6.74e9 = 108 GB, two cards of 80."""
    thumb = judged(scenario_of("finetune_llama_7b_in_full"), "llm-takes-8-cards")
    assert (thumb.said.low, thumb.said.engine) == (8, 2)
    assert thumb.agreement is Agreement.MISLEADS


def test_recomputation_keeps_a_seventeenth_and_costs_a_third() -> None:
    """S002-12: 60–70 % and 20 %. 2 of 34 bytes stay (Korthikanti et al.), and the forward pass is a third of the work."""
    scenario = scenario_of("train_vit_large")  # no vocabulary, whose logits would stay
    saved = judged(scenario, "recompute-saves-two-thirds")
    assert saved.said.engine > 0.8
    costs = judged(scenario, "recompute-costs-a-fifth")
    assert 0.15 < costs.said.engine < 0.4


def test_host_memory_three_times_48_is_144() -> None:
    """S002-18: the article has 48 GB make 128."""
    scenario = replace(scenario_of("chat_8b_one_card"), "deployment.gpu", "nvidia-l40s")
    thumb = judged(scenario, "ram-three")
    assert thumb.said.low == pytest.approx(144 * GB)


def test_a_day_of_requests_is_a_small_rate() -> None:
    """S001-7, E001-8: 1000 a day are 0.012 req/s on average, 10 000 are 0.116."""
    for day, rate in ((1000, 0.012), (10_000, 0.116), (50_000, 0.58)):
        scenario = changed(model__id="llama-3.1-8b", workload__load_kind="per_day", workload__load=float(day))
        thumb = judged(scenario, "rate-by-day")
        assert thumb.said.low == pytest.approx(rate, rel=0.04)
        assert thumb.said.engine == pytest.approx(thumb.said.low * 24 / 8 * 2, rel=1e-6)


def test_the_old_rule_knows_no_batching() -> None:
    thumb = judged(scenario_of("chat_70b_200_users"), "cards-by-concurrency")
    assert thumb.said.low > 10 * thumb.said.engine
    assert thumb.numbers.startswith("ceil(260")


def test_four_bits_are_faster_not_slower() -> None:
    """S001-15: −25 % of the speed; decoding reads fewer bytes (E001-13)."""
    thumb = judged(scenario_of("chat_8b_one_card"), "four-bit-is-slower")
    assert thumb.said.low == 0.25
    assert thumb.said.engine < 0


def test_where_a_rule_stands() -> None:
    assert standing(Said(1, 1, 1.04, Unit.BYTES), 0.05)[0] is Agreement.AGREES
    assert standing(Said(1, 2, 1.5, Unit.BYTES), 0.0) == (Agreement.AGREES, 0.0)
    assert standing(Said(3, 3, 2.0, Unit.BYTES), 0.05) == (Agreement.DIFFERS, 0.5)
    assert standing(Said(8, 8, 2.0, Unit.COUNT), 0.05) == (Agreement.MISLEADS, 3.0)
    assert standing(Said(1, 1, None, Unit.COUNT), 0.05) == (Agreement.MISLEADS, None)
    assert standing(Said(0.25, 0.25, -0.3, Unit.SHARE), 0.05)[0] is Agreement.MISLEADS


@settings(max_examples=60)
@given(low=st.floats(0.1, 1e6), engine=st.floats(0.1, 1e6), within=st.floats(0, 0.5), factor=st.floats(0.01, 100))
def test_standing_does_not_depend_on_the_unit(low: float, engine: float, within: float, factor: float) -> None:
    one, off = standing(Said(low, low, engine, Unit.BYTES), within)
    two, other = standing(Said(low * factor, low * factor, engine * factor, Unit.BYTES), within)
    assert off == pytest.approx(other, rel=1e-9, abs=1e-9)
    if min(abs(abs(off) - within), abs(abs(off) - 1), abs(abs(off) - 0.5)) > 1e-6:
        assert one is two


SMALL = {"model__id": "llama-3.1-8b", "workload__load": 4.0}
H100 = {**SMALL, "deployment__gpu": "nvidia-h100-sxm5-80gb"}


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("geforce-licence", {**SMALL, "deployment__gpu": "nvidia-rtx-4090"}),
        ("no-ecc", {**SMALL, "deployment__gpu": "nvidia-rtx-4090"}),
        ("not-for-servers", {**SMALL, "deployment__gpu": "nvidia-rtx-a5000"}),
        ("export-2022", {**SMALL, "deployment__gpu": "nvidia-a100-sxm4-80gb", "site__country": "CN"}),
        ("export-2023", {**SMALL, "deployment__gpu": "nvidia-rtx-4090", "site__country": "CN"}),
        ("export-blackwell", {**SMALL, "deployment__gpu": "nvidia-b200-sxm-180gb", "site__country": "CN"}),
        ("export-case-by-case", {**SMALL, "deployment__gpu": "nvidia-h200-sxm-141gb", "site__country": "CN"}),
        ("export-licence", {**SMALL, "deployment__gpu": "nvidia-h20-96gb", "site__country": "CN"}),
        ("format-missing", {**SMALL, "deployment__gpu": "nvidia-a100-sxm4-80gb", "precision__weights": "fp8-e4m3"}),
        ("no-bf16", {**SMALL, "deployment__gpu": "nvidia-v100-sxm2-32gb", "precision__weights": "bf16"}),
        ("no-flash-attention", {**SMALL, "deployment__gpu": "nvidia-t4"}),
        ("heads-not-divided", {**SMALL, "deployment__gpu": "nvidia-h100-sxm5-80gb", "deployment__tensor_parallel": 6}),
        ("tensor-over-pcie", {**SMALL, "deployment__gpu": "nvidia-l40s", "deployment__tensor_parallel": 2}),
        ("tensor-across-sockets", {**SMALL, "deployment__gpu": "nvidia-l40s", "deployment__tensor_parallel": 8}),
        ("kv-heads-copied", {**H100, "model__id": "qwen2.5-7b", "deployment__tensor_parallel": 7}),
        ("single-server", {**SMALL, "deployment__gpu": "nvidia-l40s"}),
        ("over-rack-power", {**SMALL, "deployment__gpu": "nvidia-b200-sxm-180gb", "site__rack_kw": 6.0}),
        ("spot-for-service", {**SMALL, "money__cloud_term": "spot"}),
        ("four-bit-small-model", {**SMALL, "model__id": "qwen2.5-7b", "precision__weights": "int4-gptq-g128"}),
        ("beyond-context", {**SMALL, "model__id": "llama-2-7b", "workload__input_tokens": 6000}),
    ],
)  # fmt: skip
def test_guard_rails(name: str, fields: dict[str, object]) -> None:
    scenario = changed(**fields)
    if name == "kv-heads-copied":  # 28 heads on 4 KV heads
        assert CATALOG.models["qwen2.5-7b"].language.layers[0].attention.kv_heads == 4
    assert name in warnings(scenario)


def test_a_sound_plan_runs_into_nothing() -> None:
    scenario = changed(
        **SMALL, deployment__gpu="nvidia-h100-sxm5-80gb", deployment__availability="n_plus_1", site__country="US",
        money__currency="USD", precision__weights="fp8-e4m3",
    )  # fmt: skip
    assert not [name for name in warnings(scenario) if name != "price-unknown"]


def test_export_is_only_asked_where_it_matters() -> None:
    american = changed(**SMALL, deployment__gpu="nvidia-a100-sxm4-80gb", site__country="US")
    assert "export-2022" not in warnings(american)
    unsaid = changed(**SMALL, deployment__gpu="nvidia-a100-sxm4-80gb", money__currency="CNY")
    found = warned_of(unsaid, CATALOG, estimate(unsaid, CATALOG))
    assert next(warned for warned in found if warned.id == "export-2022").severity == "warn"
    told = replace(unsaid, "site.country", "CN")
    found = warned_of(told, CATALOG, estimate(told, CATALOG))
    assert next(warned for warned in found if warned.id == "export-2022").severity == "stop"


def test_a_card_that_export_rules_name_is_not_freely_sold() -> None:
    """The patterns of a guard and the fact of each card go together."""
    from fnmatch import fnmatchcase

    patterns = [pattern for guard in CATALOG.guards.values() if guard.predicate == "export" for pattern in guard.gpus]
    barred = [gpu.id for gpu in CATALOG.gpus.values() if gpu.export.china_new_sale in (False, "restricted")]
    rented = [name for name in barred if CATALOG.gpus[name].form_factor == "cloud"]
    unnamed = [name for name in barred if name not in rented and not any(fnmatchcase(name, pattern) for pattern in patterns)]
    assert unnamed == []


def test_training_rules_apply_to_training_alone() -> None:
    for rule in CATALOG.practice.values():
        if rule.id.startswith(("training-", "recompute-", "zero-", "six-")):
            assert set(rule.kinds) == {WorkloadKind.TUNE.value, WorkloadKind.TRAIN.value}


def test_files_are_listed() -> None:
    assert {path.name for path in (catalogs() / "practice").iterdir()} == {
        "memory.json",
        "serving.json",
        "training.json",
        "host.json",
    }


def test_four_bit_files_are_larger_than_half_a_byte() -> None:
    """S004-4, E004-6, E004-7: INT4 is said to be 0.5 B; Q4_K_M has about 4.85 bits: 7B is 4.1 GB, not 3.4."""
    scenario = changed(
        model__id="llama-2-7b", precision__weights="gguf-q4-k-m", precision__kv_cache="kv-fp16", deployment__engine="llama-cpp",
        workload__load=1.0,
    )  # fmt: skip
    thumb = judged(scenario, "weights-by-bytes")
    assert thumb.said.low == pytest.approx(6.738e9 / 2, rel=0.001)
    assert 3.9e9 < thumb.said.engine < 4.3e9
    assert thumb.agreement is Agreement.DIFFERS
