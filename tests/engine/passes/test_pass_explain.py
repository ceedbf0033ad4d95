"""Every figure of a plan of passes opens down to fields, constants and datasheets."""

from __future__ import annotations

import pytest

from gpuplanner import texts
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.explain import explain
from gpuplanner.scenario.document import Scenario

H100 = "nvidia-h100-sxm5-80gb"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def asked(model: str, kind: str, **workload: object) -> Scenario:
    load = {"kind": kind, "load_kind": "per_second", "load": 0.5, **workload}
    return Scenario.model_validate({"model": {"id": model}, "precision": {"weights": "fp16"}, "workload": load})


@pytest.mark.parametrize(
    "scenario",
    [
        asked("sdxl-base-1.0", "generate"),
        asked("sdxl-base-1.0", "generate", load_kind="concurrency", load=6),
        asked("bge-m3", "encode", load=800.0),
        asked("bge-m3", "encode", load_kind="users", load=500),
        asked("whisper-large-v3", "encode", load_kind="per_day", load=100_000),
        asked("resnet-50", "encode"),
    ],
    ids=lambda scenario: f"{scenario.model.id}-{scenario.workload.load_kind}",
)
def test_figures_open_to_the_bottom(catalog: Catalog, scenario: Scenario) -> None:
    plan = estimate(scenario, catalog).plan(H100)
    assert plan is not None
    waiting = [key for key, figure in plan.figures.items() if figure.value is not None]
    seen: set[str] = set()
    while waiting:
        key = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        found = explain(scenario, catalog, plan, key)
        if key in plan.figures:  # what the formula gives is what the plan shows
            assert found.result.value == plan.figures[key].value
        assert f"reference.{found.formula_id}" in texts.entries()
        assert all(term.name in texts.entries() for term in found.terms)
        waiting += [term.opens for term in found.terms if term.opens]
    assert any(key.startswith("operator@") for key in seen)


@pytest.mark.parametrize("key", ["e2e", "e2e_mean", "pass_time", "item_rate", "capacity_rate", "cost_per_thousand", "step_time"])
def test_a_formula_gives_the_figure(catalog: Catalog, key: str) -> None:
    from gpuplanner.engine.formula import REGISTRY

    scenario = asked("sdxl-base-1.0", "generate", load=3.0)
    plan = estimate(scenario, catalog).plan(H100)
    assert plan is not None
    found = explain(scenario, catalog, plan, key)
    opened = REGISTRY[found.formula_id]
    given = dict(zip(opened.symbols, (term.value for term in found.terms), strict=True))
    assert float(opened.function(**given)) == pytest.approx(plan.figures[key].value, rel=1e-6)
