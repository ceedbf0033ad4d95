"""Advice in words. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gpuplanner.codes import code_text
from gpuplanner.engine.advice.result import Advice, Aim, Effect
from gpuplanner.engine.result import Code, Quantity, Status
from gpuplanner.format import format_figure, format_integer, format_money, format_share
from gpuplanner.report.names import gpu_name
from gpuplanner.report.phrases import hardware
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import has, text
from gpuplanner.ui.results.figures import label

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

MOST_EFFECTS: Final = 3
LEAST_CHANGE: Final = 0.02
_HOLD: Final = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class AdviceText:
    """A piece of advice as it is shown: what to do, what for, and what follows."""

    title: str
    gain: str
    answer: str
    effects: str
    note: str


def advice_text(advice: Advice, scenario: Scenario, catalog: Catalog, byte_unit: str) -> AdviceText:
    """Advice in the current language."""
    plan = advice.plan
    currency = scenario.money.currency
    changed = [effect for effect in advice.effects if effect.key != "gpus" and _differs(effect)]  # the answer counts GPUs
    shown = [_effect(effect, scenario, byte_unit, currency).replace(" ", _HOLD) for effect in changed[:MOST_EFFECTS]]
    return AdviceText(
        title=title(advice.code, catalog),
        gain=_gain(advice, currency),
        answer=text("advice.answer", machines=code_text(hardware(plan, catalog))),
        effects="\n".join(shown),
        note="" if advice.note is None else _note(advice.note),
    )


def title(code: Code, catalog: Catalog) -> str:
    """What to do."""
    if "gpu" in code.params:
        return text(code.code, gpu=gpu_name(str(code.params["gpu"]), catalog))
    return code_text(code)


def _note(code: Code) -> str:
    """The loss of a format; one that we have no words for says it in the catalogue's own."""
    return code_text(code if has(code.code) else Code("advice.quality.other", code.params))


def _gain(advice: Advice, currency: str) -> str:
    if advice.aim is Aim.SAFER:
        key = {Status.MEETS: "meets", Status.EXPECTED: "expected"}.get(advice.plan.status, "fits")
        return text(f"advice.gain.{key}")
    if advice.aim is Aim.FASTER:
        return text("advice.gain.faster", share=str(format_share(advice.speedup)))
    by_key = {effect.key: effect for effect in advice.effects}
    money = _drop(by_key.get("purchase"))
    if money is not None and money > 0:
        return text("advice.gain.money", amount=str(format_money(money, currency)))
    rent = _drop(by_key.get("cloud_month"))
    if rent is not None:
        return text("advice.gain.month", amount=str(format_money(rent, currency)))
    gpus = _drop(by_key.get("gpus")) or 0.0
    return text("advice.gain.one_gpu") if gpus == 1 else text("advice.gain.gpus", count=format_integer(gpus))


def _drop(effect: Effect | None) -> float | None:
    if effect is None or effect.before is None or effect.before.value is None or effect.after.value is None:
        return None
    return effect.before.value - effect.after.value


def _differs(effect: Effect) -> bool:
    before, after = effect.before, effect.after.value
    if after is None:
        return False
    return before is None or before.value is None or abs(after - before.value) > LEAST_CHANGE * abs(before.value)


def _effect(effect: Effect, scenario: Scenario, byte_unit: str, currency: str) -> str:
    name = label(effect.key, scenario)
    after = _figure(effect.after, byte_unit, currency)
    if effect.before is None or effect.before.value is None:
        return text("advice.effect.new", name=name, after=after)
    return text("advice.effect", name=name, before=_figure(effect.before, byte_unit, currency), after=after)


def _figure(quantity: Quantity, byte_unit: str, currency: str) -> str:
    made = format_figure(quantity, byte_unit=byte_unit, currency=currency)
    return f"{made.number}\N{NO-BREAK SPACE}{made.unit}".strip()
