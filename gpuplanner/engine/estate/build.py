"""From several workloads to one estate."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estate.memo import Memo, cut
from gpuplanner.engine.estate.packing import Slot, Tenant, pack
from gpuplanner.engine.estate.result import Estate, PlacedGpu, Row, Share
from gpuplanner.engine.estate.works import HOURS, Placed, works_of
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.money.life import life_of
from gpuplanner.engine.result import Code, Estimate, Plan, Provenance, Quantity, Status, Unit
from gpuplanner.engine.site.build import site
from gpuplanner.engine.site.chassis import chassis_for
from gpuplanner.engine.site.needs import need_of
from gpuplanner.engine.site.result import Need, Site
from gpuplanner.scenario.document import Availability, Objective, Scenario, WorkloadKind

Estimator = Callable[[Scenario, Catalog], Estimate]


def estate_of(scenario: Scenario, catalog: Catalog, estimator: Estimator = estimate, *, together: bool = True) -> Estate:
    """All workloads of a customer on common GPUs and servers.

    Args:
        scenario: its own workload and the further ones.
        catalog: what is known; cut to one GPU where the estate names one.
        estimator: estimates one workload; a :class:`Memo` keeps answers of workloads that didn't change.
        together: packed on common servers; else each workload has servers of its own.
    """
    works = works_of(scenario)
    asked = scenario.estate.gpu
    known = catalog
    if asked is not None and asked in catalog.gpus:
        known = estimator.cut(catalog, asked) if isinstance(estimator, Memo) else cut(catalog, asked)
    answers = [estimator(work.scenario, known) for work in works]
    pins = {work.scenario.deployment.gpu for work in works if work.scenario.deployment.gpu in catalog.gpus}
    kind = asked if asked in catalog.gpus else None
    if kind is not None:
        pins = set()  # what is asked of all overrides what one asks
    if scenario.estate.common and asked is None and len(works) > 1:  # one alone takes what its own answer chose
        kind = next(iter(pins)) if len(pins) == 1 else common_gpu(answers, scenario.deployment.objective)
    plans = [
        _taken(answer, None if work.scenario.deployment.gpu in pins else kind)
        for work, answer in zip(works, answers, strict=True)
    ]
    tenants = [
        tenant
        for work, plan in zip(works, plans, strict=True)
        if plan is not None and (tenant := _tenant(work, plan, shared=scenario.estate.shared)) is not None
    ]
    groups = [tenants] if together else [[tenant] for tenant in tenants]
    slots: list[Slot] = []
    parts = []
    for group in groups:
        packed = pack(group, _per_server(scenario, catalog, group))
        first = max((slot.server for slot in slots), default=-1) + 1
        for slot in packed:
            slot.server += first
        slots += packed
        parts.append((group, packed))
    built = _site(scenario, catalog, works, answers, plans, parts)
    rows = _rows(works, answers, plans, slots, built)
    return Estate(
        rows=rows,
        placement=tuple(_placed(slot, tenants) for slot in slots),
        servers=len({slot.server for slot in slots}),
        free=len(slots) - sum(row.gpus for row in rows) - sum(slot.spare for slot in slots),
        site=built,
        figures=_figures(rows, slots, built) | _money(scenario, catalog, rows, built),
        warnings=_warnings(slots),
    )


def common_gpu(answers: Sequence[Estimate], objective: Objective) -> str | None:
    """The kind of GPU that carries most workloads within their targets; of those the fewest or cheapest.

    Args:
        answers: the estimate of each workload.
        objective: what decides between kinds.
    """
    totals: dict[str, list[float]] = {}
    for answer in answers:
        for plan in answer.plans:
            lost, missed, gpus, cost = totals.setdefault(plan.gpu_id, [0.0, 0.0, 0.0, 0.0])
            price = plan.figures["purchase"].value if "purchase" in plan.figures else None
            runs = plan.status is not Status.IMPOSSIBLE
            totals[plan.gpu_id] = [
                lost + (not runs),
                missed + (plan.status is Status.MISSES),
                gpus + plan.gpus,
                cost + (math.inf if runs and price is None else price or 0.0),
            ]
    cheapest = objective is Objective.CHEAPEST
    ranked = sorted(totals.items(), key=lambda item: (*item[1][:2], *(item[1][:1:-1] if cheapest else item[1][2:]), item[0]))
    return ranked[0][0] if ranked else None


def _taken(answer: Estimate, kind: str | None) -> Plan | None:
    plan = answer.plan(kind)
    return plan if plan is not None and plan.status is not Status.IMPOSSIBLE and plan.memory is not None else None


def _tenant(work: Placed, plan: Plan, *, shared: bool) -> Tenant | None:
    if plan.memory is None:
        return None
    trains = work.scenario.workload.kind.trains
    degree = plan.gpus if trains else plan.gpus_per_replica
    return Tenant(
        letter=work.letter,
        gpu_id=plan.gpu_id,
        degree=degree,
        replicas=1 if trains else plan.replicas,
        spare=0 if trains else plan.spare_replicas,
        memory=plan.memory.parts,
        limit_bytes=plan.memory.limit_bytes,
        usable_bytes=plan.memory.usable_bytes,
        busy=_busy(plan),
        hours=work.hours,
        shares=shared and not trains and degree == 1,
        apart=work.scenario.deployment.availability is Availability.N_PLUS_ONE,
        slack=_slack(work.scenario, plan),
    )


def _slack(scenario: Scenario, plan: Plan) -> float:
    """By how much its times may grow before the tightest target is missed; no less than 1."""
    targets = scenario.targets
    asked = {"ttft": targets.ttft_s, "tpot": targets.tpot_s, "e2e": targets.e2e_s}
    if scenario.workload.kind.passes:
        asked = {"e2e": targets.e2e_s}
    found = [
        limit / figure.value
        for key, limit in asked.items()
        if limit is not None and (figure := plan.figures.get(key)) is not None and figure.value
    ]
    waits = scenario.workload.kind is not WorkloadKind.BATCH and not scenario.workload.kind.trains
    return max(1.0, min(found)) if found and waits else math.inf


def _busy(plan: Plan) -> float:
    """Share of its own hours that a replica computes."""
    headroom = plan.figures.get("headroom")
    if headroom is not None and headroom.value is not None:
        return min(1.0, 1 / (1 + max(headroom.value, 0.0)))
    passes = getattr(plan, "passes", None)
    return min(1.0, float(getattr(passes, "utilization", 1.0)))


def _per_server(scenario: Scenario, catalog: Catalog, tenants: Sequence[Tenant]) -> Mapping[str, int]:
    sizes = {}
    for kind in dict.fromkeys(tenant.gpu_id for tenant in tenants):
        mine = [tenant for tenant in tenants if tenant.gpu_id == kind]
        gpus = sum(tenant.degree * (tenant.replicas + tenant.spare) for tenant in mine)
        degree = max(tenant.degree for tenant in mine)
        sizes[kind] = chassis_for(catalog, catalog.gpus[kind], scenario.site.server, gpus, degree).gpus
    return sizes


def _site(
    scenario: Scenario,
    catalog: Catalog,
    works: Sequence[Placed],
    answers: Sequence[Estimate],
    plans: Sequence[Plan | None],
    parts: Sequence[tuple[Sequence[Tenant], Sequence[Slot]]],
) -> Site:
    needs: dict[str, Need] = {}
    tokens: dict[str, float] = {}
    for work, answer, plan in zip(works, answers, plans, strict=True):
        need = need_of(work.scenario, catalog, answer, plan, work.letter) if plan is not None else None
        if plan is not None and need is not None:
            needs[work.letter] = need
            made = plan.figures.get("throughput")
            tokens[work.letter] = (made.value or 0.0) if made else 0.0
    joined, rates = [], []
    for tenants, slots in parts:
        for kind in dict.fromkeys(tenant.gpu_id for tenant in tenants):
            mine = [tenant.letter for tenant in tenants if tenant.gpu_id == kind]
            joined.append(_joined(kind, [needs[letter] for letter in mine], slots, tenants))
            rates.append(sum(tokens[letter] for letter in mine))
    return site(scenario, catalog, joined, rates)


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


def _weights(slot: Slot) -> dict[str, float]:
    """How much of a GPU each of its workloads is charged with; what stays of 1 is free."""
    hours = {tenant.letter: sum(tenant.hours) / HOURS for tenant, _ in slot.tenants}
    if not any(tenant.shares for tenant, _ in slot.tenants):
        whole = sum(hours.values())
        return {letter: part / whole for letter, part in hours.items()}
    parts = {
        tenant.letter: hours[tenant.letter] * (max(tenant.need_bytes / tenant.limit_bytes, tenant.busy) if tenant.shares else 1.0)
        for tenant, _ in slot.tenants
    }
    if len(parts) == 1 and slot.tenants[0][0].fills:
        return dict.fromkeys(parts, 1.0)
    total = sum(parts.values())
    return {letter: part / max(total, 1.0) for letter, part in parts.items()}


def _rows(
    works: Sequence[Placed], answers: Sequence[Estimate], plans: Sequence[Plan | None], slots: Sequence[Slot], built: Site
) -> tuple[Row, ...]:
    taken = dict.fromkeys((work.letter for work in works), 0.0)
    beside: set[str] = set()
    slowed: dict[str, float] = {}
    for slot in slots:
        if slot.tenants:
            for letter, part in _weights(slot).items():
                taken[letter] += part
            if len(slot.tenants) > 1:
                beside |= {tenant.letter for tenant, _ in slot.tenants}
            for tenant, _ in slot.tenants:
                slowed[tenant.letter] = max(slowed.get(tenant.letter, 1.0), slot.slowed(tenant))
    purchase = built.figures.get("purchase")
    rows = []
    for work, answer, plan in zip(works, answers, plans, strict=True):
        share = taken[work.letter] / len(slots) if slots else 0.0
        reasons = () if plan is not None else _reasons(answer)
        cost = _part(purchase, share) if plan is not None else None
        rows.append(
            Row(
                work.letter, work.name, answer, plan, taken[work.letter], share, cost, work.letter in beside, reasons,
                work.scenario, work.hours, work.own, slowed.get(work.letter, 1.0),
            )
        )  # fmt: skip
    return tuple(rows)


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


def _placed(slot: Slot, tenants: Sequence[Tenant]) -> PlacedGpu:
    kin = next(tenant for tenant in tenants if tenant.gpu_id == slot.gpu_id)
    shares = tuple(Share(tenant.letter, tenant.memory, tenant.busy, replica, tenant.hours) for tenant, replica in slot.tenants)
    return PlacedGpu(slot.server, slot.index, slot.gpu_id, kin.usable_bytes, kin.limit_bytes, shares, slot.spare)


def _figures(rows: Sequence[Row], slots: Sequence[Slot], built: Site) -> dict[str, Quantity]:
    def count(key: str, value: float) -> Quantity:
        return Quantity(key, value, Unit.COUNT, provenance=Provenance.MODELLED)

    alone = sum(row.plan.gpus for row in rows if row.plan is not None)
    own = {
        "gpus": count("gpus", float(len(slots))),
        "gpus_used": count("gpus_used", sum(row.gpus for row in rows) + sum(slot.spare for slot in slots)),
        "gpus_alone": count("gpus_alone", float(alone)),
    }
    return {**built.figures, **own}


def _money(scenario: Scenario, catalog: Catalog, rows: Sequence[Row], built: Site) -> dict[str, Quantity]:
    """What the estate costs over its life; what a token costs is each workload's own affair."""
    plan = next((row.plan for row in rows if row.plan is not None), None)
    if plan is None:
        return {}
    figures = life_of(scenario, catalog, plan, built).figures
    return {key: figures[key] for key in ("purchase_total", "running", "tco", "energy_year")}


def _warnings(slots: Sequence[Slot]) -> tuple[Code, ...]:
    kinds = {slot.gpu_id for slot in slots}
    return (Code("estate.warning.kinds", {"kinds": len(kinds)}),) if len(kinds) > 2 else ()
