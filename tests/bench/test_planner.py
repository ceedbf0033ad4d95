"""How long the search over everything, a simulation and a sweep take."""

from __future__ import annotations

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.load.curve import load_curve
from gpuplanner.engine.load.simulation import simulate_plan
from gpuplanner.engine.planner.front import front
from gpuplanner.engine.planner.sweep import sweep
from gpuplanner.scenario.document import LoadKind, Scenario, replace
from tests.bench.conftest import Record


def test_front(benchmark, record: Record):
    catalog = load_catalog()
    found = front(Scenario(), catalog)
    benchmark.pedantic(lambda: front(Scenario(), catalog), rounds=15, warmup_rounds=2)
    seconds = benchmark.stats.stats.median
    record(f"planner, {found.evaluated:,} candidates, median", seconds * 1e3, 100, "ms")
    assert found.evaluated >= 100_000


def test_live_estimate_with_a_rate(benchmark, record: Record):
    catalog = load_catalog()
    asked = replace(replace(Scenario(), "workload.load_kind", LoadKind.PER_SECOND), "workload.load", 20.0)
    benchmark.pedantic(lambda: estimate(asked, catalog), rounds=50, warmup_rounds=5)
    record("engine.estimate with load as a rate, median", benchmark.stats.stats.median * 1e3, 15, "ms")


def test_simulation(benchmark, record: Record):
    catalog = load_catalog()
    asked = replace(replace(Scenario(), "workload.load_kind", LoadKind.PER_SECOND), "workload.load", 20.0)
    plan = estimate(asked, catalog).plan()
    assert plan is not None
    benchmark.pedantic(lambda: simulate_plan(asked, catalog, plan), rounds=5, warmup_rounds=1)
    record("simulation of 10,000 requests, median", benchmark.stats.stats.median, 1, "s")


def test_load_curve(benchmark, record: Record):
    catalog = load_catalog()
    plan = estimate(Scenario(), catalog).plan()
    assert plan is not None
    benchmark.pedantic(lambda: load_curve(Scenario(), catalog, plan), rounds=30, warmup_rounds=3)
    record("load curve of a plan, median", benchmark.stats.stats.median * 1e3, 10, "ms")


def test_sweep(benchmark, record: Record):
    catalog = load_catalog()
    values = [10.0 * step for step in range(1, 33)]
    benchmark.pedantic(lambda: sweep(Scenario(), catalog, "workload.load", values), rounds=8, warmup_rounds=1)
    record("what-if, 32 points, median", benchmark.stats.stats.median * 1e3, 200, "ms")
