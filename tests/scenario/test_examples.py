"""The examples that come with the program."""

from __future__ import annotations

import pytest

from gpuplanner import texts
from gpuplanner.scenario.document import LoadKind, WorkloadKind
from gpuplanner.scenario.examples import Example, examples
from gpuplanner.scenario.files import document_bytes, load_scenario

ALL = examples()


def test_there_is_one_for_every_kind_of_question() -> None:
    scenarios = [load_scenario(example.path).scenario for example in ALL]
    assert len(scenarios) >= 7
    assert {"llama-3.1-8b", "llama-3.3-70b", "deepseek-r1", "gpt-oss-120b"} <= {scenario.model.id for scenario in scenarios}
    assert any(scenario.workload.load == 200 for scenario in scenarios)
    assert any(scenario.workload.input_tokens > 120_000 for scenario in scenarios)
    assert {scenario.workload.kind for scenario in scenarios} == set(WorkloadKind)
    assert {scenario.workload.load_kind for scenario in scenarios} == set(LoadKind)
    assert {scenario.money.currency for scenario in scenarios} == {"CNY", "USD"}
    assert any(not scenario.name.isascii() for scenario in scenarios)


@pytest.mark.parametrize("example", ALL, ids=lambda example: example.key)
def test_an_example_is_well(example: Example) -> None:
    assert example.path.name.isascii()
    loaded = load_scenario(example.path)
    assert loaded.warnings == ()
    assert loaded.scenario.name
    assert loaded.scenario.note
    assert example.path.read_bytes() == document_bytes(loaded.scenario, ""), "in the form the program writes"
    titles = {texts.text_in(lang, f"example_file.{example.key}") for lang in texts.LANGUAGES}
    assert len(titles) == 2
    assert example.title() in titles


@pytest.mark.parametrize("example", ALL, ids=lambda example: example.key)
def test_an_example_names_what_the_catalogue_knows(example: Example) -> None:
    from gpuplanner.catalog.load import load_catalog

    catalog = load_catalog()
    scenario = load_scenario(example.path).scenario
    model = catalog.models[scenario.model.id]
    assert model.shape is not None
    longest = scenario.workload.input_tokens + scenario.workload.output_tokens
    if scenario.workload.kind.trains:
        longest = scenario.training.sequence_tokens
    elif scenario.workload.kind.passes:
        longest = scenario.encoding.tokens if model.kind.takes in ("texts", "pairs") else 0
    limited = scenario.workload.kind.writes or model.max_context is not None  # a vision model's length follows from its picture
    assert not limited or longest <= (model.max_context or 0)
    assert scenario.precision.weights in catalog.precisions
    assert scenario.precision.kv_cache in catalog.precisions
    assert scenario.deployment.engine in catalog.engines
    assert scenario.deployment.gpu is None or scenario.deployment.gpu in catalog.gpus
