"""What is published about the JSON of an estimate is what is printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from gpuplanner import assets
from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.report.as_json import estimate_json
from gpuplanner.report.estimate_schema import Answer, as_text
from gpuplanner.report.parts_json import ALL, PARTS, USUAL, chosen_parts, with_parts
from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.scenario.files import load_scenario

CATALOG = load_catalog()
EXAMPLES = sorted((assets.resources() / "examples").glob("*.gpuplan"))


def printed(scenario: Scenario, parts: str) -> object:
    """The answer as another program reads it."""
    answer = estimate(scenario, CATALOG)
    whole = with_parts(estimate_json(scenario, answer, CATALOG), scenario, answer, CATALOG, chosen_parts(parts, USUAL))
    return json.loads(json.dumps(whole, allow_nan=False))


@pytest.mark.parametrize("path", EXAMPLES[::3], ids=lambda path: path.stem)
def test_an_answer_is_as_it_is_published(path: Path) -> None:
    Answer.model_validate(printed(load_scenario(path).scenario, "money,cloud"))


def test_advice_is_as_it_is_published() -> None:
    found = Answer.model_validate(printed(load_scenario(EXAMPLES[0]).scenario, "advice"))
    assert found.advice is not None
    assert found.advice.changes
    assert not found.plans
    best = found.advice.changes[0]
    assert best.set
    assert best.message.text_zh != best.message.text_en
    assert any(effect.figure == "purchase" for effect in best.effects)


def test_an_estate_and_its_phases_have_a_whole() -> None:
    estate = next(path for path in EXAMPLES if "estate" in path.name)
    scenario = replace(replace(load_scenario(estate).scenario, "site.growth_per_year", 0.3), "site.growth_years", 2)
    money = Answer.model_validate(printed(scenario, "money")).money
    assert money is not None
    assert money.whole is not None
    assert len(money.whole.workloads) == 1 + len(scenario.estate.more)
    assert sum(work.part for work in money.whole.workloads) == pytest.approx(1)
    whole = money.whole.figures["purchase_total"].value
    assert sum(work.purchase.value or 0 for work in money.whole.workloads) == pytest.approx(whole)
    assert [phase.name.params["year"] for phase in money.whole.phases] == [0, 1, 2]
    assert sum(phase.added.value or 0 for phase in money.whole.phases) == pytest.approx(money.whole.phases[-1].bought.value)


def test_a_refusal_has_its_parts_too() -> None:
    found = Answer.model_validate(printed(replace(Scenario(), "model.id", "no-such-model"), "money,cloud,advice"))
    assert found.refusal is not None
    assert (found.money, found.cloud, found.advice) == (None, None, None)


def test_the_schema_stands_in_the_documents() -> None:
    text = as_text()
    assert (assets.resources().parent / "docs" / "estimate.schema.json").read_text(encoding="utf-8") == text
    schema = json.loads(text)
    assert set(PARTS) <= set(schema["properties"])
    assert schema["additionalProperties"] is False


def test_what_is_not_published_is_refused() -> None:
    answer = printed(load_scenario(EXAMPLES[0]).scenario, "money")
    assert isinstance(answer, dict)
    answer["money"]["secret"] = 1
    with pytest.raises(ValidationError):
        Answer.model_validate(answer)


def test_all_names_every_part() -> None:
    assert chosen_parts(ALL, USUAL) == {"plans", *PARTS}
    assert "advice" not in USUAL


def test_servers_room_and_estate_are_as_they_are_published() -> None:
    estate = next(path for path in EXAMPLES if "estate" in path.name)
    scenario = replace(load_scenario(estate).scenario, "estate.gpu", "nvidia-h100-sxm5-80gb")
    found = Answer.model_validate(printed(replace(scenario, "estate.slices", True), "site,estate"))
    assert found.site is not None
    assert found.estate is not None
    assert {host.figures["cores_fitted"].value for host in found.site.hosts}
    cut = [gpu for gpu in found.estate.placement if gpu.slots]
    assert cut
    assert all(share.cut and share.size for gpu in cut for share in gpu.workloads)
    assert {work.cut for work in found.estate.workloads} > {None}
