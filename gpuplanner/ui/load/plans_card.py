"""The card of all GPUs for work that isn't text for people: one point a GPU, as the table has them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from gpuplanner.engine.result import Plan, Quantity, Status, Unit
from gpuplanner.format import format_integer, format_seconds
from gpuplanner.report.names import gpu_name
from gpuplanner.texts import text
from gpuplanner.ui.charts.picture import Dot, Picture, Rule, Stop, axis
from gpuplanner.ui.load.given import Given
from gpuplanner.ui.load.live import LiveCard
from gpuplanner.ui.load.scales import figure_text, scale_of
from gpuplanner.ui.results.figures import label

PER_GPU = "capacity_per_gpu"  # requests per second that a GPU carries at most
_PAIRS = (("training_time", "run_cost"), ("training_time", "gpu_hours"), ("e2e", PER_GPU), ("training_time", "mfu"))
_NAMED = 7
_WIDE = 40.0  # times the best: what lies beyond is left out, else everything else shrinks to a spot


class PlansCard(LiveCard):
    """What each GPU takes against what it gives.

    Signals:
        gpu_chosen: id of the GPU that was clicked.
    """

    gpu_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field.picked.connect(self.gpu_chosen)

    def renew(self, given: Given) -> None:
        """Draw the plans of the answer."""
        pair = next((pair for pair in _PAIRS if _known(given, *pair)), None)
        if pair is None:
            self.say(text("load.no_plan"))
            return
        self.set_title(text(f"load.plans.title.{pair[0]}"))
        plans = _known(given, *pair)
        self.show_picture(
            _picture(given, plans, *pair), partial(_table, given, plans, *pair), text("load.plans.hint", count=len(plans))
        )


def _known(given: Given, x: str, y: str) -> list[Plan]:
    return [
        plan
        for plan in given.estimate.plans
        if plan.status is not Status.IMPOSSIBLE and _value(plan, x) is not None and _value(plan, y) is not None
    ]


def _value(plan: Plan, key: str) -> float | None:
    quantity = _figure(plan, key)
    return quantity.value if quantity is not None else None


def _figure(plan: Plan, key: str) -> Quantity | None:
    if key != PER_GPU:
        return plan.figures.get(key)
    most = plan.figures.get("capacity_rate")
    used = plan.gpus_per_replica * plan.replicas
    if most is None or most.value is None or not used:
        return None
    return Quantity(key, most.value / used, Unit.REQUESTS_PER_SECOND)


def _name(given: Given, plan: Plan, key: str) -> str:
    return text("load.axis.capacity") if key == PER_GPU else label(key, given.scenario, plan)


def _picture(given: Given, plans: list[Plan], x: str, y: str) -> Picture:
    least = min(_value(plan, x) or 0.0 for plan in plans)
    shown = [plan for plan in plans if (_value(plan, x) or 0.0) <= _WIDE * max(least, 1e-12)]
    xs, ys = [_value(plan, x) or 0.0 for plan in shown], [_value(plan, y) or 0.0 for plan in shown]
    currency = given.scenario.money.currency
    across, up = (scale_of(_unit(shown[0], key), max(found), currency) for key, found in ((x, xs), (y, ys)))
    log = max(xs) > 6 * min(xs) > 0
    named = {plan.gpu_id for plan in shown[:_NAMED]}
    dots = [
        Dot(
            at_x, at_y, plan.gpu_id,
            f"{format_integer(plan.gpus)} × {gpu_name(plan.gpu_id, given.catalog)}" if plan.gpu_id in named else "",
            hollow=plan.status is Status.MISSES,
            ringed=plan.gpu_id == given.estimate.chosen,
            size=7,
        )
        for plan, at_x, at_y in zip(shown, xs, ys, strict=True)
    ]  # fmt: skip
    limit = _limit(given, x)
    rules = (Rule(limit, text("load.limit", limit=str(format_seconds(limit)))),) if limit and limit <= max(xs) else ()
    name = _name(given, shown[0], x)
    return Picture(
        axis(
            across.title(name),
            0.95 * min(xs) if log else 0.0,
            1.05 * max(xs),
            across.write,
            log=log,
            exact=True,
            worth=across.worth,
        ),
        axis(
            up.title(_name(given, shown[0], y)) if y != PER_GPU else _name(given, shown[0], y),
            0.0,
            1.1 * max(ys),
            up.write,
            count=4,
            worth=up.worth,
        ),
        rules=rules,
        dots=tuple(dots),
        stops=tuple(Stop(dot.x, dot.y, _said(given, plan, x, y), dot.key) for dot, plan in zip(dots, shown, strict=True)),
        by_x=False,
    )


def _limit(given: Given, key: str) -> float | None:
    if key == "training_time":
        days = given.scenario.training.within_days
        return None if days is None else days * 86_400
    return given.limit(key)


def _said(given: Given, plan: Plan, x: str, y: str) -> str:
    currency = given.scenario.money.currency
    words = {axis_: f"{_name(given, plan, key)} {_words(plan, key, currency)}" for axis_, key in (("x", x), ("y", y))}
    return text("load.plans.point", plan=f"{format_integer(plan.gpus)} × {gpu_name(plan.gpu_id, given.catalog)}", **words)


def _unit(plan: Plan, key: str) -> Unit:
    quantity = _figure(plan, key)
    return quantity.unit if quantity is not None else Unit.COUNT


def _words(plan: Plan, key: str, currency: str) -> str:
    quantity = _figure(plan, key)
    return figure_text(quantity, currency)[0] if quantity is not None else ""


def _table(given: Given, plans: list[Plan], x: str, y: str) -> list[list[str]]:
    rows = [[text("load.column.gpu"), text("load.column.gpus"), *(_name(given, plans[0], key) for key in (x, y))]]
    for plan in plans:
        rows.append([gpu_name(plan.gpu_id, given.catalog), str(plan.gpus), f"{_value(plan, x):.6g}", f"{_value(plan, y):.6g}"])
    return rows
