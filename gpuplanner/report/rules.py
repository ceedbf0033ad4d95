"""Rules of thumb and guard rails in words, and as plain values for JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from gpuplanner.codes import code_text
from gpuplanner.engine.result import Quantity, Unit
from gpuplanner.engine.rules.result import Agreement, Rules, Thumb, Warned
from gpuplanner.format import format_expected, format_number
from gpuplanner.report.as_json import code_json
from gpuplanner.texts import text

SIGNS: Final = {Agreement.AGREES: "✓", Agreement.DIFFERS: "!", Agreement.MISLEADS: "✕"}
GUARD_SIGNS: Final = {"stop": "✕", "warn": "!", "note": "i"}
_MANY: Final = 2.0  # from so many times on a distance is told as a multiple


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule of thumb, ready to be read."""

    sign: str
    state: str
    name: str
    says: str
    engine: str
    off: str
    why: str
    right: str
    lines: str


def rule_line(thumb: Thumb, currency: str, byte_unit: str = "GB") -> RuleLine:
    """Words for a rule beside the engine, in the current language."""
    said = thumb.said

    def shown(value: float) -> str:
        figure = Quantity(thumb.figure, value, said.unit)
        return str(format_expected(figure, byte_unit=byte_unit, currency=currency))

    says = shown(said.low) if said.low == said.high or (not said.low and said.high == said.engine) else ""
    if not says:
        says = f"≤ {shown(said.high)}" if said.low == 0 else f"{shown(said.low)} – {shown(said.high)}"
    return RuleLine(
        sign=SIGNS[thumb.agreement],
        state=text(f"rules.{thumb.agreement.value}"),
        name=code_text(thumb.name),
        says=says,
        engine=text("rules.impossible") if said.engine is None else shown(said.engine),
        off=off_text(thumb),
        why=" ".join(code_text(code, byte_unit=byte_unit) for code in said.why),
        right=code_text(thumb.right),
        lines=", ".join(thumb.lines),
    )


def off_text(thumb: Thumb) -> str:
    """How far the rule is off: a share, or a multiple where it is many times as much."""
    if thumb.distance is None:
        return "–"
    if thumb.distance == 0:
        return text("rules.within")
    if thumb.said.unit is not Unit.SHARE and thumb.distance >= _MANY:
        return text("rules.times", factor=format_number(thumb.distance + 1, digits=2))
    sign = "+" if thumb.distance > 0 else "−"
    return f"{sign}\N{THIN SPACE}{format_number(abs(thumb.distance) * 100, digits=2)}\N{THIN SPACE}%"


def guard_text(warned: Warned) -> str:
    """The sentence of a guard rail with its sign."""
    return f"{GUARD_SIGNS[warned.severity]} {code_text(warned.code)}"


def rules_json(rules: Rules) -> dict[str, Any]:
    """All of it as plain values."""
    return {
        "rules_of_thumb": [_thumb(thumb) for thumb in rules.thumbs],
        "guard_rails": [_warned(warned) for warned in rules.warned],
    }


def _thumb(thumb: Thumb) -> dict[str, Any]:
    return {
        "id": thumb.id,
        "lines": list(thumb.lines),
        "figure": thumb.figure,
        "rule": code_json(thumb.name),
        "right": code_json(thumb.right),
        "formula": thumb.formula,
        "numbers": thumb.numbers or None,
        "inputs": dict(thumb.said.inputs),
        "says": {"low": thumb.said.low, "high": thumb.said.high, "unit": thumb.said.unit.value},
        "engine": thumb.said.engine,
        "agreement": thumb.agreement.value,
        "distance": thumb.distance,
        "why": [code_json(code) for code in thumb.said.why],
    }


def _warned(warned: Warned) -> dict[str, Any]:
    return {
        "id": warned.id,
        "severity": warned.severity,
        "message": code_json(warned.code),
        "source": warned.source,
        "date": warned.date,
    }
