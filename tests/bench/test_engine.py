"""How long the plan over all GPUs takes, and how many configurations it looks at in that time."""

from __future__ import annotations

import statistics

import pytest

from gpuplanner import assets
from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.scenario.files import load_scenario
from tests.bench.conftest import Record


def test_whole_plan(benchmark, record: Record):
    catalog = load_catalog()
    # A person types: no two estimates are of the same scenario.
    scenarios = iter([replace(Scenario(), "workload.input_tokens", 2048 + step) for step in range(400)])
    estimate(Scenario(), catalog)
    candidates: list[int] = []

    def plan() -> None:
        candidates.append(estimate(next(scenarios), catalog).candidates)

    benchmark.pedantic(plan, rounds=100, warmup_rounds=5)
    median_s = benchmark.stats.stats.median
    record("engine.estimate, whole plan over all GPUs, median", median_s * 1e3, 15, "ms")
    record("configurations evaluated", statistics.median(candidates) / median_s, 1e6, "/s", more_is_better=True)
    benchmark.extra_info["candidates"] = statistics.median(candidates)


TRAINED = ("09-finetune-glm-4-9b", "10-train-llama-7b", "12-finetune-70b-lora", "14-train-gpt-3-175b", "16-train-vit-large")


@pytest.mark.parametrize("name", [*TRAINED, "405b"])
def test_whole_training_plan(benchmark, record: Record, name: str):
    catalog = load_catalog()
    if name == "405b":
        first = replace(replace(Scenario(), "workload.kind", "train"), "model.id", "llama-3.1-405b")
    else:
        first = load_scenario(assets.resources() / "examples" / f"{name}.gpuplan").scenario
    scenarios = iter([replace(first, "training.sequence_tokens", 4096 + 64 * step) for step in range(200)])
    estimate(first, catalog)
    candidates: list[int] = []

    def plan() -> None:
        candidates.append(estimate(next(scenarios), catalog).candidates * len(catalog.gpus))

    benchmark.pedantic(plan, rounds=30, warmup_rounds=3)
    median_s = benchmark.stats.stats.median
    record(f"engine.estimate, training plan over all GPUs, {name}", median_s * 1e3, 15, "ms")
    if name == "405b":
        record("training layouts timed", statistics.median(candidates) / median_s, 1e6, "/s", more_is_better=True)


def test_catalogue_loads(benchmark, record: Record):
    def load() -> None:
        catalog = load_catalog()
        assert (
            sum(map(len, (catalog.gpus, catalog.servers, catalog.clouds, catalog.models, catalog.precisions, catalog.engines)))
            > 800
        )

    benchmark.pedantic(load, rounds=15, warmup_rounds=2)
    record("catalogue, every record, warm, median", benchmark.stats.stats.median * 1e3, 100, "ms")
