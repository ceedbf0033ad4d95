"""Old files: a frozen sample of each version, and the chain itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gpuplanner.scenario.document import VERSION
from gpuplanner.scenario.files import load_scenario
from gpuplanner.scenario.migrations import STEPS, Document, migrate

DATA = Path(__file__).parents[1] / "data"


@pytest.mark.parametrize("version", range(1, VERSION + 1))
def test_a_file_of_every_version_opens(version: int) -> None:
    path = DATA / f"scenario-v{version}.gpuplan"
    assert json.loads(path.read_bytes())["version"] == version
    loaded = load_scenario(path)
    assert not any(message.code == "warning.file.newer" for message in loaded.warnings)
    scenario = loaded.scenario
    assert scenario.name == "Support chat, 70B for 200 users"
    assert scenario.customer == "Example Bank"
    assert scenario.model.id == "llama-3.3-70b"
    assert (scenario.precision.weights, scenario.precision.kv_cache) == ("fp8-e4m3", "kv-fp8")
    assert (scenario.workload.input_tokens, scenario.workload.output_tokens, scenario.workload.load) == (2048, 512, 200)
    assert (scenario.targets.ttft_s, scenario.targets.tpot_s, scenario.targets.percentile) == (1.0, 0.04, 0.95)
    assert (scenario.deployment.availability, scenario.deployment.growth) == ("n_plus_1", 0.3)
    assert (scenario.money.currency, scenario.money.electricity_per_kwh) == ("USD", 0.12)


def test_there_is_a_step_from_every_old_version() -> None:
    assert set(STEPS) == set(range(1, VERSION))


def _rename(document: Document) -> Document:
    scenario = dict(document["scenario"])
    scenario["customer"] = scenario.pop("client")
    return {**document, "scenario": scenario}


def _nest(document: Document) -> Document:
    return {**document, "scenario": {"parties": document["scenario"]}}


def test_the_chain_runs_each_step_once_in_order() -> None:
    old = {"format": "gpuplan", "version": 1, "later": 5, "scenario": {"client": "A"}}
    new = migrate(old, {1: _rename, 2: _nest}, target=3)
    assert new == {"format": "gpuplan", "version": 3, "later": 5, "scenario": {"parties": {"customer": "A"}}}
    assert old == {"format": "gpuplan", "version": 1, "later": 5, "scenario": {"client": "A"}}
    assert migrate(new, {1: _rename, 2: _nest}, target=3) is new


def test_a_gap_in_the_chain_is_a_fault() -> None:
    with pytest.raises(KeyError):
        migrate({"version": 1, "scenario": {}}, {2: _nest}, target=3)
