"""Which figures stand where in quotes and tables, for each kind of work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gpuplanner.engine.result import Plan
from gpuplanner.scenario.document import WorkloadKind
from gpuplanner.texts import has


@dataclass(frozen=True, slots=True)
class FigureKeys:
    """Keys of figures in the order of their weight; those that a plan doesn't have are passed over.

    ``tiles`` on top of a quote, ``options`` in its table of alternatives, ``table`` beside each GPU in a terminal.
    """

    tiles: tuple[str, ...]
    options: tuple[str, ...]
    table: tuple[str, ...]


_SERVE: Final = FigureKeys(
    tiles=("purchase", "ttft", "tpot", "throughput", "memory_per_gpu", "power", "cost_per_million", "e2e"),
    options=("ttft", "tpot", "purchase"),
    table=("ttft", "tpot", "throughput", "purchase", "cost_per_million"),
)
_BATCH: Final = FigureKeys(
    tiles=("purchase", "batch_time", "throughput", "memory_per_gpu", "cost_per_million", "power", "request_rate"),
    options=("batch_time", "throughput", "purchase"),
    table=("batch_time", "throughput", "purchase", "cost_per_million"),
)
_GENERATE: Final = FigureKeys(
    tiles=("purchase", "e2e", "item_rate", "memory_per_gpu", "cost_per_thousand", "power", "pass_time"),
    options=("e2e", "item_rate", "purchase"),
    table=("e2e", "item_rate", "purchase", "cost_per_thousand"),
)
_ENCODE: Final = FigureKeys(
    tiles=(
        "purchase", "e2e", "item_rate", "memory_per_gpu", "cost_per_audio_hour", "cost_per_thousand", "power",
        "real_time_factor", "pass_time",
    ),
    options=("e2e", "item_rate", "purchase"),
    table=("e2e", "item_rate", "purchase", "cost_per_audio_hour", "cost_per_thousand"),
)  # fmt: skip
_TRAINING: Final = FigureKeys(
    tiles=(
        "purchase", "training_time", "memory_per_gpu", "mfu", "step_time", "checkpoint", "trained_params", "tokens_per_step",
        "power",
    ),
    options=("training_time", "memory_per_gpu", "purchase"),
    table=("memory_per_gpu", "training_time", "mfu", "purchase", "power"),
)  # fmt: skip

BY_KIND: Final = {
    WorkloadKind.SERVE: _SERVE,
    WorkloadKind.BATCH: _BATCH,
    WorkloadKind.GENERATE: _GENERATE,
    WorkloadKind.ENCODE: _ENCODE,
    WorkloadKind.TUNE: _TRAINING,
    WorkloadKind.TRAIN: _TRAINING,
}
PERFORMANCE: Final = (
    "ttft", "tpot", "ttft_mean", "tpot_mean", "e2e", "e2e_mean", "throughput", "item_rate", "request_rate", "capacity_rate",
    "pass_time", "real_time_factor", "streams", "batch_time", "training_time", "step_time", "tokens_per_second",
    "samples_per_second", "mfu", "goodput",
)  # fmt: skip
"""Figures of the table of performance."""
TIMES: Final = frozenset(("ttft", "tpot", "e2e", "batch_time", "training_time"))
"""Figures that are drawn against a target."""
FORMULAS: Final = ("memory_per_gpu", "ttft", "tpot", "throughput", "purchase")
"""Figures whose formulas are printed."""


def figure_name(key: str, plan: Plan | None, group: str = "report.figure") -> str:
    """The text key of a figure's name: one of its own where the plan makes images or listens, say."""
    passes = plan.passes if plan is not None else None
    if passes is None:
        return f"{group}.{key}"
    return next((name for name in (f"{group}.{key}.{passes.item}", f"{group}.{key}.passes") if has(name)), f"{group}.{key}")
