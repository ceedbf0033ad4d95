"""What each workload of an estate takes of it: GPUs, share, cost; and what lies on each GPU."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from gpuplanner.engine.estate.filling import Hand
from gpuplanner.engine.estate.packing import Slot, Tenant
from gpuplanner.engine.estate.result import PlacedGpu, Row, Share
from gpuplanner.engine.estate.works import HOURS
from gpuplanner.engine.result import Code, Estimate, Quantity
from gpuplanner.engine.site.result import Site


def rows_of(hands: Sequence[Hand], slots: Sequence[Slot], built: Site) -> tuple[Row, ...]:
    """A row for each workload.

    Args:
        hands: the workloads with what they run on.
        slots: all GPUs, filled.
        built: what is bought; its price is shared out.
    """
    taken = dict.fromkeys((hand.work.letter for hand in hands), 0.0)
    for slot in slots:
        for letter, part in _weights(slot):
            taken[letter] += part
    beside, cuts, slowed = _sharing(slots)
    purchase = built.figures.get("purchase")
    rows = []
    for hand in hands:
        work, answer, plan = hand.work, hand.answer, hand.taken
        share = taken[work.letter] / len(slots) if slots else 0.0
        rows.append(
            Row(
                letter=work.letter,
                name=work.name,
                alone=answer,
                plan=plan,
                gpus=taken[work.letter],
                share=share,
                cost=_part(purchase, share) if plan is not None else None,
                shared=work.letter in beside,
                reasons=() if plan is not None else _reasons(answer),
                scenario=hand.scenario,
                hours=work.hours,
                own=work.own,
                slowed=slowed.get(work.letter, 1.0),
                cut=cuts.get(work.letter, ""),
            )
        )
    return tuple(rows)


def _sharing(slots: Sequence[Slot]) -> tuple[set[str], dict[str, str], dict[str, float]]:
    """Which workloads take turns with others, on which slices each runs, and by how much the others slow it at most."""
    beside: set[str] = set()
    cuts: dict[str, str] = {}
    slowed: dict[str, float] = {}
    for slot in slots:
        for tenant, _ in slot.tenants:
            if len(slot.tenants) > 1 and tenant.cut is None:
                beside.add(tenant.letter)
            if tenant.cut is not None:
                cuts[tenant.letter] = tenant.cut.name
            slowed[tenant.letter] = max(slowed.get(tenant.letter, 1.0), slot.slowed(tenant))
    return beside, cuts, slowed


def placed(slot: Slot, tenants: Sequence[Tenant]) -> PlacedGpu:
    """What lies on a GPU.

    Args:
        slot: the GPU, filled.
        tenants: all of them; one on this kind of GPU knows its memory.
    """
    kin = next(tenant for tenant in tenants if tenant.gpu_id == slot.gpu_id)
    starts = slot.starts or [0] * len(slot.tenants)
    shares = tuple(
        Share(
            tenant.letter,
            tenant.memory,
            tenant.busy,
            replica,
            tenant.hours,
            cut=tenant.cut.name if tenant.cut else "",
            start=start,
            size=tenant.cut.size if tenant.cut else 0,
        )
        for (tenant, replica), start in zip(slot.tenants, starts, strict=True)
    )
    whole = next((tenant.cut.slots for tenant, _ in slot.tenants if tenant.cut is not None), 0)
    shares = tuple(sorted(shares, key=lambda share: share.start)) if whole else shares
    return PlacedGpu(slot.server, slot.index, slot.gpu_id, kin.usable_bytes, kin.limit_bytes, shares, slot.spare, whole)


def _weights(slot: Slot) -> list[tuple[str, float]]:
    """How much of a GPU each of its workloads is charged with; what stays of 1 is free."""
    if not slot.tenants:
        return []
    if slot.is_cut:
        return [(tenant.letter, tenant.part) for tenant, _ in slot.tenants]
    hours = {tenant.letter: sum(tenant.hours) / HOURS for tenant, _ in slot.tenants}
    if not any(tenant.shares for tenant, _ in slot.tenants):
        whole = sum(hours.values())
        return [(letter, part / whole) for letter, part in hours.items()]
    parts = {
        tenant.letter: hours[tenant.letter] * (max(tenant.need_bytes / tenant.limit_bytes, tenant.busy) if tenant.shares else 1.0)
        for tenant, _ in slot.tenants
    }
    if len(parts) == 1 and slot.tenants[0][0].fills:
        return [(letter, 1.0) for letter in parts]
    total = sum(parts.values())
    return [(letter, part / max(total, 1.0)) for letter, part in parts.items()]


def _reasons(answer: Estimate) -> tuple[Code, ...]:
    if answer.refusal is not None:
        return (answer.refusal,)
    nearest = next((plan for plan in answer.plans if plan.reasons), None)
    return nearest.reasons if nearest else ()


def _part(purchase: Quantity | None, share: float) -> Quantity | None:
    if purchase is None or purchase.value is None:
        return None
    return dataclasses.replace(
        purchase,
        key="share_of_purchase",
        value=purchase.value * share,
        low=None if purchase.low is None else purchase.low * share,
        high=None if purchase.high is None else purchase.high * share,
    )
