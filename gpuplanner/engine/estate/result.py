"""What becomes of an estate: which workload sits where, alone and together. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from gpuplanner.engine.result import Code, Estimate, MemoryPart, Plan, Quantity
from gpuplanner.engine.site.result import Site
from gpuplanner.scenario.document import Scenario


@dataclass(frozen=True, slots=True)
class Share:
    """A workload's part of one GPU: memory by part [B], and the share of the GPU's time it takes in its own hours of the day.

    With a ``cut`` it has a slice of that name to itself, ``size`` of the GPU's slots from ``start``; ``busy`` is then of it.
    """

    letter: str
    memory: Mapping[MemoryPart, float]
    busy: float
    replica: int
    hours: tuple[bool, ...] = ()
    cut: str = ""
    start: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class PlacedGpu:
    """One GPU: ``server`` and ``index`` from 0, the workloads on it. ``spare`` ones stand by; above 0 ``slots`` it is cut."""

    server: int
    index: int
    gpu_id: str
    usable_bytes: float
    limit_bytes: float
    shares: tuple[Share, ...] = ()
    spare: bool = False
    slots: int = 0

    @property
    def need_bytes(self) -> float:
        """At the fullest hour; of a GPU that is cut, all its slices."""
        return max((sum(sum(share.memory.values()) for share in shift) for shift in self.shifts), default=0.0)

    @property
    def shifts(self) -> tuple[tuple[Share, ...], ...]:
        """The workloads in groups that run at the same time; one group where none makes way for another."""
        if self.slots:
            return (self.shares,) if self.shares else ()
        found: list[list[Share]] = []
        for share in self.shares:
            free = (shift for shift in found if any(_meet(share, other) for other in shift))
            group = next(free, None)
            if group is None:
                found.append([share])
            else:
                group.append(share)
        return tuple(tuple(shift) for shift in found)


def _meet(one: Share, other: Share) -> bool:
    return any(first and second for first, second in zip(one.hours, other.hours, strict=True))


@dataclass(frozen=True, slots=True)
class Row:
    """A workload of the estate.

    ``letter`` A, B, … by position; ``alone`` its own estimate, ``plan`` the plan taken here (None: it can't run, ``reasons`` say
    why). ``gpus`` are the GPUs it takes (fractions where it shares), ``share`` of all, ``cost`` its part of the purchase.
    ``scenario`` is its question, ``hours`` those of the day it runs in; ``own`` marks the one that the form asks about. Its times
    are ``slowed`` times those of its plan, where it takes turns with others. ``cut`` names the slices that it runs on: its plan
    then counts slices.
    """

    letter: str
    name: str
    alone: Estimate
    plan: Plan | None
    gpus: float
    share: float
    cost: Quantity | None = None
    shared: bool = False
    reasons: tuple[Code, ...] = ()
    scenario: Scenario | None = None
    hours: tuple[bool, ...] = ()
    own: bool = False
    slowed: float = 1.0
    cut: str = ""


@dataclass(frozen=True, slots=True)
class Estate:
    """All workloads together; ``free`` GPUs (a fraction too) are left over.

    Figures: ``gpus`` bought, ``gpus_used``, ``gpus_alone`` (each workload by itself), ``running`` and ``tco`` [money], and those
    of the site.
    """

    rows: tuple[Row, ...] = ()
    placement: tuple[PlacedGpu, ...] = ()
    servers: int = 0
    free: float = 0.0
    site: Site = field(default_factory=Site)
    figures: Mapping[str, Quantity] = field(default_factory=lambda: MappingProxyType({}))
    warnings: tuple[Code, ...] = ()
