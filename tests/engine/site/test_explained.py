"""Every figure of servers and room opens, and says what the site shows."""

from __future__ import annotations

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.explain import explain
from gpuplanner.engine.explain.site import OPENERS
from gpuplanner.engine.site.build import site_of
from gpuplanner.scenario.document import Scenario, WorkloadKind, replace
from gpuplanner.texts import has

CATALOG = load_catalog()
H100 = "nvidia-h100-sxm5-80gb"
CHAT = replace(replace(Scenario(), "deployment.gpu", H100), "workload.load", 900)
TUNE = replace(replace(Scenario(), "workload.kind", WorkloadKind.TUNE), "deployment.gpu", H100)


@pytest.mark.parametrize("scenario", [CHAT, TUNE], ids=["chat", "tune"])
def test_what_is_explained_is_what_is_shown(scenario: Scenario) -> None:
    answer = estimate(scenario, CATALOG)
    plan = answer.plan(H100)
    assert plan is not None
    site = site_of(scenario, CATALOG, answer, plan)
    shown = {f"site.{key}": quantity.value for key, quantity in {**site.hosts[0].figures, **site.figures}.items()}
    opened = 0
    for key in OPENERS:
        try:
            found = explain(scenario, CATALOG, plan, key)
        except KeyError:
            assert key in ("site.write_rate", "site.server_nameplate")
            continue
        opened += 1
        assert has(f"explain.{key}")
        if key in shown and key != "site.heat":
            assert found.result.value == pytest.approx(shown[key]), key
        bare = found.numbers.rpartition("=")[2]
        assert bare
    assert opened >= 10


def test_power_opens_down_to_the_datasheet() -> None:
    plan = estimate(CHAT, CATALOG).plan(H100)
    assert plan is not None
    terms = {term.symbol: term for term in explain(CHAT, CATALOG, plan, "site.power_load").terms}
    assert terms["W_s"].opens == "site.server_load"
    below = explain(CHAT, CATALOG, plan, "site.server_load")
    assert below.terms[0].value == pytest.approx(10_200)  # DGX H100: 10.2 kW at most
    assert "DGX H100" in str(below.terms[0].source.params)
