"""Answers kept from one edit to the next: of five workloads one is estimated anew, the others are as they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Estimate
from gpuplanner.engine.site.phases import only
from gpuplanner.scenario.document import Scenario, SiteChoice

Estimator = Callable[[Scenario, Catalog], Estimate]
KEPT: Final = 96  # answers for all GPUs: an estate holds 65 workloads at most
KEPT_SMALL: Final = 320  # answers for a few GPUs: on one kind, on slices, of each phase
FEW: Final = 8
MADE: Final = 23  # catalogues with some of the GPUs


class Memo:
    """Estimates like :func:`estimate`, and keeps what it answered last.

    Whoever asks again and again says with :meth:`begin` when another round of questions starts: an answer for all GPUs takes up
    to 1.4 MB, and those nobody asked for in two rounds are dropped.
    """

    def __init__(self, estimator: Estimator = estimate) -> None:
        self._estimator = estimator
        self._answers: dict[bool, list[tuple[Scenario, Catalog, Estimate, int]]] = {True: [], False: []}
        self._cuts: list[tuple[Catalog, str, Catalog]] = []
        self._round = 0

    def begin(self) -> None:
        """A round of questions starts: what was asked for neither in the last one nor in the one before is forgotten."""
        self._round += 1
        for few, answers in self._answers.items():
            self._answers[few] = [kept for kept in answers if kept[3] >= self._round - 2]

    def count(self) -> int:
        """Answers kept."""
        return sum(map(len, self._answers.values()))

    def __call__(self, scenario: Scenario, catalog: Catalog) -> Estimate:
        """The answer, from before if the question is the same."""
        asked, few = bare(scenario), len(catalog.gpus) <= FEW
        answers = self._answers[few]
        for place, (known, facts, answer, _) in enumerate(answers):
            if facts is catalog and known == asked:
                del answers[place]
                answers.insert(0, (known, facts, answer, self._round))
                return answer
        answer = self._estimator(scenario, catalog)
        answers.insert(0, (asked, catalog, answer, self._round))
        del answers[KEPT_SMALL if few else KEPT :]
        return answer

    def kept(self, catalog: Catalog, key: str, make: Callable[[Catalog, str], Catalog]) -> Catalog:
        """A catalogue made from another by a key; the same object each time, since what is kept goes by it."""
        for known, asked, found in self._cuts:
            if known is catalog and asked == key:
                return found
        made = make(catalog, key)
        self._cuts = [(catalog, key, made), *self._cuts[:MADE]]
        return made


def cut(catalog: Catalog, gpu_id: str, estimator: Estimator) -> Catalog:
    """The catalogue with one GPU, as the estimator keeps it."""
    return estimator.kept(catalog, gpu_id, only) if isinstance(estimator, Memo) else only(catalog, gpu_id)


def bare(scenario: Scenario) -> Scenario:
    """The scenario without what no estimate depends on: what it is called, and the room but for its growth."""
    site = SiteChoice(growth_per_year=scenario.site.growth_per_year, growth_years=scenario.site.growth_years)
    return scenario.model_copy(update={"name": "", "customer": "", "note": "", "site": site})
