"""How long the plan over all GPUs takes, and how many configurations it looks at in that time."""

from __future__ import annotations

import statistics

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.scenario.document import Scenario, replace
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


def test_whole_training_plan(benchmark, record: Record):
    catalog = load_catalog()
    first = replace(replace(Scenario(), "workload.kind", "train"), "model.id", "llama-3.1-70b")
    scenarios = iter([replace(first, "training.budget_tokens", 1e12 + step) for step in range(400)])
    estimate(first, catalog)
    candidates: list[int] = []

    def plan() -> None:
        candidates.append(estimate(next(scenarios), catalog).candidates * len(catalog.gpus))

    benchmark.pedantic(plan, rounds=50, warmup_rounds=5)
    median_s = benchmark.stats.stats.median
    record("engine.estimate, training plan over all GPUs, median", median_s * 1e3, 30, "ms")
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
