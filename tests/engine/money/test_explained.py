"""Every figure of owning opens, gives itself back, and leads down to fields and catalogue values."""

from __future__ import annotations

import pytest

from gpuplanner import texts
from gpuplanner.catalog.load import load_catalog
from gpuplanner.codes import code_text
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.explain import explain
from gpuplanner.engine.explain.life import keys
from gpuplanner.engine.formula import REGISTRY
from gpuplanner.engine.money.build import money_of
from gpuplanner.engine.site.build import site_of
from gpuplanner.scenario.document import CloudTerm, get, replace
from gpuplanner.scenario.examples import examples
from gpuplanner.scenario.files import load_scenario

CATALOG = load_catalog()


@pytest.mark.parametrize("name", ["serve_llama_7b", "images_sdxl", "train_llama_7b"])
def test_every_figure_gives_itself_back(name: str) -> None:
    path = next(example.path for example in examples() if example.key == name)
    scenario = load_scenario(path).scenario
    for change, value in (
        ("money.support", 0.05), ("money.tax", 0.13), ("money.installation", 0.02), ("money.residual", 0.1),
        ("money.staff", 0.5), ("money.staff_per_year", 300_000), ("money.rack_rent_per_year", 60_000),
        ("money.cloud_term", CloudTerm.SPOT), ("money.egress_gb_per_month", 100), ("money.egress_per_gb", 0.5),
    ):  # fmt: skip
        scenario = replace(scenario, change, value)
    answer = estimate(scenario, CATALOG)
    plan = answer.plan()
    assert plan is not None
    site = site_of(scenario, CATALOG, answer, plan)
    money = money_of(scenario, CATALOG, answer, plan, site)
    opened = 0
    for key in keys(plan):
        try:
            explained = explain(scenario, CATALOG, plan, key)
        except KeyError:
            continue
        opened += 1
        value = REGISTRY[explained.formula_id].function(*(term.value for term in explained.terms))
        assert value == pytest.approx(explained.result.value)
        figure = money.life.figures.get(key.removeprefix("life."))
        if figure is not None:
            assert explained.result.value == pytest.approx(figure.value)
        for term in explained.terms:
            assert texts.has(term.name)
            assert code_text(term.source, "zh")
            if term.opens is not None and term.opens.startswith("life."):
                assert explain(scenario, CATALOG, plan, term.opens).result.value == pytest.approx(term.value)
            if term.edit is not None:
                get(scenario, term.edit)
        for note in explained.notes:
            assert code_text(note, "en")
    assert opened >= 7


def test_an_unknown_price_has_nothing_to_open() -> None:
    path = next(example.path for example in examples() if example.key == "serve_llama_7b")
    scenario = replace(load_scenario(path).scenario, "deployment.gpu", "amd-mi325x")
    plan = estimate(scenario, CATALOG).plan()
    assert plan is not None
    with pytest.raises(KeyError):
        explain(scenario, CATALOG, plan, "life.tco")
