"""Every formula of the engine, for those who list them; each is registered where it is written."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from gpuplanner.engine.formula import REGISTRY, Formula

MODULES: Final = (
    "memory.formulas", "memory.beside", "memory.on_demand", "inference.formulas", "layout.boards", "speed.formulas",
    "speed.pace", "speed.batching", "speed.waiting", "speed.arrivals", "speed.balance", "speed.reuse", "speed.beside",
    "speed.whole", "own.formulas", "passes.formulas", "passes.load_formulas", "passes.spread_formulas", "training.formulas",
    "training.facts", "training.speed.formulas", "training.speed.run", "site.formulas", "money.formulas", "money.life_formulas",
    "planner.rule", "apart.formulas", "rules.formulas",
)  # fmt: skip


def all_formulas() -> tuple[Formula, ...]:
    """All of them, in the order of their ids' first parts above."""
    for module in MODULES:
        import_module(f"gpuplanner.engine.{module}")
    parts = [*dict.fromkeys(module.partition(".")[0] for module in MODULES), "practice"]
    own = (one for one in REGISTRY.values() if one.function.__module__.startswith("gpuplanner."))
    return tuple(sorted(own, key=lambda one: parts.index(one.id.partition(".")[0])))
