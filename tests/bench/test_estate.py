"""How long an estate takes after an edit."""

from __future__ import annotations

import itertools

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estate.build import estate_of
from gpuplanner.engine.estate.memo import Memo
from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.scenario.examples import examples
from gpuplanner.scenario.files import load_scenario
from tests.bench.conftest import Record


def test_an_edit_of_an_estate_of_five(benchmark, record: Record):
    """Every round another load of the workload in the form, on all GPUs of the catalogue."""
    catalog, memo = load_catalog(), Memo()
    asked = load_scenario(next(example.path for example in examples() if example.key == "insurer_estate")).scenario
    more = asked.estate.more[:4]
    asked = asked.model_copy(update={"estate": asked.estate.model_copy(update={"more": more, "gpu": None})})
    loads = itertools.count(20.0, 0.5)

    def edit(scenario: Scenario = asked) -> None:
        estate_of(replace(scenario, "workload.load", next(loads)), catalog, memo)

    benchmark.pedantic(edit, rounds=40, warmup_rounds=4)
    record("estate of five workloads after an edit, median", benchmark.stats.stats.median * 1e3, 40, "ms")


def test_an_edit_of_an_estate_in_phases_on_slices(benchmark, record: Record):
    """Every round another load; each phase is planned anew, small workloads on slices too."""
    catalog, memo = load_catalog(), Memo()
    asked = load_scenario(next(example.path for example in examples() if example.key == "campus_estate")).scenario
    loads = itertools.count(1400.0, 3.0)

    def edit(scenario: Scenario = asked) -> None:
        estate_of(replace(scenario, "workload.load", next(loads)), catalog, memo)

    benchmark.pedantic(edit, rounds=40, warmup_rounds=4)
    record("estate of five on slices in three phases after an edit, median", benchmark.stats.stats.median * 1e3, 40, "ms")
