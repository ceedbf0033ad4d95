"""A selection matrix: which class of GPU, and how many of it, a size of model takes for a use; every cell an estimate."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Plan, Status
from gpuplanner.scenario.document import Scenario, TuningMethod, WorkloadKind, replace

#: Classes of GPU, each by a usual card of it.
CLASSES: Final[Mapping[str, str]] = {
    "consumer": "nvidia-rtx-4090",
    "professional": "nvidia-l40s",
    "data_centre": "nvidia-h100-sxm5-80gb",
}
USES: Final = ("serve", "adapt", "train")
#: Models of usual sizes, small to large.
MODELS: Final = ("qwen2.5-0.5b", "qwen2.5-1.5b", "qwen2.5-7b", "qwen2.5-14b", "qwen2.5-32b", "qwen2.5-72b")


@dataclass(frozen=True, slots=True)
class Cell:
    """What a class needs for a model and a use; ``plan`` is None where it can't."""

    model_id: str
    use: str
    plans: Mapping[str, Plan | None]

    @property
    def best(self) -> str | None:
        """The class that does it within targets on the fewest GPUs, the plainer one where they are equal."""
        fit = {name: plan for name, plan in self.plans.items() if plan is not None and plan.status is not Status.MISSES}
        return min(fit, key=lambda name: fit[name].gpus) if fit else None


def selection(catalog: Catalog, models: Sequence[str] = MODELS, uses: Sequence[str] = USES) -> tuple[Cell, ...]:
    """All cells, model by model.

    Args:
        catalog: has the models and cards.
        models: ids; those the catalogue lacks are passed over.
        uses: of :data:`USES`.
    """
    cards = {card: catalog.gpus[card] for card in CLASSES.values() if card in catalog.gpus}
    few = dataclasses.replace(catalog, gpus=cards)
    return tuple(_cell(model, use, few) for model in models if model in catalog.models for use in uses)


def question(model: str, use: str) -> Scenario:
    """What a cell asks: eight people at once in half precision, adapters, or all weights from the start."""
    asked = replace(replace(Scenario(), "model.id", model), "precision.weights", "bf16")
    if use == "serve":
        return replace(replace(asked, "workload.load", 8.0), "precision.kv_cache", "kv-fp16")
    if use == "adapt":
        asked = replace(asked, "workload.kind", WorkloadKind.TUNE)
        return replace(replace(asked, "training.method", TuningMethod.LORA), "training.global_batch", 32)
    return replace(replace(asked, "workload.kind", WorkloadKind.TRAIN), "training.global_batch", 256)


def _cell(model: str, use: str, catalog: Catalog) -> Cell:
    answer = estimate(question(model, use), catalog)
    plans = {}
    for name, card in CLASSES.items():
        plan = answer.plan(card) if card in catalog.gpus else None
        plans[name] = plan if plan is not None and plan.memory is not None and plan.status is not Status.IMPOSSIBLE else None
    return Cell(model, use, plans)
