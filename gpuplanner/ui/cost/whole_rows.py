"""Workloads and phases of a whole as tables. No Qt."""

from __future__ import annotations

from gpuplanner.codes import code_text
from gpuplanner.engine.money.result import Offer, PhasePaid, Whole, WorkCost
from gpuplanner.engine.result import Quantity
from gpuplanner.format import format_figure, format_money, format_number, format_share
from gpuplanner.report.names import gpu_name
from gpuplanner.texts import text
from gpuplanner.ui.cost.given import Given
from gpuplanner.ui.cost.offers import provider
from gpuplanner.ui.cost.table_card import Rows

_WORKS = ("name", "part", "purchase", "running", "tco", "unit", "cloud", "month")


def works_rows(given: Given, whole: Whole) -> Rows:
    """A row for each workload, and their sum."""
    years = format_number(given.scenario.money.lifetime_years)
    head = [text(f"cost.works.column.{key}", years=years) for key in _WORKS]
    cells, tips, raw = [], [], []
    for work in whole.works:
        cells.append(_work(given, work))
        tips.append(_work_tips(given, work))
        raw.append(_work_raw(given, work))
    figures, cloud = whole.money.life.figures, whole.money.cloud
    month = cloud.month.get(given.term) if cloud is not None else None
    sums = [figures[key] for key in ("purchase_total", "running", "tco")]
    together = text("cost.works.together")
    cells.insert(0, [together, "", *(money_words(amount, given.currency) for amount in sums), "", "", _month(given, month)])
    tips.insert(0, [""] * len(_WORKS))
    raw.insert(0, [together, "1", *map(_plain, sums), "", "", "" if month is None else f"{month:.10g}"])
    return Rows(head, cells, tips, raw, sums=1, words=frozenset({0, 6}))


def phases_rows(given: Given, phases: tuple[PhasePaid, ...]) -> Rows:
    """A column for each phase: the sums and what runs, then what is bought line by line."""
    head = [text("cost.phases.column.line"), *(code_text(phase.name) for phase in phases)]
    names = {entry.key: code_text(entry.name) for phase in phases for entry in phase.once}
    by = [{entry.key: entry.amount for entry in phase.once} for phase in phases]
    lines: list[tuple[str, list[Quantity | None]]] = [
        (text("cost.phases.together"), [phase.added for phase in phases]),
        (text("cost.phases.bought"), [phase.bought for phase in phases]),
        (text("cost.phases.running"), [phase.running for phase in phases]),
    ]
    sums = len(lines)
    lines += [(f"  {name}", [found.get(key) for found in by]) for key, name in names.items()]
    cells = [[name, *("–" if one is None else money_words(one, given.currency) for one in amounts)] for name, amounts in lines]
    raw = [[name, *("" if one is None else _plain(one) for one in amounts)] for name, amounts in lines]
    return Rows(head, cells, [[""] * len(head) for _ in lines], raw, sums=sums)


def money_words(amount: Quantity, currency: str) -> str:
    """An amount with its currency; "unknown" where nobody knows it."""
    shown = format_figure(amount, currency=currency)
    return f"{shown.number} {shown.unit}".strip()


def _work(given: Given, work: WorkCost) -> list[str]:
    month = work.cloud.month.get(given.term) if work.cloud is not None else None
    return [
        f"{work.letter}  {work.name or text('estate.unnamed')}",
        str(format_share(round(work.part, 3))),
        *(money_words(amount, given.currency) for amount in (work.purchase, work.running, work.tco)),
        _unit(given, work),
        _cloud(given, work.cloud),
        _month(given, month),
    ]


def _work_tips(given: Given, work: WorkCost) -> list[str]:
    tips = [""] * len(_WORKS)
    if work.unit is not None:
        tips[5] = f"{text(f'money.figure.{work.unit.key}')}: {money_words(work.unit, given.currency)}"
    if work.cloud is not None:
        name = f"{provider(work.cloud.provider)} {work.cloud.name}"
        on = f"{work.cloud.gpus_each} × {gpu_name(work.cloud.gpu_id, given.catalog)}"
        tips[6] = f"{work.cloud.count} × {name}, {on} · {work.cloud.date or text('cost.offer.undated')}"
    return tips


def _work_raw(given: Given, work: WorkCost) -> list[str]:
    month = work.cloud.month.get(given.term) if work.cloud is not None else None
    return [
        f"{work.letter} {work.name}".strip(),
        f"{work.part:.6g}",
        *map(_plain, (work.purchase, work.running, work.tco)),
        _plain(work.unit) if work.unit is not None else "",
        _cloud(given, work.cloud),
        "" if month is None else f"{month:.10g}",
    ]


def _unit(given: Given, work: WorkCost) -> str:
    if work.unit is None or work.unit.value is None:
        return "–"
    return f"{money_words(work.unit, given.currency)} {text(f'cost.lot.{work.unit.key}')}"


def _cloud(given: Given, offer: Offer | None) -> str:
    if offer is None:
        return "–"
    mark = "" if offer.meets else "! "
    del given
    return f"{mark}{offer.count} × {provider(offer.provider)} {offer.name}"


def _month(given: Given, month: float | None) -> str:
    return "–" if month is None else str(format_money(month, given.currency))


def _plain(amount: Quantity) -> str:
    return "" if amount.value is None else f"{amount.value:.10g}"
