"""What if: one number of the scenario swept, and what becomes of the figures."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Plan, Provenance, Quantity, Status, Unit
from gpuplanner.scenario.document import LoadKind, Scenario, WorkloadKind, get, replace
from gpuplanner.scenario.serving import Speculation

FIGURES: Final = ("ttft", "tpot", "e2e", "throughput", "gpus", "purchase", "cost_per_million", "memory_per_gpu")
_SPECULATING: Final = ("serving.acceptance", "serving.draft_tokens")
_ALWAYS: Final = (
    "money.electricity_per_kwh", "money.lifetime_years", "money.utilization", "money.pue", "money.cny_per_usd",
)  # fmt: skip
_SERVING: Final = (
    "workload.load", "workload.input_tokens", "workload.output_tokens", "workload.cached_prefix", "workload.input_spread",
    "workload.output_spread", "targets.ttft_s", "targets.tpot_s", "targets.e2e_s", "targets.percentile", "deployment.growth",
    "deployment.max_batched_tokens", "deployment.max_seqs", "deployment.memory_utilization", "serving.adapters",
)  # fmt: skip
_BATCH: Final = (
    "workload.batch_requests", "workload.batch_hours", "workload.input_tokens", "workload.output_tokens",
    "workload.cached_prefix", "deployment.max_batched_tokens", "deployment.max_seqs", "deployment.memory_utilization",
)  # fmt: skip
_TRAINING: Final = (
    "training.sequence_tokens", "training.micro_batch", "training.global_batch", "training.gpus", "training.budget_tokens",
    "training.budget_samples", "training.epochs", "training.adapter_rank", "training.checkpoint_minutes",
    "training.gpu_mtbf_hours",
)  # fmt: skip
_GENERATING: Final = (
    "workload.load", "generation.width", "generation.height", "generation.frames", "generation.steps", "generation.images",
    "generation.batch", "generation.sequence_parallel", "targets.e2e_s",
)  # fmt: skip
_ENCODING: Final = (
    "workload.load", "encoding.items", "encoding.tokens", "encoding.image_px", "encoding.audio_s", "encoding.batch",
    "targets.e2e_s",
)  # fmt: skip
_DEGREES: Final = {"deployment.tensor_parallel": (1, 2, 4, 8, 16), "deployment.pipeline_parallel": (1, 2, 4, 8)}
_SPREAD: Final = {"generation.sequence_parallel": (1, 2, 4, 8)}
_SHARES: Final = frozenset(
    ("workload.cached_prefix", "targets.percentile", "deployment.memory_utilization", "money.utilization", "serving.acceptance")
)
_SPREADS: Final = frozenset(("workload.input_spread", "workload.output_spread", "deployment.growth"))
_STARTS: Final = {
    "targets.ttft_s": 1.0, "targets.tpot_s": 0.04, "targets.e2e_s": 20.0, "deployment.max_batched_tokens": 8192,
    "deployment.max_seqs": 256, "serving.adapters": 8, "training.micro_batch": 4,
    "training.gpus": 64, "training.gpu_mtbf_hours": 50_000, "generation.width": 1024, "generation.height": 1024,
    "generation.frames": 81, "generation.steps": 30, "generation.batch": 4, "encoding.image_px": 448, "encoding.batch": 32,
}  # fmt: skip
_WHOLE: Final = frozenset(("targets", "money"))


@dataclass(frozen=True, slots=True)
class Sweep:
    """Values of one field, and the figures of the plan at each; None where nothing runs or the value isn't allowed."""

    path: str
    values: tuple[float, ...]
    columns: Mapping[str, tuple[Quantity | None, ...]]
    plans: tuple[Plan | None, ...]


def sweepable(scenario: Scenario) -> tuple[str, ...]:
    """Fields that can be swept with this workload, the telling ones first."""
    kind = scenario.workload.kind
    if kind.trains:
        return (*_TRAINING, *_DEGREES, *_ALWAYS)
    ahead = () if scenario.serving.speculation is Speculation.NONE else _SPECULATING
    own = {
        WorkloadKind.SERVE: (*_SERVING, *_load_fields(scenario), *ahead, *_DEGREES),
        WorkloadKind.BATCH: (*_BATCH, *ahead, *_DEGREES),
        WorkloadKind.GENERATE: (*_GENERATING, *_load_fields(scenario)),
        WorkloadKind.ENCODE: (*_ENCODING, *_load_fields(scenario)),
    }[kind]
    return (*own, *_ALWAYS)


def _load_fields(scenario: Scenario) -> tuple[str, ...]:
    kind = scenario.workload.load_kind
    if kind is LoadKind.PER_DAY:
        return ("workload.busy_hours", "workload.peak_factor")
    return ("workload.think_time_s",) if kind is LoadKind.USERS else ()


def default_values(scenario: Scenario, path: str, count: int = 24) -> tuple[float, ...]:
    """Values around the one that stands, or all there are.

    Shares go evenly up to nearly all, degrees in powers, others from a quarter to four times.

    Args:
        scenario: where the field now stands; an empty one starts at a usual value.
        path: one of :func:`sweepable`.
        count: how many at most; whole numbers that fall together are told once.
    """
    if path in _DEGREES or path in _SPREAD:
        return tuple(float(degree) for degree in (_DEGREES | _SPREAD)[path])
    if path in _SHARES:
        low, high = {"targets.percentile": (0.5, 0.99), "deployment.memory_utilization": (0.5, 0.98)}.get(path, (0.0, 0.95))
        return tuple(float(value) for value in np.linspace(max(low, 0.05 if path == "money.utilization" else low), high, count))
    if path in _SPREADS:
        return tuple(float(value) for value in np.linspace(0.0, 2.0, count))
    now = get(scenario, path)
    middle = float(now) if now else float(_STARTS.get(path, 1))
    values = np.geomspace(middle / 4, middle * 4, count)
    if isinstance(now, int) or (path in _STARTS and path.split(".")[0] not in _WHOLE):
        values = np.unique(np.maximum(1, np.rint(values)))
    return tuple(float(value) for value in values)


def sweep(
    scenario: Scenario,
    catalog: Catalog,
    path: str,
    values: Sequence[float],
    figures: Sequence[str] = FIGURES,
    gpu_id: str | None = None,
) -> Sweep:
    """Estimate the scenario at each value, on one GPU.

    Args:
        scenario: what was asked.
        catalog: what is known.
        path: dotted name of a numeric field.
        values: what it shall hold, one after the other.
        figures: keys of plan figures; "gpus", "replicas" and "batch" too.
        gpu_id: the GPU that is followed; None is the one the answer is given for now.
    """
    wanted = gpu_id or scenario.deployment.gpu or estimate(scenario, catalog).chosen
    one = only(catalog, wanted)
    whole = isinstance(get(scenario, path), int) or path in _DEGREES
    plans = [_plan(scenario, one, path, round(value) if whole else value, wanted) for value in values]
    columns = {key: tuple(None if plan is None else quantity(plan, key) for plan in plans) for key in figures}
    return Sweep(path, tuple(values), columns, tuple(plans))


def _plan(scenario: Scenario, catalog: Catalog, path: str, value: float, gpu_id: str | None) -> Plan | None:
    try:
        changed = replace(scenario, path, value)
    except ValueError:
        try:
            changed = replace(scenario, path, round(value))
        except ValueError:
            return None
    plan = estimate(changed, catalog).plan(gpu_id)
    return None if plan is None or plan.status is Status.IMPOSSIBLE else plan


_ones: list[tuple[Catalog, str, Catalog]] = []


def only(catalog: Catalog, gpu_id: str | None) -> Catalog:
    """The catalogue with one GPU in it; kept, so that what is known of it is worked out once."""
    if gpu_id is None or gpu_id not in catalog.gpus:
        return catalog
    for known, key, one in _ones:
        if known is catalog and key == gpu_id:
            return one
    made = dataclasses.replace(catalog, gpus={gpu_id: catalog.gpus[gpu_id]})
    _ones.insert(0, (catalog, gpu_id, made))
    del _ones[4:]
    return made


def quantity(plan: Plan, key: str) -> Quantity | None:
    """A figure of a plan, or one of its counts."""
    if key in ("gpus", "replicas", "batch", "servers"):
        return Quantity(key, float(getattr(plan, key)), Unit.COUNT, provenance=Provenance.EXACT)
    return plan.figures.get(key)
