"""What choices of the serving engine do to the figures, against published figures and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.explain import OPENERS, explain
from gpuplanner.engine.formula import REGISTRY, evaluate_text
from gpuplanner.engine.speed.pace import tokens_per_step
from gpuplanner.engine.speed.whole import largest_of, longest_output
from gpuplanner.scenario.document import LoadKind, Scenario
from gpuplanner.scenario.serving import Batching, Speculation
from tests.engine.load.test_curve import planned, with_changes


def figure(catalog: Catalog, key: str, **changes: object) -> float:
    value = planned(catalog, with_changes(**changes)).figures[key].value
    assert value is not None
    return value


def test_tokens_per_step_as_published() -> None:
    # Leviathan et al., arXiv 2211.17192, figure 2: gamma 5, alpha 0.8 gives 3.69; DeepSeek-V3, 2412.19437: one token at 85 to
    # 90 % makes 1.8 times the tokens per second
    assert tokens_per_step(0.8, 5) == pytest.approx(3.69, abs=0.01)
    assert 1.8 <= tokens_per_step(0.85, 1) <= 1.9


def test_longest_of_a_batch_as_drawn() -> None:
    # tables of order statistics: the largest of 8, 32 and 128 normal draws lies 1.42, 2.07 and 2.60 deviations above the mean
    assert [largest_of(count) for count in (1, 8, 32, 128)] == pytest.approx([0.0, 1.42, 2.07, 2.60], abs=0.12)
    assert longest_output(500.0, 0.0, largest_of(64), 64) == 500.0
    assert longest_output(500.0, 0.5, largest_of(1), 1) == 500.0
    drawn = np.random.default_rng(3).lognormal(-0.5 * np.log(1.25), np.sqrt(np.log(1.25)), (4000, 64)).max(axis=1).mean()
    assert longest_output(1.0, 0.5, largest_of(64), 64) == pytest.approx(drawn, rel=0.05)


def test_speculation_helps_one_user_and_more_the_more_holds(catalog: Catalog) -> None:
    one = {"workload__load": 1, "deployment__tensor_parallel": 2}
    plain = figure(catalog, "tpot", **one)
    heads = [
        figure(catalog, "tpot", **one, serving__speculation=Speculation.HEADS, serving__acceptance=share)
        for share in (0.0, 0.5, 0.9)
    ]
    assert heads[0] > heads[1] > heads[2]
    assert 1.5 < plain / heads[2] < 4  # EAGLE and its kin are published at 2 to 4 times
    ngram = figure(catalog, "tpot", **one, serving__speculation=Speculation.NGRAM, serving__acceptance=0.5)
    assert ngram < heads[1]  # looking text up costs nothing


def test_a_larger_draft_costs_more(catalog: Catalog) -> None:
    one, eight = (
        figure(
            catalog, "tpot", workload__load=1, serving__speculation=Speculation.DRAFT, serving__draft_model=name,
            deployment__tensor_parallel=2,
        )
        for name in ("llama-3.2-1b", "llama-3.1-8b")
    )  # fmt: skip
    assert eight > one * 1.2


def test_speculation_costs_throughput_when_nothing_holds(catalog: Catalog) -> None:
    fixed = {"workload__kind": "batch", "deployment__tensor_parallel": 2, "deployment__pipeline_parallel": 1}
    vain = {"serving__speculation": Speculation.HEADS, "serving__acceptance": 0.0}
    plans = [planned(catalog, with_changes(**fixed, **changes)) for changes in ({}, vain)]
    each = [(plan.figures["throughput"].value or 0.0) / plan.replicas for plan in plans]
    assert each[1] < 0.9 * each[0]


def test_adapters_slow_a_step_by_what_was_published(catalog: Catalog) -> None:
    # Punica, arXiv 2310.18547: 2 ms more per token on a model of 32 layers
    one = {"model__id": "llama-3.1-8b", "precision__weights": "bf16", "workload__load": 32, "deployment__tensor_parallel": 1}
    more = figure(catalog, "tpot_mean", **one, serving__adapters=32) - figure(catalog, "tpot_mean", **one)
    assert 0.001 < more < 0.006


def test_layers_in_host_memory_slow_tokens_to_its_bandwidth(catalog: Catalog) -> None:
    one = {"model__id": "llama-3.1-8b", "precision__weights": "gguf-q4-k-m", "precision__kv_cache": "kv-fp16",
           "workload__load": 1,
           "deployment__engine": "llama-cpp", "targets__ttft_s": None, "targets__tpot_s": None}  # fmt: skip
    paces = [figure(catalog, "tpot_mean", **one, serving__gpu_layers=layers) for layers in (32, 24, 16, 0)]
    assert paces == sorted(paces)
    # by hand: 32 layers of 4.9 GB at 150 GB/s
    assert 0.02 < paces[-1] - paces[0] < 0.05


def test_without_graphs_small_models_wait_for_the_host(catalog: Catalog) -> None:
    small = {"model__id": "llama-3.2-1b", "precision__weights": "bf16", "workload__load": 1}
    assert figure(catalog, "tpot", **small, serving__cuda_graphs=False) > 1.3 * figure(catalog, "tpot", **small)
    large = {"workload__load": 64, "deployment__tensor_parallel": 2}
    assert figure(catalog, "tpot", **large, serving__cuda_graphs=False) == pytest.approx(
        figure(catalog, "tpot", **large), rel=0.05
    )


def test_static_batches_carry_less_and_ragged_ones_less_still(catalog: Catalog) -> None:
    fixed = {"workload__load": 64, "deployment__tensor_parallel": 2, "targets__ttft_s": None, "targets__tpot_s": None}
    continuous = figure(catalog, "throughput", **fixed, workload__output_spread=0.8)
    even = figure(catalog, "throughput", **fixed, serving__batching=Batching.STATIC)
    ragged = figure(catalog, "throughput", **fixed, serving__batching=Batching.STATIC, workload__output_spread=0.8)
    # Orca and vLLM: request-level batching loses a factor of two and more to continuous batching
    assert continuous > 2 * ragged
    assert even > 1.5 * ragged


def test_dynamic_batches_wait_to_fill(catalog: Catalog) -> None:
    fixed = {"workload__load_kind": LoadKind.PER_SECOND, "workload__load": 1.0, "targets__ttft_s": None, "targets__tpot_s": None,
             "deployment__tensor_parallel": 2, "serving__batching": Batching.DYNAMIC}  # fmt: skip
    soon, late = (figure(catalog, "ttft", **fixed, serving__dynamic_delay_s=delay) for delay in (0.01, 1.0))
    assert late > soon + 0.9


def test_whole_prompts_halt_the_others(catalog: Catalog) -> None:
    fixed = {"workload__load": 64, "deployment__tensor_parallel": 4, "workload__input_tokens": 8000}
    assert figure(catalog, "tpot", **fixed, serving__chunked_prefill=False) > figure(catalog, "tpot", **fixed)


@pytest.mark.parametrize(
    "changes",
    [
        {"serving__speculation": Speculation.HEADS},
        {"serving__speculation": Speculation.DRAFT, "serving__draft_model": "llama-3.2-1b"},
        {"serving__cuda_graphs": False},
        {"serving__adapters": 16},
        {"serving__chunked_prefill": False},
        {"serving__batching": Batching.STATIC, "workload__output_spread": 0.5},
        {"serving__batching": Batching.DYNAMIC},
        {"workload__load_kind": LoadKind.USERS, "workload__load": 400.0, "workload__input_spread": 0.8},
    ],
)
def test_every_figure_still_opens(catalog: Catalog, changes: dict[str, object]) -> None:
    scenario: Scenario = with_changes(**changes)
    plan = planned(catalog, scenario)
    opened = 0
    for key in OPENERS:
        try:
            found = explain(scenario, catalog, plan, key)
        except KeyError:
            continue
        opened += 1
        value = evaluate_text(REGISTRY[found.formula_id].text, {term.symbol: term.value for term in found.terms})
        assert value == pytest.approx(found.result.value, rel=1e-6), key
    assert opened > 20
