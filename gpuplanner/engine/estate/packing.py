"""Which replica sits on which GPU: first fit, the largest first, hour by hour."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import and_

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.estate.works import HOURS
from gpuplanner.engine.result import MemoryPart

#: Workloads share a GPU as long as together they keep it busy for no more than this: above it their queues grow together.
MOST_BUSY = 0.7


def slowdown(others: float) -> float:
    """How much longer a request takes where others keep the GPU busy for a share of its time: they take turns."""
    return 1.0 / max(1.0 - others, 1e-9)


@dataclass(frozen=True, slots=True)
class Cut:
    """A slice of a card: it takes ``size`` of its ``slots``, beginning at one of ``starts``."""

    name: str
    starts: tuple[int, ...]
    size: int
    slots: int


@dataclass(frozen=True, slots=True)
class Tenant:
    """Replicas of one workload, all alike: memory of each GPU by part, the share of time they compute, the hours they run.

    ``spare`` replicas stand by; ``apart``: for the loss of a server, so in another one. Its times may grow by ``slack`` before
    a target is missed. With a ``cut`` each replica has a slice of its own: memory and busy share are then those of the slice.
    """

    letter: str
    gpu_id: str
    degree: int
    replicas: int
    spare: int
    memory: Mapping[MemoryPart, float]
    limit_bytes: float
    usable_bytes: float
    busy: float
    hours: tuple[bool, ...]
    shares: bool
    apart: bool = False
    slack: float = math.inf
    cut: Cut | None = None

    @property
    def part(self) -> float:
        """Of a card that one replica takes, where it has a slice; 1 without."""
        return self.cut.size / self.cut.slots if self.cut is not None else 1.0

    @property
    def need_bytes(self) -> float:
        """On each of its GPUs."""
        return sum(self.memory.values())

    @property
    def fills(self) -> bool:
        """Whether it leaves no room for another workload beside it."""
        return max(self.busy, self.need_bytes / self.limit_bytes) > MOST_BUSY


@dataclass(slots=True)
class Slot:
    """A GPU of a server while it is being filled: bytes, busy share and whether it is taken whole, by the hour."""

    gpu_id: str
    server: int
    index: int
    used: NDArray[np.float64] = field(default_factory=lambda: np.zeros(HOURS))
    busy: NDArray[np.float64] = field(default_factory=lambda: np.zeros(HOURS))
    whole: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(HOURS, dtype=bool))
    tenants: list[tuple[Tenant, int]] = field(default_factory=list)
    spare: bool = False
    starts: list[int] = field(default_factory=list)

    @property
    def is_cut(self) -> bool:
        """Whether it holds slices; it is then cut all day."""
        return bool(self.starts)

    def start_of(self, cut: Cut) -> int | None:
        """Where a slice more would begin: the last place that is free, which leaves the larger ones room; None for nowhere."""
        taken = {
            slot
            for (tenant, _), start in zip(self.tenants, self.starts, strict=True)
            for slot in range(start, start + (tenant.cut.size if tenant.cut else 0))
        }
        return next((one for one in sorted(cut.starts, reverse=True) if taken.isdisjoint(range(one, one + cut.size))), None)

    def takes(self, tenant: Tenant) -> bool:
        """Whether one of its GPUs may be this one."""
        if tenant.cut is not None:
            return not self.spare and self.is_cut == bool(self.tenants) and self.start_of(tenant.cut) is not None
        on = np.array(tenant.hours)
        if self.spare or self.is_cut or np.any(self.whole & on):
            return False
        if not tenant.shares:
            return not np.any(self.used[on])
        if any(other.letter == tenant.letter for other, _ in self.tenants):
            return False  # two replicas of one workload on one GPU are one replica
        tight = np.any(self.used[on] + tenant.need_bytes > tenant.limit_bytes)
        others = self.used[on] > 0
        crowded = np.any(others & (self.busy[on] + tenant.busy > MOST_BUSY))
        return not (tight or crowded) and self._patient(tenant)

    def _patient(self, tenant: Tenant) -> bool:
        """Whether all keep their targets when they take turns with it."""
        present = [other for other, _ in self.tenants if any(map(and_, other.hours, tenant.hours))]
        if not present:
            return True
        everyone = [*present, tenant]
        busy = sum(one.busy for one in everyone)
        return all(slowdown(busy - one.busy) <= max(one.slack, 1.0) for one in everyone if one.slack < math.inf)

    def slowed(self, tenant: Tenant) -> float:
        """By how much its times grow here at its worst hour."""
        if self.is_cut or len(self.tenants) <= 1:
            return 1.0
        on = np.array(tenant.hours)
        return slowdown(max(float(np.max(self.busy[on])) - tenant.busy, 0.0))

    def put(self, tenant: Tenant, replica: int) -> None:
        """Place one of its GPUs here."""
        if tenant.cut is not None:
            start = self.start_of(tenant.cut)
            assert start is not None
            self.starts.append(start)
            self.tenants.append((tenant, replica))
            return
        on = np.array(tenant.hours)
        self.used[on] += tenant.need_bytes
        self.busy[on] += tenant.busy
        if not tenant.shares:
            self.whole |= on
        self.tenants.append((tenant, replica))


def pack(tenants: Sequence[Tenant], per_server: Mapping[str, int]) -> list[Slot]:
    """Place all replicas, then the spare ones, on as few servers as first fit finds.

    Args:
        tenants: workloads with a plan.
        per_server: GPUs a server holds, by kind of GPU.

    Returns:
        All slots of all servers opened, in their order; spare replicas of one kind of GPU stand by for every workload on it.
    """
    slots: list[Slot] = []
    for tenant in sorted(tenants, key=_order):
        for replica in range(tenant.replicas):
            for slot in _place(slots, tenant, per_server[tenant.gpu_id]):
                slot.put(tenant, replica)
    for kind in dict.fromkeys(tenant.gpu_id for tenant in tenants):
        mine = [tenant for tenant in tenants if tenant.gpu_id == kind and tenant.spare]
        _outlive(slots, [tenant for tenant in mine if tenant.apart], kind, per_server[kind])
        wanted = sum(tenant.spare * tenant.degree * tenant.part for tenant in mine if not tenant.apart)
        for _ in range(math.ceil(wanted - 1e-9)):
            _set_aside(slots, kind, per_server[kind], 1, set())
    return slots


def _order(tenant: Tenant) -> tuple[object, ...]:
    """The largest first; slices by their size, since a small one may block a large one."""
    size = tenant.cut.size if tenant.cut is not None else 0
    return -tenant.degree, -size, -tenant.need_bytes * tenant.replicas, tenant.letter


def _outlive(slots: list[Slot], tenants: Sequence[Tenant], kind: str, per_server: int) -> None:
    """Set GPUs aside so that whatever runs on any one server finds room in the others."""
    letters = {tenant.letter for tenant in tenants}
    block = min(max((tenant.degree for tenant in tenants), default=1), per_server)
    for server in sorted({slot.server for slot in slots if slot.gpu_id == kind}):
        hit = {(tenant.letter, replica) for slot in slots if slot.server == server for tenant, replica in slot.tenants}
        lost = [
            slot for slot in slots if any((one.letter, number) in hit and one.letter in letters for one, number in slot.tenants)
        ]
        around = {slot.server for slot in lost} | {server}
        while sum(slot.spare and slot.gpu_id == kind and slot.server not in around for slot in slots) < len(lost):
            _set_aside(slots, kind, per_server, block, around)


def _set_aside(slots: list[Slot], kind: str, per_server: int, count: int, but: set[int]) -> None:
    """Let so many GPUs of one server stand by, of none of the servers ``but``; a new server where none has room."""
    empty: dict[int, list[Slot]] = {}
    for slot in slots:
        if slot.gpu_id == kind and slot.server not in but and not slot.tenants and not slot.spare:
            empty.setdefault(slot.server, []).append(slot)
    free = next((group for group in empty.values() if len(group) >= count), None) or _open(slots, kind, per_server)
    for slot in free[:count]:
        slot.spare = True


def _place(slots: list[Slot], tenant: Tenant, per_server: int) -> list[Slot]:
    """The GPUs for one replica: together in one server, or whole new servers when it is larger than one."""
    if tenant.degree > per_server:
        found: list[Slot] = []
        while len(found) < tenant.degree:
            found += _open(slots, tenant.gpu_id, per_server)
        return found[: tenant.degree]
    by_server: dict[int, list[Slot]] = {}
    for slot in slots:
        if slot.gpu_id == tenant.gpu_id and slot.takes(tenant):
            by_server.setdefault(slot.server, []).append(slot)
    fitting = [free for free in by_server.values() if len(free) >= tenant.degree]
    if tenant.shares or tenant.cut is not None:  # beside others first: what is left free stays whole
        fitting = [sorted(free, key=lambda slot: not slot.tenants) for free in fitting]
        fitting.sort(key=lambda free: not free[0].tenants)
    return (fitting[0] if fitting else _open(slots, tenant.gpu_id, per_server))[: tenant.degree]


def _open(slots: list[Slot], gpu_id: str, per_server: int) -> list[Slot]:
    server = max((slot.server for slot in slots), default=-1) + 1
    new = [Slot(gpu_id, server, index) for index in range(per_server)]
    slots.extend(new)
    return new
