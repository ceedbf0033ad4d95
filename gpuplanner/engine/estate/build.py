"""From several workloads to one estate."""

from __future__ import annotations

from collections.abc import Sequence

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estate.choosing import plans_of
from gpuplanner.engine.estate.filling import Filled, Hand, fill, hands_at, hands_of
from gpuplanner.engine.estate.memo import Estimator, cut
from gpuplanner.engine.estate.packing import Slot
from gpuplanner.engine.estate.result import Estate, Row
from gpuplanner.engine.estate.rows import placed, rows_of
from gpuplanner.engine.estate.works import works_of
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.money.whole import estate_life, running_rows
from gpuplanner.engine.result import Code, Plan, Provenance, Quantity, Unit
from gpuplanner.engine.site.build import site
from gpuplanner.engine.site.gpu_lines import pool_of
from gpuplanner.engine.site.growth import phases_of
from gpuplanner.engine.site.phases import at_phase
from gpuplanner.engine.site.result import Site
from gpuplanner.scenario.document import Scenario

_MANY = 2  # kinds of GPU that are no trouble to keep


def estate_of(
    scenario: Scenario,
    catalog: Catalog,
    estimator: Estimator = estimate,
    *,
    together: bool = True,
    phase: int | None = None,
) -> Estate:
    """All workloads of a customer on common GPUs and servers.

    Args:
        scenario: its own workload and the further ones.
        catalog: what is known; cut to one GPU where the estate names one.
        estimator: estimates one workload; a :class:`Memo` keeps answers of workloads that didn't change.
        together: packed on common servers; else each workload has servers of its own.
        phase: as it stands on the day of a phase, counted from 0: the load of then on the GPUs and with the layouts of the whole.
    """
    works = works_of(scenario)
    asked = scenario.estate.gpu
    known = cut(catalog, asked, estimator) if asked is not None and asked in catalog.gpus else catalog
    answers = [estimator(work.scenario, known) for work in works]
    plans = plans_of(scenario, catalog, works, answers)
    hands = hands_of(scenario, catalog, works, answers, plans, estimator)
    whole = fill(scenario, catalog, hands, together=together)
    shares = phases_of(scenario)[1]

    def then(share: float) -> tuple[list[Hand], Filled]:
        if share >= 1:
            return hands, whole
        found = hands_at(catalog, hands, share, estimator)
        return found, fill(scenario, catalog, found, together=together, given=whole.sizes)

    if phase is None or phase >= len(shares):
        built = site(scenario, catalog, whole.needs, whole.tokens_per_s, [then(share)[1].needs for share in shares])
        return _estate(scenario, catalog, hands, whole, built)
    there, (on_the_day, filled) = at_phase(scenario, phase), then(shares[phase])
    settled = [pool_of(scenario, catalog, need).chassis for need in whole.needs]
    built = site(there, catalog, filled.needs, filled.tokens_per_s, chassis=settled)
    return _estate(there, catalog, on_the_day, filled, built)


def _estate(scenario: Scenario, catalog: Catalog, hands: Sequence[Hand], filled: Filled, built: Site) -> Estate:
    slots = filled.slots
    rows = rows_of(hands, slots, built)
    return Estate(
        rows=rows,
        placement=tuple(placed(slot, filled.tenants) for slot in slots),
        servers=len({slot.server for slot in slots}),
        free=len(slots) - sum(row.gpus for row in rows) - sum(slot.spare for slot in slots),
        site=built,
        figures=_figures(rows, [hand.plan for hand in hands], slots, built) | _money(scenario, catalog, rows, built),
        warnings=_warnings(scenario, slots),
    )


def _figures(rows: Sequence[Row], plans: Sequence[Plan | None], slots: Sequence[Slot], built: Site) -> dict[str, Quantity]:
    def count(key: str, value: float) -> Quantity:
        return Quantity(key, value, Unit.COUNT, provenance=Provenance.MODELLED)

    alone = sum(plan.gpus for plan in plans if plan is not None)
    own = {
        "gpus": count("gpus", float(len(slots))),
        "gpus_used": count("gpus_used", sum(row.gpus for row in rows) + sum(slot.spare for slot in slots)),
        "gpus_alone": count("gpus_alone", float(alone)),
    }
    return {**built.figures, **own}


def _money(scenario: Scenario, catalog: Catalog, rows: Sequence[Row], built: Site) -> dict[str, Quantity]:
    """What the estate costs over its life; what a token costs is each workload's own affair."""
    running = running_rows(rows)
    if not running:
        return {}
    figures = estate_life(scenario, catalog, running, built).figures
    return {key: figures[key] for key in ("purchase_total", "running", "tco", "energy_year")}


def _warnings(scenario: Scenario, slots: Sequence[Slot]) -> tuple[Code, ...]:
    kinds, codes = {slot.gpu_id for slot in slots}, list[Code]()
    if len(kinds) > _MANY:
        codes.append(Code("estate.warning.kinds", {"kinds": len(kinds)}))
    asked = (scenario.deployment, *(work.deployment for work in scenario.estate.more))
    if any(deployment.second_gpu for deployment in asked):
        codes.append(Code("estate.warning.one_kind"))
    return tuple(codes)
