"""Workloads on servers: the plans, packed, and what the room has to bring for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estate.memo import Estimator, cut
from gpuplanner.engine.estate.packing import Cut, Slot, Tenant, pack
from gpuplanner.engine.estate.slices import sliced
from gpuplanner.engine.estate.tenants import per_server, tenant_of
from gpuplanner.engine.estate.works import Placed
from gpuplanner.engine.result import Estimate, Plan
from gpuplanner.engine.site.needs import need_of
from gpuplanner.engine.site.phases import plan_at
from gpuplanner.engine.site.result import Need
from gpuplanner.scenario.document import Scenario


@dataclass(frozen=True, slots=True)
class Hand:
    """A workload in the hand of who packs: its question, answer and plan on whole cards, and slices where it goes on some."""

    work: Placed
    scenario: Scenario
    answer: Estimate
    plan: Plan | None
    on_slices: Plan | None = None
    cut: Cut | None = None

    @property
    def taken(self) -> Plan | None:
        """The plan that is packed."""
        return self.on_slices or self.plan


@dataclass(frozen=True, slots=True)
class Filled:
    """Slots of all servers, who is on them, and the needs by kind of GPU with the tokens a second that hosts stream.

    ``sizes`` are the GPUs of a server by kind, for each group of workloads that was packed.
    """

    tenants: tuple[Tenant, ...]
    slots: tuple[Slot, ...]
    needs: tuple[Need, ...]
    tokens_per_s: tuple[float, ...]
    sizes: tuple[Mapping[str, int], ...]


def hands_of(
    scenario: Scenario,
    catalog: Catalog,
    works: Sequence[Placed],
    answers: Sequence[Estimate],
    plans: Sequence[Plan | None],
    estimator: Estimator,
) -> list[Hand]:
    """The workloads with what they run on; slices where the estate allows them and they take less of a card.

    Args:
        scenario: whether GPUs may be cut.
        catalog: cards and slices.
        works: the workloads.
        answers: of each alone.
        plans: taken of them.
        estimator: estimates one workload.
    """
    hands = []
    for work, answer, plan in zip(works, answers, plans, strict=True):
        small = sliced(work.scenario, plan, catalog, estimator) if scenario.estate.slices and plan is not None else None
        on, how = (small.plan, small.cut) if small is not None else (None, None)
        hands.append(Hand(work, work.scenario, answer, plan, on, how))
    return hands


def hands_at(catalog: Catalog, hands: Sequence[Hand], share: float, estimator: Estimator) -> list[Hand]:
    """The workloads on the day when a share of their load is carried, on the GPUs and with the layouts of the whole.

    Args:
        catalog: cards and slices.
        hands: the workloads with their whole load; those on slices stay on slices, if smaller ones.
        share: of the planned load.
        estimator: estimates one workload.
    """
    found = []
    for hand in hands:
        plan = hand.plan
        there = plan_at(hand.scenario, cut(catalog, plan.gpu_id, estimator), plan, share, estimator) if plan else None
        if there is None:
            found.append(hand)
            continue
        asked, answer, then = there
        small = sliced(asked, then, catalog, estimator) if hand.cut is not None else None
        on, how = (small.plan, small.cut) if small is not None else (None, None)
        found.append(Hand(hand.work, asked, answer, then, on, how))
    return found


def fill(
    scenario: Scenario, catalog: Catalog, hands: Sequence[Hand], *, together: bool, given: Sequence[Mapping[str, int]] = ()
) -> Filled:
    """Pack the workloads.

    Args:
        scenario: whether GPUs may be shared; the server asked for.
        catalog: servers and planning values.
        hands: the workloads.
        together: on common servers; else each has servers of its own.
        given: sizes of the servers where they are settled.
    """
    tenants = [
        tenant
        for hand in hands
        if hand.taken is not None
        and (tenant := tenant_of(hand.work, hand.taken, catalog, shared=scenario.estate.shared, cut=hand.cut)) is not None
    ]
    groups = [tenants] if together else [[tenant] for tenant in tenants]
    needs, tokens = _needs(catalog, hands)
    slots: list[Slot] = []
    joined: list[Need] = []
    rates: list[float] = []
    sizes = tuple(given) or tuple(per_server(scenario, catalog, group) for group in groups)
    for group, size in zip(groups, sizes, strict=True):
        packed = pack(group, size)
        first = max((slot.server for slot in slots), default=-1) + 1
        for slot in packed:
            slot.server += first
        slots += packed
        for kind in dict.fromkeys(tenant.gpu_id for tenant in group):
            mine = [tenant.letter for tenant in group if tenant.gpu_id == kind]
            joined.append(_joined(kind, [needs[letter] for letter in mine], packed, group))
            rates.append(sum(tokens[letter] for letter in mine))
    return Filled(tuple(tenants), tuple(slots), tuple(joined), tuple(rates), sizes)


def _needs(catalog: Catalog, hands: Sequence[Hand]) -> tuple[dict[str, Need], dict[str, float]]:
    needs: dict[str, Need] = {}
    tokens: dict[str, float] = {}
    for hand in hands:
        plan = hand.taken
        need = need_of(hand.scenario, catalog, hand.answer, plan, hand.work.letter) if plan is not None else None
        if plan is not None and need is not None:
            needs[hand.work.letter] = need
            made = plan.figures.get("throughput")
            tokens[hand.work.letter] = (made.value or 0.0) if made else 0.0
    return needs, tokens


def _joined(kind: str, needs: Sequence[Need], slots: Sequence[Slot], tenants: Sequence[Tenant]) -> Need:
    """The needs on one kind of GPU as one, with the servers that the packing opened."""
    mine = [slot for slot in slots if slot.gpu_id == kind]
    servers = {slot.server for slot in mine}
    idle = {server for server in servers if not any(slot.tenants for slot in mine if slot.server == server)}
    return Need(
        gpu_id=kind,
        gpus=sum(bool(slot.tenants) for slot in mine),
        spare=sum(slot.spare for slot in mine),
        degree=max(tenant.degree for tenant in tenants if tenant.gpu_id == kind),
        trains=all(need.trains for need in needs),
        request_rate=sum(need.request_rate for need in needs),
        request_bytes=max(need.request_bytes for need in needs),
        answer_bytes=max(need.answer_bytes for need in needs),
        weight_bytes=sum(need.weight_bytes for need in needs),
        checkpoint_bytes=sum(need.checkpoint_bytes for need in needs),
        offload_bytes=max(need.offload_bytes for need in needs),
        label=" ".join(need.label for need in needs),
        servers=len(servers - idle),
        spare_servers=len(idle),
    )
