"""Changes of an estate's workloads, each a new scenario."""

from __future__ import annotations

from collections.abc import Mapping

from gpuplanner.engine.estate.works import brought_to_the_form, work_of
from gpuplanner.scenario.document import Scenario, Work

MOST = 65  # workloads of an estate, the own one among them


def works_in_order(scenario: Scenario) -> list[Work]:
    """All workloads in their order, the own one as a further one."""
    estate = scenario.estate
    rows = list(estate.more)
    rows.insert(position(scenario), work_of(scenario))
    return rows


def position(scenario: Scenario) -> int:
    """Where the own one stands."""
    return min(scenario.estate.position, len(scenario.estate.more))


def added(scenario: Scenario, work: Work, after: int | None = None) -> Scenario:
    """With a workload more, behind the row ``after``, or at the end."""
    estate, own = scenario.estate, position(scenario)
    count = len(estate.more) + 1
    if count >= MOST:
        return scenario
    place = count if after is None else after + 1
    more = list(estate.more)
    more.insert(place - (place > own), work)
    moved = own + (place <= own)
    return scenario.model_copy(update={"estate": estate.model_copy(update={"more": tuple(more), "position": moved})})


def duplicated(scenario: Scenario, row: int, name: str) -> Scenario:
    """With a copy of a row behind it, named ``name``."""
    return added(scenario, works_in_order(scenario)[row].model_copy(update={"name": name}), row)


def removed(scenario: Scenario, row: int) -> Scenario:
    """Without a row; the neighbour of the own one becomes the own one where that is taken away."""
    count = len(scenario.estate.more) + 1
    if count == 1:
        return scenario
    if row == position(scenario):
        scenario = brought_to_the_form(scenario, row + 1 if row + 1 < count else row - 1)
    estate, own = scenario.estate, position(scenario)
    more = list(estate.more)
    del more[row - (row > own)]
    update = {"more": tuple(more), "position": own - (row < own)}
    return scenario.model_copy(update={"estate": estate.model_copy(update=update)})


def renamed(scenario: Scenario, row: int, name: str) -> Scenario:
    """With another name of a row."""
    if row == position(scenario):
        return scenario.model_copy(update={"name": name})
    return _changed(scenario, row, {"name": name})


def timed(scenario: Scenario, row: int, first: float, last: float) -> Scenario:
    """With other hours of a row."""
    hours = {"from_hour": first, "to_hour": last}
    if row == position(scenario):
        return scenario.model_copy(update={"estate": scenario.estate.model_copy(update=hours)})
    return _changed(scenario, row, hours)


def _changed(scenario: Scenario, row: int, update: Mapping[str, object]) -> Scenario:
    estate = scenario.estate
    more = list(estate.more)
    place = row - (row > position(scenario))
    more[place] = more[place].model_copy(update=dict(update))
    return scenario.model_copy(update={"estate": estate.model_copy(update={"more": tuple(more)})})
