"""A run with everything an estimate needs: what its file says, and for the rest what the scenario says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.model import Model
from gpuplanner.engine.result import Plan
from gpuplanner.errors import Message
from gpuplanner.evidence.formats import engine_id, kv_precision, weight_precision
from gpuplanner.evidence.imports.run import DECODE, MEMORY, OFFLINE, PREFILL, SERVING, Run
from gpuplanner.evidence.resolve import GpuResolver, ModelResolver
from gpuplanner.scenario.document import Scenario

#: What a person can fill in, in the order of the columns.
COLUMNS: Final = (
    "model", "gpu", "gpus", "tensor_parallel", "engine", "weights", "kv", "input_tokens", "output_tokens", "concurrency",
)  # fmt: skip
NAMES: Final = frozenset({"model", "gpu", "engine", "weights", "kv"})
_FORMAT: Final = re.compile(r"fp8|fp4|awq|gptq|int4|int8|w8a8|w4a16|nvfp4|mxfp4", re.IGNORECASE)
_LONGEST: Final = 1e8


@dataclass(frozen=True, slots=True)
class Draft:
    """A run ready to be looked over. Names are ids of the catalogue, empty where nobody knows.

    ``assumed`` are the columns that come from the scenario, not from the file.
    """

    file: str
    run: Run
    model: str
    gpu: str
    gpus: int | None
    tensor_parallel: int | None
    engine: str
    weights: str
    kv: str
    input_tokens: float | None
    output_tokens: float | None
    concurrency: float | None
    assumed: frozenset[str] = frozenset()
    wanted: bool = True

    def changed(self, column: str, value: str | float | None) -> Draft:
        """With a column as a person entered it.

        Raises:
            ValueError: when there is no such column.
        """
        if column not in COLUMNS:
            raise ValueError(column)
        whole = column in {"gpus", "tensor_parallel"} and value is not None
        values: Mapping[str, object] = {column: int(float(value)) if whole and value is not None else value}
        return replace(self, **values, assumed=self.assumed - {column})  # type: ignore[arg-type]


class Drafter:
    """Looks names up and fills in what a file doesn't say.

    Args:
        scenario: whose model, engine, precision and lengths stand in for what isn't said.
        plan: the plan shown, for the GPU and its degree; None where nothing runs.
        catalog: what is known.
    """

    def __init__(self, scenario: Scenario, plan: Plan | None, catalog: Catalog) -> None:
        self._scenario, self._plan = scenario, plan
        self.catalog = with_custom(scenario, catalog)
        self._models, self._gpus = ModelResolver(self.catalog.models), GpuResolver(catalog.gpus)

    def __call__(self, file: str, run: Run) -> Draft:
        """The draft of a run."""
        asked, plan = self._scenario, self._plan
        model_id = asked.model.custom.id if asked.model.custom is not None else asked.model.id
        model = self._models(run.model) if run.model else None
        facts = self.catalog
        said: dict[str, object] = {
            "model": model,
            "gpu": self._gpus(run.gpu) if run.gpu else None,
            "gpus": run.gpus,
            "tensor_parallel": run.tensor_parallel,
            "engine": engine_id(run.engine, "", facts.engines) if run.engine else None,
            "weights": self._weights(run, model),
            "kv": kv_precision(run.kv, facts.precisions) if run.kv else None,
            "input_tokens": run.input_tokens,
            "output_tokens": run.output_tokens,
            "concurrency": run.concurrency,
        }
        degree = run.tensor_parallel or _degree(run, plan)
        own: dict[str, object] = {
            "model": model_id if not run.model else "",  # a name nobody knows isn't ours
            "gpu": (asked.deployment.gpu or (plan.gpu_id if plan is not None else "")) if not run.gpu else "",
            "gpus": degree * (run.pipeline_parallel or 1),
            "tensor_parallel": degree,
            "engine": asked.deployment.engine,
            "weights": asked.precision.weights
            if model in (None, model_id)
            else weight_precision("", facts.precisions, facts.models[model]),
            "kv": self._kv(run),
            "input_tokens": float(asked.workload.input_tokens),
            "output_tokens": float(asked.workload.output_tokens),
            "concurrency": 1.0 if run.task in {PREFILL, DECODE, MEMORY} else None,
        }
        values = {name: own[name] if value in (None, "") else value for name, value in said.items()}
        assumed = {name for name, value in said.items() if value in (None, "") and values[name] not in (None, "")}
        if run.task == SERVING and run.concurrency is None:
            assumed.discard("concurrency")
        return Draft(file=file, run=run, assumed=frozenset(assumed), **values)  # type: ignore[arg-type]

    def _weights(self, run: Run, model: str | None) -> str | None:
        """The format that a file names, in words of its own or in the model's name."""
        facts = self.catalog
        told = run.weights or (run.model if _FORMAT.search(run.model) else "")
        return weight_precision(told, facts.precisions, facts.models.get(model or "")) if told else None

    def _kv(self, run: Run) -> str:
        return (
            "kv-fp16" if run.engine == "llama.cpp" and "kv-fp16" in self.catalog.precisions else self._scenario.precision.kv_cache
        )


def with_custom(scenario: Scenario, catalog: Catalog) -> Catalog:
    """The catalogue with the scenario's own model in it, where it has one."""
    custom = scenario.model.custom
    if custom is None:
        return catalog
    models: dict[str, Model] = {**catalog.models, custom.id: custom}
    return replace(catalog, models=models)


def _degree(run: Run, plan: Plan | None) -> int:
    """GPUs that share the model, where the file doesn't say: all there were, else as in the plan."""
    if run.engine == "llama.cpp" or run.tool == "llama-bench":
        return 1
    if run.gpus:
        return max(1, run.gpus // (run.pipeline_parallel or 1))
    return plan.tensor_parallel if plan is not None and plan.tensor_parallel else 1


def problems(draft: Draft, catalog: Catalog) -> dict[str, Message]:
    """What keeps a draft from being used, by column; what a person typed is checked here."""
    out: dict[str, Message] = {}
    known = {
        "model": catalog.models,
        "gpu": catalog.gpus,
        "engine": catalog.engines,
        "weights": catalog.precisions,
        "kv": catalog.precisions,
    }
    for name, held in known.items():
        value = getattr(draft, name)
        if not value or value not in held:
            written = str(getattr(draft.run, name) or value)[:60]
            out[name] = Message(f"benchmark.draft.{name}", {"name": written}) if written else Message("benchmark.draft.missing")
    task = draft.run.task
    needed = {"gpus", "tensor_parallel"}
    needed |= {"input_tokens"} if task != OFFLINE or draft.input_tokens is None else set()
    needed |= {"output_tokens"} if task not in {PREFILL, MEMORY} else set()
    if task == SERVING and draft.run.requests is None:
        needed |= {"concurrency"}
    for name in needed:
        if getattr(draft, name) is None:
            out[name] = Message("benchmark.draft.missing")
    for name in COLUMNS:
        value = getattr(draft, name)
        if isinstance(value, int | float) and not 0 < value <= _LONGEST:
            out[name] = Message("benchmark.draft.range")
    degree, gpus = draft.tensor_parallel, draft.gpus
    if degree and gpus and "gpus" not in out and gpus % (degree * (draft.run.pipeline_parallel or 1)):
        out["tensor_parallel"] = Message("benchmark.draft.degree", {"gpus": gpus})
    return out
