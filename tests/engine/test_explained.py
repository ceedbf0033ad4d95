"""Every example, every figure: what "Why" opens computes the figure that the plan shows, down to what it opens into."""

from __future__ import annotations

import pytest

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.explain import explain
from gpuplanner.engine.formula import REGISTRY, evaluate_text
from gpuplanner.engine.result import Explanation, Plan
from gpuplanner.scenario.document import LoadKind, Scenario, replace
from gpuplanner.scenario.examples import examples
from gpuplanner.scenario.files import load_scenario
from gpuplanner.scenario.serving import Batching

EXAMPLES = {example.key: load_scenario(example.path).scenario for example in examples()}
MAIN = {"throughput", "ttft", "tpot", "e2e", "item_rate", "request_rate", "memory_per_gpu", "training_time", "step_time"}


def computed(opened: Explanation) -> float:
    """What the printed formula gives with the printed terms."""
    text = REGISTRY[opened.formula_id].text
    return evaluate_text(text, {term.symbol: term.value for term in opened.terms})


def check(scenario: Scenario, catalog: Catalog, plan: Plan) -> set[str]:
    """Open every figure and what it opens into; the keys that open."""
    seen: set[str] = set()
    asked = list(plan.figures)
    while asked:
        key = asked.pop()
        try:
            opened = explain(scenario, catalog, plan, key)
        except KeyError:
            assert key in plan.figures, f"{key} is offered and does not open"
            continue
        seen.add(key)
        figure = plan.figures.get(key)
        assert figure is None or figure.value is not None, f"{key} is unknown and opens"
        assert computed(opened) == pytest.approx(opened.result.value, rel=1e-6, abs=1e-9), key
        if figure is not None:
            assert opened.result.value == pytest.approx(figure.value, rel=1e-9), key
        for term in opened.terms:
            if term.opens and term.opens not in seen:
                assert explain(scenario, catalog, plan, term.opens).result.value == pytest.approx(term.value, rel=1e-6), (
                    key,
                    term.opens,
                )
                asked.append(term.opens)
    return seen


@pytest.mark.parametrize("key", EXAMPLES)
def test_explanations_of_an_example_come_to_its_figures(key: str, catalog: Catalog) -> None:
    scenario = EXAMPLES[key]
    plan = estimate(scenario, catalog).plan()
    assert plan is not None
    seen = check(scenario, catalog, plan)
    assert {key for key in MAIN & set(plan.figures) if plan.figures[key].value is not None} <= seen


@pytest.mark.parametrize("batching", [Batching.CONTINUOUS, Batching.DYNAMIC])
@pytest.mark.parametrize(("kind", "load"), [(LoadKind.PER_SECOND, 3.0), (LoadKind.PER_DAY, 40_000.0), (LoadKind.USERS, 500.0)])
def test_loads_that_come_by_themselves_are_carried(kind: LoadKind, load: float, batching: Batching, catalog: Catalog) -> None:
    scenario = replace(replace(Scenario(), "workload.load_kind", kind), "workload.load", load)
    scenario = replace(replace(scenario, "deployment.growth", 0.25), "serving.batching", batching)
    plan = estimate(scenario, catalog).plan("nvidia-h200-sxm-141gb")
    assert plan is not None
    assert {"throughput", "request_rate", "arrivals", "token_capacity"} <= check(scenario, catalog, plan)


def test_a_plan_whose_scenario_was_changed_meanwhile_has_nothing_to_open(catalog: Catalog) -> None:
    """Undo may bring a scenario that is refused while the plan of the one before still stands."""
    embedding = next(example for example in examples() if "embedding" in example.path.name)
    scenario = load_scenario(embedding.path).scenario
    plan = estimate(scenario, catalog).plan()
    assert plan is not None
    other = replace(scenario, "model.id", "llama-3.3-70b")
    assert estimate(other, catalog).refusal is not None
    for key in ("weights", "pass_time"):
        with pytest.raises(KeyError):
            explain(other, catalog, plan, key)
