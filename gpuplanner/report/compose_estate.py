"""The quote of an estate: one bill of materials for all workloads of a customer, and what is promised of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estate.build import estate_of
from gpuplanner.engine.estate.result import Estate, Row
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.money.life import life_of
from gpuplanner.engine.money.result import Life
from gpuplanner.engine.result import Code, Estimate, Plan, Quantity, Status
from gpuplanner.engine.site.result import Role
from gpuplanner.errors import InputError
from gpuplanner.report import phrases
from gpuplanner.report.acceptance import checks
from gpuplanner.report.answer import spoken
from gpuplanner.report.compose import formulas, performance
from gpuplanner.report.content import (
    Check,
    Figure,
    Footnote,
    LifeCost,
    Line,
    Metadata,
    Option,
    QuoteContent,
    Setting,
    Topic,
    Work,
)
from gpuplanner.report.drawing.placement import placement_of
from gpuplanner.report.footnotes import footnotes
from gpuplanner.report.names import gpu_name, model_name
from gpuplanner.report.options import TOTAL, difference, site_total
from gpuplanner.report.plain import one_line
from gpuplanner.report.priced import priced_scenario, priced_site
from gpuplanner.report.pricing import lines
from gpuplanner.report.room import life_cost, room
from gpuplanner.report.settings import assumptions, deployment
from gpuplanner.report.totals import totals
from gpuplanner.scenario.document import Scenario

_TILES: Final = ("servers", "gpus", "power_load", "tco", "energy_year")
_NAMES: Final = {
    "servers": "site.figure.servers", "gpus": "report.figure.gpus", "power_load": "site.figure.power_load",
    "tco": "money.figure.tco", "energy_year": "money.figure.energy_year",
}  # fmt: skip
_OPTION_KEYS: Final = ("gpus", "servers", "power_load", TOTAL)
_WHOLE: Final = frozenset(("purchase_total", "running", "tco", "npv", "energy_year"))
"""What is said of the whole; what a token costs is each workload's own affair."""
_WITH_GPUS: Final = (Role.GPU_SERVER, Role.TRAINING_SERVER)
_OF_ONE_CARD: Final = ("report.check.memory", "report.check.power")
_SAID_ABOVE: Final = frozenset(("report.assume.lengths", "report.assume.load", "report.assume.training.lengths"))
_ORDER: Final = (Status.MEETS, Status.EXPECTED, Status.MISSES, Status.IMPOSSIBLE)


def has_works(scenario: Scenario) -> bool:
    """Whether there is more than one workload to quote."""
    return bool(scenario.estate.more)


def compose_estate(
    scenario: Scenario, estate: Estate, catalog: Catalog, metadata: Metadata, quoted: tuple[Line, ...] | None = None
) -> QuoteContent:
    """The content of a quote for all workloads together.

    Args:
        scenario: what was asked.
        estate: what followed.
        catalog: the facts it followed from.
        metadata: number, day, terms and so on.
        quoted: lines with prices, discounts and taxes of this quote; those of the catalogue and the scenario when None.

    Raises:
        InputError: when none of the workloads can be carried, with the reason of the first.
    """
    carried = [(row, row.plan, row.scenario) for row in estate.rows if row.plan is not None and row.scenario is not None]
    if not carried:
        reasons = [reason for row in estate.rows for reason in row.reasons]
        reason = reasons[0] if reasons else Code("report.answer.no_reason")
        raise InputError("report.refused.estimate", reason=spoken(reason))
    first = carried[0][1]
    listed = lines(scenario, first, catalog, estate.site) if quoted is None else quoted
    paid = life_of(priced_scenario(scenario, estate.site, listed), catalog, first, priced_site(estate.site, listed))
    common, figures = _common(carried, catalog), {**estate.figures, **paid.figures}
    return QuoteContent(
        metadata=metadata,
        title=one_line(scenario.name),
        customer=one_line(scenario.customer),
        model=model_name(carried[0][2], catalog),
        gpu=gpu_name(first.gpu_id, catalog),
        load=Code("report.estate.load", {"n": len(estate.rows)}),
        lengths=Code("report.list", {"parts": ()}),
        hardware=_hardware(estate, catalog),
        layout=Code("report.estate.layout", {"gpus": figures["gpus"].value, "used": figures["gpus_used"].value}),
        state=_state(estate.rows),
        status=max((row.plan.status if row.plan else Status.IMPOSSIBLE for row in estate.rows), key=_ORDER.index),
        percentile=scenario.targets.percentile,
        currency=scenario.money.currency,
        figures=(Figure(_purchase(figures)), *(Figure(figures[key], name=_NAMES[key]) for key in _TILES if key in figures)),
        latencies=(),
        deployment=tuple(_works_setting(row, catalog) for row in estate.rows),
        lines=listed,
        option_keys=_OPTION_KEYS,
        options=_apart(scenario, estate, catalog, listed),
        performance=(),
        memory=None,
        assumptions=(*_together(estate), *common),
        warnings=estate.warnings,
        formulas=(),
        footnotes=_footnotes(carried, catalog, metadata),
        catalog_date=catalog.date,
        catalog_digest=catalog.digest,
        life=_life(scenario, paid),
        room=room(estate.site),
        checks=_checks(estate, catalog),
        works=tuple(_work(row, catalog, common) for row in estate.rows),
        placement=placement_of(estate, catalog),
    )


def _common(carried: Sequence[tuple[Row, Plan, Scenario]], catalog: Catalog) -> tuple[Code, ...]:
    """What all workloads take for granted."""
    first, *others = (assumptions(asked, plan, catalog) for _, plan, asked in carried)
    return tuple(code for code in first if all(code in other for other in others))


def _life(scenario: Scenario, paid: Life) -> LifeCost:
    life = life_cost(scenario, paid)
    return replace(life, figures=tuple(figure for figure in life.figures if figure.key in _WHOLE))


def _purchase(figures: dict[str, Quantity]) -> Quantity:
    return replace(figures["purchase_total"], key=TOTAL)


def _hardware(estate: Estate, catalog: Catalog) -> Code:
    """How many servers of each kind with how many GPUs each."""
    kinds: dict[tuple[int, str], int] = {}
    for line in estate.site.lines:
        if line.role in _WITH_GPUS and line.count:
            gpus = next((device.gpus for rack in estate.site.racks for device in rack.devices if device.line == line.key), 0)
            gpu_id = next((gpu.gpu_id for gpu in estate.placement if f".{gpu.gpu_id}" in line.key), estate.placement[0].gpu_id)
            kinds[gpus, gpu_id] = kinds.get((gpus, gpu_id), 0) + line.count
    parts = []
    for (gpus, gpu_id), count in kinds.items():
        said = {"servers": phrases.counted("servers", count), "gpu": gpu_name(gpu_id, catalog)}
        one = Code("report.hardware.one", {**said, "gpus": gpus})
        parts.append(one if count == 1 else Code("report.hardware.each", {**said, "per_server": gpus}))
    return Code("report.list", {"parts": tuple(parts)})


def _state(rows: Sequence[Row]) -> Code:
    """How many workloads meet their targets, and how many can't be carried."""
    met = sum(row.plan is not None and row.plan.status is not Status.MISSES for row in rows)
    lost = sum(row.plan is None for row in rows)
    if lost:
        return Code("report.estate.state.lost", {"met": met, "n": len(rows), "lost": lost})
    key = "all" if met == len(rows) else "some"
    return Code(f"report.estate.state.{key}", {"met": met, "n": len(rows)})


def _works_setting(row: Row, catalog: Catalog) -> Setting:
    """A workload on the first page: what runs, how it is laid out."""
    asked, plan = row.scenario, row.plan
    model = model_name(asked, catalog) if asked is not None else ""
    where = phrases.layout(plan) if plan is not None else Code("report.estate.not_carried")
    value = Code("report.estate.setting", {"model": model, "layout": where})
    return Setting("report.estate.work", value, {"letter": row.letter, "name": one_line(row.name) or model})


def _work(row: Row, catalog: Catalog, common: tuple[Code, ...]) -> Work:
    asked, plan = row.scenario, row.plan
    assert asked is not None
    nothing = Code("report.list", {"parts": ()})
    made = Work(
        letter=row.letter,
        name=one_line(row.name) or model_name(asked, catalog),
        model=model_name(asked, catalog),
        gpu=gpu_name(plan.gpu_id, catalog) if plan is not None else "",
        load=phrases.load(asked),
        lengths=phrases.lengths(asked, catalog),
        hours=_hours(row),
        layout=phrases.layout(plan) if plan is not None else nothing,
        state=phrases.state(plan, asked) if plan is not None else Code("report.estate.not_carried"),
        status=plan.status if plan is not None else Status.IMPOSSIBLE,
        percentile=asked.targets.percentile,
        gpus=row.gpus,
        cost=row.cost,
        shared=row.shared,
        reasons=row.reasons,
    )
    if plan is None:
        return made
    own = tuple(code for code in assumptions(asked, plan, catalog) if code not in common and code.code not in _SAID_ABOVE)
    slowed = (Code("report.estate.slowed", {"more_share": row.slowed - 1}),) if row.slowed > 1 else ()
    return replace(
        made,
        performance=performance(asked, plan, row.slowed),
        memory=plan.memory,
        deployment=deployment(asked, row.alone, plan, catalog),
        assumptions=(*own, *slowed, *row.alone.warnings, *plan.warnings),
        formulas=formulas(asked, plan, catalog),
    )


def _hours(row: Row) -> Code:
    """When it runs, by the hours of the day."""
    if all(row.hours) or not any(row.hours):
        return Code("report.estate.hours.all")
    count = len(row.hours)
    starts = [hour for hour in range(count) if row.hours[hour] and not row.hours[hour - 1]]
    ends = [(hour + 1) % count for hour in range(count) if row.hours[hour] and not row.hours[(hour + 1) % count]]
    return Code("report.estate.hours", {"start": f"{starts[0]:02d}:00", "end": f"{ends[0]:02d}:00"})


def _together(estate: Estate) -> tuple[Code, ...]:
    """What follows from workloads that lie on the same GPUs."""
    shared = tuple(row.letter for row in estate.rows if row.shared)
    said = [Code("report.estate.assume.alone", {"n": estate.figures["gpus_alone"].value})]
    if shared:
        said.append(Code("report.estate.assume.shared", {"works": shared}))
    if any(row.hours and not all(row.hours) for row in estate.rows):
        said.append(Code("report.estate.assume.hours"))
    return tuple(said)


def _apart(scenario: Scenario, estate: Estate, catalog: Catalog, quoted: Sequence[Line]) -> tuple[Option, ...]:
    """The same workloads on servers of their own, beside the offer."""
    if sum(row.plan is not None for row in estate.rows) < 2:
        return ()

    def answered(asked: Scenario, facts: Catalog) -> Estimate:
        rows = estate.rows if facts is catalog and scenario.estate.gpu is None else ()
        known = next((row.alone for row in rows if row.scenario == asked), None)
        return estimate(asked, facts) if known is None else known

    alone = estate_of(scenario, catalog, answered, together=False)
    offer, other = _first_plan(estate), _first_plan(alone)
    if offer is None or other is None:
        return ()
    own = totals(quoted).quantity
    total = site_total(scenario, other, catalog, alone.site, quoted)
    return (
        _option("report.estate.option.together", estate, offer, own, None, catalog, offered=True),
        _option("report.estate.option.apart", alone, other, total, difference(total, own), catalog),
    )


def _first_plan(estate: Estate) -> Plan | None:
    return next((row.plan for row in estate.rows if row.plan is not None), None)


def _option(
    name: str, estate: Estate, plan: Plan, total: Quantity, more: float | None, catalog: Catalog, *, offered: bool = False
) -> Option:
    figures = {**estate.figures, TOTAL: total}
    return Option(
        gpu_name=gpu_name(plan.gpu_id, catalog),
        gpus=_hardware(estate, catalog),
        layout=Code("report.list", {"parts": ()}),
        status=max((row.plan.status for row in estate.rows if row.plan is not None), key=_ORDER.index),
        figures=tuple(figures.get(key) for key in _OPTION_KEYS),
        difference=more,
        offered=offered,
        name=name,
    )


def _footnotes(carried: Sequence[tuple[Row, Plan, Scenario]], catalog: Catalog, metadata: Metadata) -> tuple[Footnote, ...]:
    """The remarks of all workloads, each once; the prices of all kinds of GPU as one."""
    found = [note for _, plan, asked in carried for note in footnotes(asked, plan, catalog, metadata.day)]
    once: dict[Topic, list[Code]] = {}
    for note in found:
        of_topic = once.setdefault(note.topic, [])
        if note.text not in of_topic:
            of_topic.append(note.text)
    prices = once.pop(Topic.PRICE, [])
    joined = (Footnote(Topic.PRICE, prices[0] if len(prices) == 1 else Code("report.notes", {"parts": tuple(prices)})),)
    return (*(joined if prices else ()), *(Footnote(topic, text) for topic, texts in once.items() for text in texts))


def _checks(estate: Estate, catalog: Catalog) -> tuple[Check, ...]:
    """The cards of the whole, then the figures of each workload; memory and power of cards that are shared are nobody's own."""
    made: list[Check] = []
    for row in estate.rows:
        if row.plan is None or row.scenario is None:
            continue
        slow = {figure.key: figure for figure in performance(row.scenario, row.plan, row.slowed)}
        plan = replace(row.plan, figures={**row.plan.figures, **{key: figure.quantity for key, figure in slow.items()}})
        for check in checks(row.scenario, plan, estate.site, catalog):
            if check.name == "report.check.gpus":
                if not made:
                    made.append(check)
            elif not (row.shared and check.name in _OF_ONE_CARD):
                made.append(replace(check, work=row.letter, percentile=row.scenario.targets.percentile))
    return tuple(made)
