"""Advice as JSON objects. Described in docs/estimate-json.md."""

from __future__ import annotations

from enum import Enum
from typing import Any

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.advice.result import Advice, Effect
from gpuplanner.engine.planner.told import every_advice
from gpuplanner.engine.result import Estimate
from gpuplanner.report.as_json import code_json, quantity_json
from gpuplanner.report.names import gpu_name
from gpuplanner.scenario.document import Scenario


def advice_json(scenario: Scenario, estimate: Estimate, catalog: Catalog) -> dict[str, Any] | None:
    """Changes that would make the answer cheaper, faster or safer, the most useful first; None where nothing can be estimated."""
    if estimate.refusal is not None:
        return None
    found = every_advice(scenario, catalog, estimate)
    return {"currency": scenario.money.currency, "changes": [_advice(advice, catalog) for advice in found]}


def _advice(advice: Advice, catalog: Catalog) -> dict[str, Any]:
    return {
        "message": code_json(advice.code),
        "aim": advice.aim.value,
        "set": [{"field": path, "value": value.value if isinstance(value, Enum) else value} for path, value in advice.change],
        "gpu": advice.plan.gpu_id,
        "gpu_name": gpu_name(advice.plan.gpu_id, catalog),
        "gpus": advice.plan.gpus,
        "status": advice.plan.status.value,
        "saving": advice.saving,
        "speedup": advice.speedup,
        "risk": code_json(advice.note) if advice.note is not None else None,
        "effects": [_effect(effect) for effect in advice.effects],
    }


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "figure": effect.key,
        "before": quantity_json(effect.before) if effect.before is not None else None,
        "after": quantity_json(effect.after),
    }
