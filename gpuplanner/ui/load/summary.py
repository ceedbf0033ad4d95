"""What the page says above its charts: the verdict as a sentence, its state, six figures. No Qt."""

from __future__ import annotations

import math

from gpuplanner.engine.load.curve import LoadCurve
from gpuplanner.engine.result import Plan
from gpuplanner.engine.result import Verdict as LoadVerdict
from gpuplanner.format import format_figure, format_integer, format_number, format_rate, format_seconds, format_share
from gpuplanner.scenario.document import WorkloadKind
from gpuplanner.texts import text
from gpuplanner.ui.load.given import Given
from gpuplanner.ui.load.latency import asked_now, load_of
from gpuplanner.ui.results.figures import FigureText, Verdict, label, provenance_text, verdict
from gpuplanner.ui.results.load_state import STATES
from gpuplanner.ui.results.sentence import PillText, pills


def sentence(given: Given) -> str:
    """Whether the load is carried, and how much more would be."""
    curve = given.curve
    if curve is None:
        return ""
    now = asked_now(given, curve)
    where = given.load_text(now)
    if given.scenario.workload.kind is WorkloadKind.BATCH:
        return text("load.sentence.batch", load=_load(given, now))
    if curve.verdict is LoadVerdict.OVERLOADED:
        return text("load.sentence.overloaded", load=where, full=_load(given, load_of(given, curve.saturation)))
    if curve.knee is None:
        return text("load.sentence.never", load=where)
    room = load_of(given, curve.knee) - now
    if room < 0:
        over = format_share(-curve.headroom)
        return text("load.sentence.over", load=where, holds=_load(given, load_of(given, curve.knee)), share=str(over))
    key = "load.sentence.near" if curve.verdict is LoadVerdict.NEAR else "load.sentence.stable"
    return text(key, load=where, room=_load(given, room))


def states(given: Given) -> tuple[PillText, ...]:
    """The state in a few words: the targets', the load's, and where the load ends."""
    curve = given.curve
    found = [pill for pill in pills(given.estimate, given.scenario) if pill.about != "load"][:2]
    if curve is None:
        return tuple(found)
    said = text(f"load.verdict.{curve.verdict.value}")
    hint = text("load.state.hint", busy=str(format_share(_busy(given, curve))))
    found.append(PillText(STATES[curve.verdict], said, hint))
    return tuple(found)


def figures(given: Given) -> tuple[FigureText, ...]:
    """First token, per token, throughput; where targets break, where it is full, how busy it is now."""
    plan, curve = given.plan, given.curve
    if plan is None or curve is None:
        return ()
    return (
        _timed(plan, given, "ttft"),
        _timed(plan, given, "tpot"),
        _throughput(plan, given),
        _breaks(given, curve),
        _full(given, curve),
        _now(given, curve),
    )


def _timed(plan: Plan, given: Given, key: str) -> FigureText:
    quantity, limit = plan.figures.get(key), given.limit(key)
    shown = format_figure(quantity)
    details = []
    if limit is not None:
        made = format_seconds(limit)
        details.append(text("results.limit", limit=made.number if made.unit == shown.unit else str(made)))
    if shown.range_text:
        details.append(shown.range_text)
    name, short = label(key, given.scenario), label(key, given.scenario, short=True)
    state = verdict(quantity, limit)
    return FigureText(key, name, short, shown.number, shown.unit, tuple(details), state, provenance_text(quantity))


def _throughput(plan: Plan, given: Given) -> FigureText:
    shown = format_figure(plan.figures.get("throughput"))
    details = tuple(part for part in (shown.range_text,) if part)
    name = label("throughput", given.scenario)
    return FigureText("throughput", name, name, shown.number, shown.unit, details)


def _breaks(given: Given, curve: LoadCurve) -> FigureText:
    name = text("load.strip.breaks")
    unit = _unit(given)
    if curve.knee is None:
        return FigureText("breaks", name, name, "0", unit, (text("load.strip.never"),), Verdict.MISS)
    said = text(f"load.strip.ends.{curve.limit}")
    state = Verdict.MISS if curve.headroom < 0 else Verdict.PLAIN
    return FigureText("breaks", name, name, _number(given, load_of(given, curve.knee)), unit, (said,), state)


def _full(given: Given, curve: LoadCurve) -> FigureText:
    name = text("load.strip.full")
    held = float(curve.throughput.value[-1])
    said = (str(format_rate(held)),)
    return FigureText("full", name, name, _number(given, load_of(given, curve.saturation)), _unit(given), said)


def _now(given: Given, curve: LoadCurve) -> FigureText:
    shown = format_share(_busy(given, curve))
    name = text("load.strip.busy", load=_number(given, asked_now(given, curve)))
    short = text("load.strip.busy.short")
    state = Verdict.MISS if curve.verdict is not LoadVerdict.STABLE else Verdict.PLAIN
    return FigureText("busy", name, short, shown.number, shown.unit, (text(f"load.verdict.{curve.verdict.value}"),), state)


def _busy(given: Given, curve: LoadCurve) -> float:
    """The load now as a share of what fits at once, or of what gets through."""
    return asked_now(given, curve) / load_of(given, curve.saturation)


def _number(given: Given, load: float) -> str:
    return format_number(load) if given.by_rate else format_integer(math.floor(load + 1e-6))


def _load(given: Given, load: float) -> str:
    return _number(given, load)


def _unit(given: Given) -> str:
    return text("load.unit.rate" if given.by_rate else "load.unit.in_flight")
