"""The workloads of an estate as scenarios of their own, in their order."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase

from gpuplanner.scenario.document import EstateChoice, Scenario, Work

HOURS = 24


@dataclass(frozen=True, slots=True)
class Placed:
    """A workload with its letter, as a scenario that can be estimated, and the hours of the day it runs in."""

    letter: str
    name: str
    scenario: Scenario
    hours: tuple[bool, ...]
    own: bool


def works_of(scenario: Scenario) -> tuple[Placed, ...]:
    """All workloads, the scenario's own at its position."""
    estate = scenario.estate
    position = min(estate.position, len(estate.more))
    placed = []
    for index in range(len(estate.more) + 1):
        if index == position:
            alone = on_one_kind(scenario).model_copy(update={"estate": EstateChoice()})
            placed.append(Placed(letter(index), scenario.name, alone, hours(estate.from_hour, estate.to_hour), own=True))
        else:
            work = estate.more[index - (index > position)]
            placed.append(
                Placed(
                    letter(index),
                    work.name,
                    on_one_kind(work_scenario(scenario, work)),
                    hours(work.from_hour, work.to_hour),
                    False,
                )
            )
    return tuple(placed)


def on_one_kind(scenario: Scenario) -> Scenario:
    """The same with one kind of GPU: where several workloads share the room, a second one isn't shared out."""
    if scenario.deployment.second_gpu is None:
        return scenario
    return scenario.model_copy(update={"deployment": scenario.deployment.model_copy(update={"second_gpu": None})})


def work_scenario(scenario: Scenario, work: Work) -> Scenario:
    """A further workload as a scenario: its own questions, the customer's money and site."""
    sections = ("model", "precision", "workload", "generation", "encoding", "serving", "targets", "training", "deployment")
    update: dict[str, object] = {name: getattr(work, name) for name in sections}
    return scenario.model_copy(update={**update, "name": work.name, "estate": EstateChoice()})


def work_of(scenario: Scenario) -> Work:
    """The scenario's own workload in the form of a further one."""
    return Work(
        name=scenario.name,
        model=scenario.model,
        precision=scenario.precision,
        workload=scenario.workload,
        generation=scenario.generation,
        encoding=scenario.encoding,
        serving=scenario.serving,
        targets=scenario.targets,
        training=scenario.training,
        deployment=scenario.deployment,
        from_hour=scenario.estate.from_hour,
        to_hour=scenario.estate.to_hour,
    )


def brought_to_the_form(scenario: Scenario, index: int) -> Scenario:
    """The scenario with the workload at ``index`` as its own; the one that was takes its place among the others.

    Raises:
        IndexError: there is no such workload.
    """
    estate = scenario.estate
    position = min(estate.position, len(estate.more))
    if index == position:
        return scenario
    rows = list(estate.more)
    rows.insert(position, work_of(scenario))
    chosen = rows.pop(index)
    changed = estate.model_copy(
        update={"more": tuple(rows), "position": index, "from_hour": chosen.from_hour, "to_hour": chosen.to_hour}
    )
    return work_scenario(scenario, chosen).model_copy(update={"estate": changed})


def letter(index: int) -> str:
    """A, B, … Z, then AA, AB …"""
    first, second = divmod(index, len(ascii_uppercase))
    return (ascii_uppercase[first - 1] if first else "") + ascii_uppercase[second]


def hours(start: float, end: float) -> tuple[bool, ...]:
    """Which hours of the day lie between two times; over midnight where the end is before the start, all where they meet."""
    if start == end or end - start >= HOURS:
        return (True,) * HOURS
    if end > start:
        return tuple(start < hour + 1 and hour < end for hour in range(HOURS))
    return tuple(hour + 1 > start or hour < end for hour in range(HOURS))
