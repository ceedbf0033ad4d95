"""The six figures as words: label, number, unit, range and limit, and whether the limit holds. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeGuard

from gpuplanner.engine.result import Plan, Quantity, Status
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


class Verdict(StrEnum):
    """How something stands to its limit.

    ``CAUTION``: expected within, the cautious end beyond. ``MISS``: beyond. ``BAD``: impossible. ``PLAIN``: nothing to say.
    """

    PLAIN = "plain"
    GOOD = "good"
    CAUTION = "caution"
    MISS = "miss"
    BAD = "bad"


GLYPHS = {Verdict.PLAIN: "", Verdict.GOOD: "✓", Verdict.CAUTION: "!", Verdict.MISS: "!", Verdict.BAD: "✕"}


@dataclass(frozen=True, slots=True)
class FigureText:
    """What a figure shows. ``details`` stand under the number, beside each other where there is room."""

    key: str
    label: str
    short: str
    number: str
    unit: str
    details: tuple[str, ...] = ()
    verdict: Verdict = Verdict.PLAIN
    hint: str = ""

    @property
    def spoken(self) -> str:
        """The figure in one line, for a screen reader."""
        shown = f"{self.number} {self.unit}".strip()
        tail = ", ".join(part for part in self.details if part)
        state = text(f"results.verdict.{self.verdict.value}") if self.verdict in (Verdict.CAUTION, Verdict.MISS) else ""
        return ": ".join((self.label, ", ".join(part for part in (shown, tail, state) if part)))


def figures(plan: Plan | None, scenario: Scenario, byte_unit: str = "GB") -> tuple[FigureText, ...]:
    """The six figures of a plan; unknown ones say so.

    Args:
        plan: None when nothing can be shown; the figures are then empty.
        scenario: limits, percentile, currency.
        byte_unit: "GB" or "GiB".
    """
    makers = _TRAINING if scenario.workload.kind.trains else _SERVING
    if scenario.workload.kind is WorkloadKind.BATCH:
        makers = (makers[0], ("batch_time", _pile), *makers[2:])
    return tuple(make(plan, scenario, byte_unit) if _has(plan, key) else _empty(key, scenario) for key, make in makers)


def verdict(quantity: Quantity | None, limit: float | None) -> Verdict:
    """Whether a figure keeps below its limit, with its cautious end too."""
    if quantity is None or quantity.value is None or limit is None:
        return Verdict.PLAIN
    if quantity.value > limit:
        return Verdict.MISS
    return Verdict.CAUTION if quantity.high is not None and quantity.high > limit else Verdict.GOOD


def limits(scenario: Scenario) -> dict[str, float]:
    """The limits in seconds that figures are held to: those of the people who wait, or that of the batch."""
    if scenario.workload.kind is WorkloadKind.BATCH:
        return {"batch_time": scenario.workload.batch_hours * 3600}
    if scenario.workload.kind.trains:
        return {}
    asked = {"ttft": scenario.targets.ttft_s, "tpot": scenario.targets.tpot_s}
    return {name: limit for name, limit in asked.items() if limit is not None}


def label(key: str, scenario: Scenario, *, short: bool = False) -> str:
    """What a figure is called; times carry the percentile they hold at."""
    percentile = format_number(scenario.targets.percentile * 100)
    name = f"results.figure.{key}.short" if short else f"results.figure.{key}"
    return text(name, percentile=f"p{percentile}")


def _has(plan: Plan | None, key: str) -> TypeGuard[Plan]:
    """Whether there is something to say about a figure; of a GPU that cannot run there is only what it would need."""
    return plan is not None and (plan.status is not Status.IMPOSSIBLE or key in plan.figures)


def _empty(key: str, scenario: Scenario) -> FigureText:
    return FigureText(key, label(key, scenario), label(key, scenario, short=True), "–", "")


def _figure(
    key: str, plan: Plan, scenario: Scenario, details: tuple[str, ...], limit: float | None = None, byte_unit: str = "GB"
) -> FigureText:
    quantity = plan.figures.get(key)
    shown = format_figure(quantity, byte_unit=byte_unit, currency=scenario.money.currency)
    parts = tuple(part for part in (*details, shown.range_text) if part)
    return FigureText(
        key,
        label(key, scenario),
        label(key, scenario, short=True),
        shown.number,
        shown.unit,
        parts,
        verdict(quantity, limit),
        provenance_text(quantity),
    )


def provenance_text(quantity: Quantity | None) -> str:
    """Where a figure comes from, in words; empty when there is none."""
    if quantity is None or quantity.value is None:
        return ""
    key = f"results.provenance.{quantity.provenance.value}"
    return text(f"{key}.rows", rows=format_integer(quantity.rows)) if quantity.rows else text(key)


def _limit_text(limit: float | None, shown_unit: str) -> str:
    if limit is None:
        return ""
    shown = format_seconds(limit)
    return text("results.limit", limit=shown.number if shown.unit == shown_unit else str(shown))


def _memory(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:
    if plan.memory is None:
        return _figure("memory_per_gpu", plan, scenario, (), byte_unit=byte_unit)
    usable = text("results.of_usable", usable=format_bytes(plan.memory.usable_bytes, byte_unit).number)
    return _figure("memory_per_gpu", plan, scenario, (usable,), byte_unit=byte_unit)


def _timed(key: str, plan: Plan, scenario: Scenario, limit: float | None) -> FigureText:
    unit = format_figure(plan.figures.get(key)).unit
    return _figure(key, plan, scenario, (_limit_text(limit, unit),), limit)


def _first_token(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:  # noqa: ARG001
    return _timed("ttft", plan, scenario, limits(scenario).get("ttft"))


def _per_token(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:  # noqa: ARG001
    return _timed("tpot", plan, scenario, limits(scenario).get("tpot"))


def _pile(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:  # noqa: ARG001
    hours = scenario.workload.batch_hours
    shown = text("results.limit", limit=str(format_hours(hours)))
    return _figure("batch_time", plan, scenario, (shown,), hours * 3600)


def _throughput(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:  # noqa: ARG001
    return _figure("throughput", plan, scenario, ())


def _purchase(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:  # noqa: ARG001
    quantity = plan.figures.get("purchase")
    if quantity is None or quantity.value is None:
        return _figure("purchase", plan, scenario, (text("results.no_price"),))
    each = str(format_money(quantity.value / plan.gpus, scenario.money.currency)) if plan.gpus else ""
    details = (text("results.at_least"),) if quantity.at_least else (text("results.per_gpu_price", price=each),) if each else ()
    return _figure("purchase", plan, scenario, details)


def _per_million(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:  # noqa: ARG001
    quantity = plan.figures.get("cost_per_million")
    if quantity is None or quantity.value is None:
        return _figure("cost_per_million", plan, scenario, (text("results.no_price"),))
    money = scenario.money
    basis = text("results.cost_basis", years=format_number(money.lifetime_years), busy=format_number(money.utilization * 100))
    return _figure("cost_per_million", plan, scenario, (basis,))


def _gpus(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:  # noqa: ARG001
    key = "results.servers.one" if plan.servers == 1 else "results.servers"
    return _figure("gpus", plan, scenario, (text(key, servers=format_integer(plan.servers)),))


def _trained(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:  # noqa: ARG001
    method = scenario.training.method if scenario.workload.kind is WorkloadKind.TUNE else TuningMethod.FULL
    return _figure("trained_params", plan, scenario, (text(f"choice.training.method.{method}"),))


def _checkpoint(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:
    adapts = scenario.workload.kind is WorkloadKind.TUNE and scenario.training.method is not TuningMethod.FULL
    holds = text(f"results.checkpoint_holds.{'adapter' if adapts else 'full'}")
    return _figure("checkpoint", plan, scenario, (holds,), byte_unit=byte_unit)


def _per_step(plan: Plan, scenario: Scenario, byte_unit: str) -> FigureText:  # noqa: ARG001
    count = plan.training.micro_batches if plan.training else 1
    said = (text("results.accumulated", count=format_integer(count)),) if count > 1 else ()
    return _figure("tokens_per_step", plan, scenario, said)


_Maker = Callable[[Plan, Scenario, str], FigureText]
_SERVING: Final[tuple[tuple[str, _Maker], ...]] = (
    ("memory_per_gpu", _memory),
    ("ttft", _first_token),
    ("tpot", _per_token),
    ("throughput", _throughput),
    ("purchase", _purchase),
    ("cost_per_million", _per_million),
)
_TRAINING: Final[tuple[tuple[str, _Maker], ...]] = (
    ("memory_per_gpu", _memory),
    ("gpus", _gpus),
    ("trained_params", _trained),
    ("checkpoint", _checkpoint),
    ("tokens_per_step", _per_step),
    ("purchase", _purchase),
)
