"""The six figures on top of an answer, for each kind of work. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeGuard

from gpuplanner.engine.result import Plan, Status
from gpuplanner.format import (
    format_bytes,
    format_figure,
    format_hours,
    format_integer,
    format_money,
    format_number,
    format_seconds,
)
from gpuplanner.scenario.document import Scenario, TuningMethod, WorkloadKind
from gpuplanner.texts import text
from gpuplanner.ui.results.figures import FigureText, empty, figure, limits, over_text

_Maker = Callable[[Plan, Scenario, str], FigureText]


def figures(plan: Plan | None, scenario: Scenario, byte_unit: str = "GB") -> tuple[FigureText, ...]:
    """The six figures of a plan; unknown ones say so.

    Args:
        plan: None when nothing can be shown; the figures are then empty.
        scenario: limits, percentile, currency.
        byte_unit: "GB" or "GiB".
    """
    makers = _makers(plan, scenario)
    return tuple(make(plan, scenario, byte_unit) if _has(plan, key) else empty(key, scenario) for key, make in makers)


def _makers(plan: Plan | None, scenario: Scenario) -> tuple[tuple[str, _Maker], ...]:
    kind = scenario.workload.kind
    if kind.trains:
        return _TRAINING_RUN if plan is not None and "training_time" in plan.figures else _TRAINING
    if kind.passes:
        return _SPEECH if plan is not None and "real_time_factor" in plan.figures else _PASSES[kind]
    if kind is WorkloadKind.BATCH:
        return (_SERVING[0], ("batch_time", _pile), *_SERVING[2:])
    return _SERVING


def _has(plan: Plan | None, key: str) -> TypeGuard[Plan]:
    """Whether there is something to say about a figure; of a GPU that cannot run there is only what it would need."""
    return plan is not None and (plan.status is not Status.IMPOSSIBLE or key in plan.figures)


def _limit_text(limit: float | None, shown_unit: str) -> str:
    if limit is None:
        return ""
    shown = format_seconds(limit)
    return text("results.limit", limit=shown.number if shown.unit == shown_unit else str(shown))


def _memory(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:
    if plan.memory is None:
        return figure("memory_per_gpu", plan, scenario, (), byte_unit=byte_unit)
    usable = text("results.of_usable", usable=format_bytes(plan.memory.usable_bytes, byte_unit).number)
    return figure("memory_per_gpu", plan, scenario, (usable,), byte_unit=byte_unit)


def _timed(key: str, plan: Plan, scenario: Scenario, limit: float | None) -> FigureText:
    unit = format_figure(plan.figures.get(key)).unit
    over = over_text(plan.figures.get(key), limit)
    return figure(key, plan, scenario, (" ".join(part for part in (_limit_text(limit, unit), over) if part),), limit)


def _first_token(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:  # noqa: ARG001
    return _timed("ttft", plan, scenario, limits(scenario).get("ttft"))


def _per_token(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:  # noqa: ARG001
    return _timed("tpot", plan, scenario, limits(scenario).get("tpot"))


def _pile(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:  # noqa: ARG001
    hours = scenario.workload.batch_hours
    shown = text("results.limit", limit=str(format_hours(hours)))
    over = over_text(plan.figures.get("batch_time"), hours * 3600)
    return figure("batch_time", plan, scenario, (f"{shown} {over}".strip(),), hours * 3600)


def _request(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:  # noqa: ARG001
    return _timed("e2e", plan, scenario, limits(scenario).get("e2e"))


def _pass(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:  # noqa: ARG001
    return figure("pass_time", plan, scenario, (text("results.batch_of", count=format_integer(plan.batch)),))


def _until_trained(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:  # noqa: ARG001
    return _timed("training_time", plan, scenario, limits(scenario).get("training_time"))


def _plain(key: str) -> _Maker:
    """A figure with nothing but its range."""

    def make(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:
        return figure(key, plan, scenario, (), byte_unit=byte_unit)

    return make


def _running(key: str) -> _Maker:
    """What so many pieces cost; with what it rests on."""

    def make(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:  # noqa: ARG001
        quantity = plan.figures.get(key)
        if quantity is None or quantity.value is None:
            return figure(key, plan, scenario, (text("results.no_price"),))
        money = scenario.money
        years, busy = format_number(money.lifetime_years), format_number(money.utilization * 100)
        made = figure(key, plan, scenario, (text("results.cost_basis", years=years),))
        return replace(made, hint=text("results.cost_basis.hint", years=years, busy=busy))

    return make


def _purchase(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:  # noqa: ARG001
    quantity = plan.figures.get("purchase")
    if quantity is None or quantity.value is None:
        return figure("purchase", plan, scenario, (text("results.no_price"),))
    each = str(format_money(quantity.value / plan.bought, scenario.money.currency)) if plan.bought else ""
    if quantity.at_least:
        return figure("purchase", plan, scenario, (text("results.at_least"),))
    details = (text("results.cards_price", count=format_integer(plan.bought), price=each),) if each else ()
    return figure("purchase", plan, scenario, details)


def _gpus(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:  # noqa: ARG001
    key = "results.servers.one" if plan.servers == 1 else "results.servers"
    return figure("gpus", plan, scenario, (text(key, servers=format_integer(plan.servers)),))


def _trained(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:  # noqa: ARG001
    method = scenario.training.method if scenario.workload.kind is WorkloadKind.TUNE else TuningMethod.FULL
    return figure("trained_params", plan, scenario, (text(f"choice.training.method.{method}"),))


def _checkpoint(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:
    adapts = scenario.workload.kind is WorkloadKind.TUNE and scenario.training.method is not TuningMethod.FULL
    holds = text(f"results.checkpoint_holds.{'adapter' if adapts else 'full'}")
    return figure("checkpoint", plan, scenario, (holds,), byte_unit=byte_unit)


def _per_step(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:  # noqa: ARG001
    count = plan.training.micro_batches if plan.training else 1
    said = (text("results.accumulated", count=format_integer(count)),) if count > 1 else ()
    return figure("tokens_per_step", plan, scenario, said)


_SERVING: Final[tuple[tuple[str, _Maker], ...]] = (
    ("memory_per_gpu", _memory),
    ("ttft", _first_token),
    ("tpot", _per_token),
    ("throughput", _plain("throughput")),
    ("purchase", _purchase),
    ("cost_per_million", _running("cost_per_million")),
)
_TRAINING: Final[tuple[tuple[str, _Maker], ...]] = (
    ("memory_per_gpu", _memory),
    ("gpus", _gpus),
    ("trained_params", _trained),
    ("checkpoint", _checkpoint),
    ("tokens_per_step", _per_step),
    ("purchase", _purchase),
)
_TRAINING_RUN: Final[tuple[tuple[str, _Maker], ...]] = (
    ("memory_per_gpu", _memory),
    ("gpus", _gpus),
    ("training_time", _until_trained),
    ("step_time", _plain("step_time")),
    ("mfu", _plain("mfu")),
    ("purchase", _purchase),
)
_REQUESTS: Final[tuple[tuple[str, _Maker], ...]] = (
    ("memory_per_gpu", _memory),
    ("e2e", _request),
    ("item_rate", _plain("item_rate")),
)
_SPEECH: Final[tuple[tuple[str, _Maker], ...]] = (
    *_REQUESTS[:2],
    ("real_time_factor", _plain("real_time_factor")),
    ("streams", _plain("streams")),
    ("purchase", _purchase),
    ("cost_per_audio_hour", _running("cost_per_audio_hour")),
)
_PASSES: Final[dict[WorkloadKind, tuple[tuple[str, _Maker], ...]]] = {
    WorkloadKind.GENERATE: (
        *_REQUESTS,
        ("step_time", _plain("step_time")),
        ("purchase", _purchase),
        ("cost_per_thousand", _running("cost_per_thousand")),
    ),
    WorkloadKind.ENCODE: (
        *_REQUESTS,
        ("pass_time", _pass),
        ("purchase", _purchase),
        ("cost_per_thousand", _running("cost_per_thousand")),
    ),
}
