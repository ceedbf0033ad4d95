"""Plans of a training scenario: one for each GPU of the catalogue, in the form that serving plans have."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.engine.choice import chosen
from gpuplanner.engine.figures import MANY_ROWS, purchase_and_power
from gpuplanner.engine.request import CannotEstimateError
from gpuplanner.engine.result import (
    Code,
    Estimate,
    Memory,
    MemoryPart,
    Moment,
    Plan,
    Provenance,
    Quantity,
    Status,
    TrainingPlan,
    Unit,
)
from gpuplanner.engine.training.facts import figures, trained
from gpuplanner.engine.training.parts import NotTrainableError
from gpuplanner.engine.training.planning import PARTS, TrainingRows, training_rows
from gpuplanner.engine.training.request import SHARDINGS, TrainingRequest, training_request
from gpuplanner.engine.training.speed.asked import wanted
from gpuplanner.engine.training.speed.figures import Chosen, misses, run_figures, run_warnings, status_of, time_remedies
from gpuplanner.engine.training.speed.search import best, layouts_of, reach_of, timed
from gpuplanner.engine.training.timeline import MOMENTS
from gpuplanner.engine.wiring import Wiring, card_size_gb, wiring
from gpuplanner.scenario.document import Objective, Scenario, TuningMethod, WorkloadKind

Mask = NDArray[np.bool_]


def training_estimate(scenario: Scenario, catalog: Catalog, only: str | None = None) -> Estimate:
    """Plan a scenario that tunes or trains on every GPU of the catalogue: the layout and the number of GPUs the objective wants.

    Args:
        scenario: what was asked.
        catalog: what is known.
        only: the GPU to plan for; all of them when None.

    Returns:
        A plan for each GPU, best first; the same arguments give the same estimate.
    """
    try:
        request = training_request(scenario, catalog)
        rows = training_rows(request.shape, request.setup, request.asked)
    except CannotEstimateError as error:
        return Estimate(refusal=error.code)
    except NotTrainableError as error:
        return Estimate(refusal=Code(error.code))
    every = wiring(tuple(gpu for gpu in catalog.gpus.values() if only in (None, gpu.id)), catalog)
    plans = _Plans(scenario, catalog, request, rows, every).all()
    plans.sort(key=_order(scenario.deployment.objective))
    return Estimate(
        plans=tuple(plans),
        chosen=chosen(scenario.deployment.gpu, plans),
        warnings=_warnings(scenario, request),
        params_total=request.model.params_total or 0,
        params_active=request.model.params_active or request.model.params_total or 0,
        candidates=len(rows.gpus),
    )


class _Plans:
    """The plans of one scenario; what they share."""

    def __init__(self, scenario: Scenario, catalog: Catalog, request: TrainingRequest, rows: TrainingRows, every: Wiring) -> None:
        self.scenario, self.catalog, self.request, self.rows, self.every = scenario, catalog, request, rows, every
        constant = catalog.calibration.constant
        self.context = constant("training.context_bytes")
        self.spread = [constant("training.fragmentation", name) for name in MOMENTS]
        self.utilization = scenario.deployment.memory_utilization or constant("training.utilization")
        self.run = trained(request.shape, request.setup)
        self.wanted = wanted(scenario, request, self.run, catalog.calibration)
        self._known: dict[int, tuple[tuple[Moment, ...], Moment]] = {}
        self.need = rows.need(self.spread, self.context)

    def all(self) -> list[Plan]:
        """One plan a GPU, in the catalogue's order."""
        every, rows = self.every, self.rows
        reach = np.where(every.domain > 1, every.domain, np.where(every.slow_link > 0, every.node, 1))
        legal = (rows.tensor_parallel[:, None] <= reach[None, :]) & ((reach > 1)[None, :] | (rows.gpus == 1)[:, None])
        fits = legal & (self.need[:, None] <= (self.utilization * every.usable)[None, :])
        rates = reach_of(self.wanted, every, self.catalog, self.request.format)
        checkpoint = self.run.weight_bytes + self.run.state_bytes
        self.timed = timed(self.wanted, layouts_of(rows, self.request.setup), rates, checkpoint, fits)
        first = best(self.timed, self.wanted, self.scenario.deployment.objective)
        plans = []
        for i, gpu in enumerate(every.gpus):
            format_used, fallback, refusal = _format(gpu, self.request.format)
            if refusal is not None:
                plans.append(Plan(gpu_id=gpu.id, status=Status.IMPOSSIBLE, reasons=(refusal,)))
            elif first[i] >= 0 or fits[:, i].any():  # without a published bandwidth its time stays open
                row = int(first[i]) if first[i] >= 0 else int(fits[:, i].argmax())
                plans.append(self._plan(i, gpu, row, format_used, fallback))
            else:
                plans.append(self._impossible(gpu, legal[:, i]))
        return plans

    def _plan(self, i: int, gpu: Gpu, row: int, format_used: str, fallback: Code | None) -> Plan:
        rows = self.rows
        gpus = int(rows.gpus[row])
        memory = self._memory(gpu, row)
        layout = TrainingPlan(
            micro_batch=int(rows.micro_batch[row]),
            micro_batches=int(rows.micro_batches[row]),
            data_parallel=int(rows.data_parallel[row]),
            context_parallel=self.request.setup.context_parallel,
            expert_parallel=int(rows.expert_parallel[row]),
            recompute=rows.recompute[int(rows.recompute_index[row])].value,
            sharding=SHARDINGS[int(rows.zero[row])].value,
            peak=MOMENTS[int(rows.moments[..., row].sum(axis=1).argmax())],
        )
        values = {"memory_per_gpu": self._ranged(memory.need_bytes, gpu)}
        values |= figures(self.run, layout, gpus) | purchase_and_power(self.scenario, gpu, gpus)
        values |= run_figures(Chosen(self.scenario, self.catalog, self.wanted, self.timed, row, i, gpu), values)
        high = values["memory_per_gpu"].high or 0.0
        status = Status.MEETS if high <= memory.usable_bytes else Status.EXPECTED
        missed = misses(self.wanted, values)
        return Plan(
            gpu_id=gpu.id,
            status=status_of(self.wanted, values, status),
            tensor_parallel=int(rows.tensor_parallel[row]),
            pipeline_parallel=int(rows.pipeline_parallel[row]),
            replicas=layout.data_parallel * layout.context_parallel,
            servers=int(np.ceil(gpus / self.every.node[i])),
            batch=layout.micro_batch,
            compute_format=format_used,
            fallback=fallback,
            memory=memory,
            figures=values,
            reasons=missed,
            remedies=time_remedies(self.scenario, self.request, self.rows.gpus, gpus) if missed else (),
            warnings=(*self._warnings(gpu, gpus), *run_warnings(self.wanted, values)),
            training=layout,
        )

    def _warnings(self, gpu: Gpu, gpus: int) -> tuple[Code, ...]:
        codes = [Code("warning.usable_estimated")] if gpu.usable_is_estimated else []
        wanted_gpus = self.request.asked.gpus
        if wanted_gpus is not None and gpus < wanted_gpus:
            codes.append(Code("warning.gpus_idle", {"gpus": gpus, "wanted": wanted_gpus}))
        return tuple(codes)

    def _ranged(self, value: float, gpu: Gpu) -> Quantity:
        factor, own = self.catalog.calibration.range("training", gpu.family)
        known = Provenance.MEASURED if own and factor.rows >= MANY_ROWS else Provenance.MODELLED
        return Quantity("memory_per_gpu", value, Unit.BYTES, value * factor.low, value * factor.high, known, factor.rows)

    def _memory(self, gpu: Gpu, row: int) -> Memory:
        moments, worst = self._moments(row)
        usable = float(gpu.usable_bytes)
        return Memory(worst.parts, usable, self.utilization * usable, 0.0, 0, 0, moments)

    def _moments(self, row: int) -> tuple[tuple[Moment, ...], Moment]:
        """A layout's moments and the worst of them; many GPUs share a layout."""
        if row not in self._known:
            moments = tuple(Moment(name, self._parts(row, at)) for at, name in enumerate(MOMENTS))
            self._known[row] = (moments, max(moments, key=lambda moment: moment.need_bytes))
        return self._known[row]

    def _parts(self, row: int, at: int) -> dict[MemoryPart, float]:
        rows = self.rows
        values = dict(zip(PARTS, (float(value) for value in rows.moments[at, :, row]), strict=True))
        spread = self.spread[at] * (sum(values.values()) - values["gradients"])
        return {
            MemoryPart.WEIGHTS: float(rows.weights[row]),
            MemoryPart.GRADIENTS: values["gradients"],
            MemoryPart.OPTIMIZER: float(rows.optimizer[row]),
            MemoryPart.ACTIVATIONS: values["activations"] + values["logits"],
            MemoryPart.ENGINE: self.context + spread,
            MemoryPart.COMMUNICATION: values["communication"],
        }

    def _impossible(self, gpu: Gpu, legal: Mask) -> Plan:
        if not legal.any():
            return Plan(gpu_id=gpu.id, status=Status.IMPOSSIBLE, reasons=(Code("reason.training_no_layout"),))
        need = float(self.need[legal].min())
        facts = {"need_bytes": need, "usable_bytes": self.utilization * gpu.usable_bytes}
        return Plan(
            gpu_id=gpu.id,
            status=Status.IMPOSSIBLE,
            reasons=(Code("reason.training_too_big", facts),),
            remedies=self._remedies(gpu, need),
        )

    def _remedies(self, gpu: Gpu, need: float) -> tuple[Code, ...]:
        """What would help: frees of what was fixed first, then a larger card."""
        asked, setup, codes = self.request.asked, self.request.setup, []
        if asked.recompute is not None and asked.recompute.value != "full":
            codes.append(Code("remedy.recompute"))
        if asked.zero is not None and asked.zero < 3:
            codes.append(Code("remedy.shard"))
        if asked.micro_batch is not None and asked.micro_batch > 1:
            codes.append(Code("remedy.micro_batch"))
        if self.scenario.workload.kind is WorkloadKind.TUNE:
            codes += {TuningMethod.FULL: [Code("remedy.lora")], TuningMethod.LORA: [Code("remedy.qlora")]}.get(setup.method, [])
        wanted = need / self.utilization / gpu.usable_bytes * gpu.memory_gb
        size = card_size_gb(self.every.gpus, wanted)
        return (*codes, *((Code("remedy.bigger_card", {"size_gb": size}),) if size else ()))


def _format(gpu: Gpu, wanted: str) -> tuple[str, Code | None, Code | None]:
    """The format used, what it stands in for, or why the GPU can't."""
    if gpu.dense_tflops.rate(wanted) is not None:
        return wanted, None, None
    if wanted == "bf16" and gpu.dense_tflops.fp16 is not None:
        return "fp16", Code("fallback.format", {"precision": "BF16", "format": "FP16"}), None
    return "", None, Code("reason.format_training", {"format": wanted.upper()})


UNTIMELY = {"warning.training_long", "warning.training_speed_unknown"}
_RANK = {Status.MEETS: 0, Status.EXPECTED: 1, Status.MISSES: 2, Status.IMPOSSIBLE: 3}


def _order(objective: Objective) -> Callable[[Plan], tuple[float, ...]]:
    def value(plan: Plan, key: str) -> float:
        found = plan.figures[key].value
        return float("inf") if found is None else found

    def key(plan: Plan) -> tuple[float, ...]:
        if plan.status is Status.IMPOSSIBLE:
            return (_RANK[plan.status],)
        time, cost = value(plan, "training_time"), value(plan, "run_cost")
        late = plan.status is Status.MISSES or any(code.code in UNTIMELY for code in plan.warnings)
        by = {
            Objective.FEWEST: (plan.gpus, value(plan, "purchase"), time),
            Objective.CHEAPEST: (cost, plan.gpus),
            Objective.FASTEST: (time, plan.gpus),
        }[objective]
        return (_RANK[plan.status], late, time if late else 0.0, *by)

    return key


def _warnings(scenario: Scenario, request: TrainingRequest) -> tuple[Code, ...]:
    codes = []
    limit = request.model.max_context
    if limit is not None and scenario.training.sequence_tokens > limit:
        codes.append(Code("warning.beyond_context", {"length_tokens": scenario.training.sequence_tokens, "limit_tokens": limit}))
    if request.model.shape_is_assumed:
        codes.append(Code("warning.shape_assumed", {"model": request.model.name}))
    return tuple(codes)
