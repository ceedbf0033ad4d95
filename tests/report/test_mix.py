"""Two kinds of GPU in quote, JSON, files and comparison."""

from __future__ import annotations

import json
from dataclasses import replace as changed
from datetime import date

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.codes import code_text
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.planner.mixed import kind_of
from gpuplanner.engine.result import Estimate, Mix
from gpuplanner.engine.site.build import site_of
from gpuplanner.report.as_json import estimate_json
from gpuplanner.report.comparison import side_of
from gpuplanner.report.compose import compose
from gpuplanner.report.content import Metadata, QuoteContent
from gpuplanner.report.deploy.build import deployment_files
from gpuplanner.report.estimate_schema import Answer
from gpuplanner.report.names import gpu_name
from gpuplanner.report.options import Picked
from gpuplanner.report.parts_json import USUAL, chosen_parts, with_parts
from gpuplanner.scenario.document import Scenario, replace

CATALOG = load_catalog()
H100, L40S = "nvidia-h100-sxm5-80gb", "nvidia-l40s"
BOTH = f"{gpu_name(H100, CATALOG)} + {gpu_name(L40S, CATALOG)}"
DAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    small = replace(replace(Scenario(), "model.id", "llama-3.1-8b"), "workload.load", 300.0)
    return replace(replace(small, "deployment.gpu", H100), "deployment.second_gpu", L40S)


@pytest.fixture(scope="module")
def answer(scenario: Scenario) -> Estimate:
    """Two replicas on H100, three on L40S."""
    found = estimate(scenario, CATALOG)
    first, second = found.plan(H100), found.plan(L40S)
    assert first is not None
    assert second is not None
    parts = kind_of(scenario, CATALOG, first).part(2, 0.7), kind_of(scenario, CATALOG, second).part(3, 0.3)
    mix = Mix(parts, parts[0])
    plans = tuple(changed(plan, mix=mix) if plan.gpu_id == H100 else plan for plan in found.plans)
    return changed(found, plans=plans, mix=mix)


@pytest.fixture(scope="module")
def content(scenario: Scenario, answer: Estimate) -> QuoteContent:
    return compose(scenario, answer, CATALOG, Metadata("Q-1", DAY, "1.0"), picked=Picked(gpus=(L40S,)))


def test_a_quote_lists_servers_of_both_kinds(content: QuoteContent, scenario: Scenario, answer: Estimate) -> None:
    lines = {line.key: line for line in content.lines}
    site = site_of(scenario, CATALOG, answer)
    for key in (f"gpu_server.{H100}", f"gpu_server.{L40S}"):
        price = next(line.unit_price for line in site.lines if line.key == key)
        assert lines[key].count == 1
        assert lines[key].unit_price == pytest.approx(price.value)
    assert content.gpu == BOTH
    said = code_text(content.layout)
    assert "2 replicas" in said
    assert "3 replicas" in said
    once = {cost.key: cost.amount.value for cost in content.life.costs if not cost.yearly}
    total = sum(lines[f"gpu_server.{gpu}"].unit_price for gpu in (H100, L40S))
    assert once["gpu_servers"] == pytest.approx(total)
    assert content.options[0].gpu_name == content.gpu
    assert lines[f"gpu_server.{H100}"].specification != lines[f"gpu_server.{L40S}"].specification
    assert lines[f"gpu_server.{L40S}"].footnote is None  # the note on prices is that of the H100


def test_its_json_is_as_it_is_published(scenario: Scenario, answer: Estimate) -> None:
    whole = with_parts(estimate_json(scenario, answer, CATALOG), scenario, answer, CATALOG, chosen_parts("site,money", USUAL))
    found = Answer.model_validate(json.loads(json.dumps(whole, allow_nan=False)))
    assert found.mix is not None
    assert [(part.gpu, part.replicas, part.bought_gpus) for part in found.mix.parts] == [(H100, 2, 8), (L40S, 3, 3)]
    assert found.site is not None
    assert [host.line for host in found.site.hosts] == [f"gpu_server.{H100}", f"gpu_server.{L40S}"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_files_start_the_first_kind_and_say_so(scenario: Scenario, answer: Estimate, lang: str) -> None:
    files = {file.path: file.text for file in deployment_files(scenario, CATALOG, answer, ["k8s"], [lang])}
    sheet = next(text for path, text in files.items() if path.startswith("README"))
    assert "NVIDIA L40S" in sheet
    manifest = next(text for path, text in files.items() if path.endswith(".yaml"))
    assert "replicas: 2" in manifest


def test_a_comparison_counts_both(scenario: Scenario, answer: Estimate) -> None:
    side = side_of("Mix", scenario, answer, CATALOG)
    assert side.gpu == BOTH
    assert side.life["purchase_total"].value == site_of(scenario, CATALOG, answer).figures["purchase"].value
