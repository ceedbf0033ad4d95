"""Answers kept from one edit to the next: of five workloads one is estimated anew, the others are as they were."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Estimate
from gpuplanner.scenario.document import Scenario, SiteChoice

KEPT: Final = 96  # answers: an estate holds 65 workloads at most


class Memo:
    """Estimates like :func:`estimate`, and keeps what it answered last."""

    def __init__(self, estimator: Callable[[Scenario, Catalog], Estimate] = estimate) -> None:
        self._estimator = estimator
        self._answers: list[tuple[Scenario, Catalog, Estimate]] = []
        self._cuts: list[tuple[Catalog, str, Catalog]] = []

    def __call__(self, scenario: Scenario, catalog: Catalog) -> Estimate:
        """The answer, from before if the question is the same."""
        asked = bare(scenario)
        for place, (known, facts, answer) in enumerate(self._answers):
            if facts is catalog and known == asked:
                self._answers.insert(0, self._answers.pop(place))
                return answer
        answer = self._estimator(scenario, catalog)
        self._answers.insert(0, (asked, catalog, answer))
        del self._answers[KEPT:]
        return answer

    def cut(self, catalog: Catalog, gpu_id: str) -> Catalog:
        """The catalogue with one GPU; the same object each time, since what is kept goes by it."""
        for known, asked, found in self._cuts:
            if known is catalog and asked == gpu_id:
                return found
        made = cut(catalog, gpu_id)
        self._cuts = [(catalog, gpu_id, made), *self._cuts[:7]]
        return made


def cut(catalog: Catalog, gpu_id: str) -> Catalog:
    """The catalogue with one GPU."""
    return dataclasses.replace(catalog, gpus={gpu_id: catalog.gpus[gpu_id]})


def bare(scenario: Scenario) -> Scenario:
    """The scenario without what no estimate depends on: what it is called, and the room but for its growth."""
    site = SiteChoice(growth_per_year=scenario.site.growth_per_year, growth_years=scenario.site.growth_years)
    return scenario.model_copy(update={"name": "", "customer": "", "note": "", "site": site})
