"""What becomes of an estate: which workload sits where, alone and together. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from gpuplanner.engine.result import Code, Estimate, MemoryPart, Plan, Quantity
from gpuplanner.engine.site.result import Site


@dataclass(frozen=True, slots=True)
class Share:
    """A workload's part of one GPU: memory by part [B], and the share of the GPU's time it takes by day and in its own hours."""

    letter: str
    memory: Mapping[MemoryPart, float]
    busy: float
    replica: int


@dataclass(frozen=True, slots=True)
class PlacedGpu:
    """One GPU: ``server`` and ``index`` from 0, the workloads on it. ``spare`` ones stand by."""

    server: int
    index: int
    gpu_id: str
    usable_bytes: float
    limit_bytes: float
    shares: tuple[Share, ...] = ()
    spare: bool = False

    @property
    def need_bytes(self) -> float:
        """All workloads together."""
        return sum(sum(share.memory.values()) for share in self.shares)


@dataclass(frozen=True, slots=True)
class Row:
    """A workload of the estate.

    ``letter`` A, B, … by position; ``alone`` its own estimate, ``plan`` the plan taken here (None: it can't run, ``reasons`` say
    why). ``gpus`` are the GPUs it takes (fractions where it shares), ``share`` of all, ``cost`` its part of the purchase.
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


@dataclass(frozen=True, slots=True)
class Estate:
    """All workloads together. ``gpus_alone`` are those of each by itself; ``free`` GPUs (a fraction too) are left over.

    Figures: ``gpus``, ``gpus_alone``, ``free``, ``purchase``, ``power_load`` and those of the site.
    """

    rows: tuple[Row, ...] = ()
    placement: tuple[PlacedGpu, ...] = ()
    servers: int = 0
    free: float = 0.0
    site: Site = field(default_factory=Site)
    figures: Mapping[str, Quantity] = field(default_factory=lambda: MappingProxyType({}))
    warnings: tuple[Code, ...] = ()
