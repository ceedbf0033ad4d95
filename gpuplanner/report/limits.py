"""What the figures of an answer are held to."""

from __future__ import annotations

from typing import Final

from gpuplanner.scenario.document import Scenario, WorkloadKind

AT_PERCENTILE: Final = frozenset(("ttft", "tpot", "e2e"))
"""Figures that hold at the scenario's percentile."""
_DAY_S: Final = 86_400.0


def limits(scenario: Scenario) -> dict[str, float]:
    """Limits in seconds by figure: those of the people who wait, of the pile, or of the training."""
    kind, targets = scenario.workload.kind, scenario.targets
    if kind is WorkloadKind.BATCH:
        return {"batch_time": scenario.workload.batch_hours * 3600}
    if kind.trains:
        days = scenario.training.within_days
        return {} if days is None else {"training_time": days * _DAY_S}
    asked = {"e2e": targets.e2e_s} if kind.passes else {"ttft": targets.ttft_s, "tpot": targets.tpot_s, "e2e": targets.e2e_s}
    return {name: limit for name, limit in asked.items() if limit is not None}
