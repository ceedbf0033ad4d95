"""Images and encoding in table, JSON and quote, on the examples."""

from __future__ import annotations

from datetime import date

import pytest

from gpuplanner import texts
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.commands.answer_table import answer_lines
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Estimate
from gpuplanner.report.as_json import estimate_json
from gpuplanner.report.compose import compose
from gpuplanner.report.content import Metadata
from gpuplanner.report.markdown import quote_markdown
from gpuplanner.report.wording import words
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.examples import examples
from gpuplanner.scenario.files import load_scenario

METADATA = Metadata(number="Q-1", day=date(2026, 11, 21), version="1.0")
PASSING = [example for example in examples() if load_scenario(example.path).scenario.workload.kind.passes]
OF_TEXT = {"ttft", "tpot", "throughput", "cost_per_million"}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return load_catalog(user_dir=tmp_path_factory.mktemp("nobody"))


def answered(key: str, catalog: Catalog) -> tuple[Scenario, Estimate]:
    scenario = load_scenario(next(example.path for example in PASSING if example.key == key)).scenario
    return scenario, estimate(scenario, catalog)


@pytest.mark.parametrize("lang", texts.LANGUAGES)
@pytest.mark.parametrize("key", [example.key for example in PASSING])
def test_a_quote_speaks_of_requests_and_items(key: str, lang: str, catalog: Catalog) -> None:
    scenario, found = answered(key, catalog)
    content = compose(scenario, found, catalog, METADATA)
    assert len(content.figures) == 6
    shown = {figure.key for figure in (*content.figures, *content.performance)}
    assert {"e2e", "item_rate"} <= shown
    assert not OF_TEXT & shown
    assert [figure.key for figure in content.latencies] == ["e2e"]
    written = quote_markdown(words(content, lang))
    for word in ("token/s", "tok/s", "首 token", "First token"):
        assert word not in written, word
    assert content.formulas


@pytest.mark.parametrize("lang", texts.LANGUAGES)
@pytest.mark.parametrize("key", [example.key for example in PASSING])
def test_the_table_says_what_a_request_is(key: str, lang: str, catalog: Catalog) -> None:
    texts.set_language(lang)
    scenario, found = answered(key, catalog)
    written = answer_lines(scenario, found, catalog)
    assert texts.text("cli.estimate.column.item_rate") in written
    assert texts.text("report.figure.ttft") not in written
    assert texts.text("report.part.kv_cache") not in written or key.startswith("speech")


def test_the_object_says_what_a_pass_is_made_of(catalog: Catalog) -> None:
    scenario, found = answered("images_sdxl", catalog)
    plan = next(plan for plan in estimate_json(scenario, found, catalog)["plans"] if plan["gpu"] == found.chosen)
    made = plan["passes"]
    assert (made["item"], made["width"], made["steps"], made["tokens"], made["audio_s"]) == ("image", 1024, 30, None, None)
    assert sum(made["parts_s"].values()) == pytest.approx(plan["figures"]["pass_time"]["value"], rel=1e-6)
    assert plan["training"] is None
