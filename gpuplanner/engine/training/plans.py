"""Plans of a training scenario: one for each GPU of the catalogue, in the form that serving plans have."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.calibration import RangeFactor
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.engine.choice import barred, chosen, passed_over, stands_back
from gpuplanner.engine.figures import MANY_ROWS, purchase_and_power
from gpuplanner.engine.layout.boards import bought
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
from gpuplanner.engine.training.speed.figures import (
    RunFigures,
    Spread,
    misses,
    run_numbers,
    run_warnings,
    spread_of,
    status_of,
    time_remedies,
)
from gpuplanner.engine.training.speed.search import Places, Room, reach_of, searched
from gpuplanner.engine.training.timeline import MOMENTS
from gpuplanner.engine.wiring import Wiring, card_size_gb, wiring
from gpuplanner.scenario.document import Objective, Recompute, Scenario, TuningMethod, WorkloadKind

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]
_Used = tuple[str, Code | None, Code | None]  # format, what it stands in for, why it can't be


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
    every = _wires(catalog, only)
    plans = _Plans(scenario, catalog, request, rows, every).all()
    plans.sort(key=_order(scenario, catalog))
    return Estimate(
        plans=tuple(plans),
        chosen=chosen(scenario.deployment.gpu, plans),
        warnings=(
            *_warnings(scenario, request),
            *passed_over(scenario, plans, catalog),
        ),
        params_total=request.model.params_total or 0,
        params_active=request.model.params_active or request.model.params_total or 0,
        candidates=len(rows.gpus),
    )


def _wires(catalog: Catalog, only: str | None) -> Wiring:
    """Links and memory of all GPUs, or of one; kept for the last few catalogues."""
    for known, known_only, result in _cache:
        if known is catalog and known_only == only:
            return result
    found = wiring(tuple(gpu for gpu in catalog.gpus.values() if only in (None, gpu.id)), catalog)
    _cache.insert(0, (catalog, only, found))
    del _cache[4:]
    return found


_cache: list[tuple[Catalog, str | None, Wiring]] = []


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
        self.need = rows.need(self.spread, self.context)
        self.ranges: dict[str, tuple[Spread, RangeFactor, Provenance]] = {}

    def all(self) -> list[Plan]:
        """One plan a GPU, in the catalogue's order."""
        every, rows = self.every, self.rows
        reach = np.where(every.domain > 1, every.domain, np.where(every.slow_link > 0, every.node, 1))[:, None]
        legal = (rows.tensor_parallel <= reach) & ((reach > 1) | (rows.gpus == 1))
        formats = [_format(gpu, self.request.format) for gpu in every.gpus]
        limit = np.where([refusal is None for _, _, refusal in formats], self.utilization * every.usable, 0.0)
        rates = reach_of(self.wanted, every, self.catalog, self.request.format)
        safe = np.minimum(limit, every.usable / np.array([self._ranges(gpu.family)[1].high for gpu in every.gpus]))
        room = Room(self.need, legal, limit, safe, max(self.spread[:-1]))
        checkpoint = self.run.weight_bytes + self.run.state_bytes
        found = searched(self.wanted, rows, room, rates, checkpoint, self.scenario.deployment.objective)
        placed = found.fits.gpu
        servers = np.ceil(found.gpus / every.node[placed])
        whole = bought(found.gpus, servers, every.board[placed])
        numbers = run_numbers(self.scenario, self.wanted, found, [every.gpus[i] for i in placed], whole, rates)
        made = {}
        columns = (placed.tolist(), found.fits.row.tolist(), found.fits.again.tolist())
        memories = self._memories(found.fits.row, found.fits.again, limit[placed])
        for at, (i, row, again, (memory, peak)) in enumerate(zip(*columns, memories, strict=True)):
            own = {key: column[at] for key, column in numbers.items()}
            made[i] = self._plan(i, self._layout(row, again, peak), row, memory, own, formats[i])
        return [made.get(i) or self._refused(gpu, legal[i], formats[i][2]) for i, gpu in enumerate(every.gpus)]

    def _plan(
        self, i: int, layout: TrainingPlan, row: int, memory: Memory, numbers: Mapping[str, float | None], used: _Used
    ) -> Plan:
        rows, gpu = self.rows, self.every.gpus[i]
        gpus = int(rows.gpus[row])
        servers = math.ceil(gpus / self.every.node[i])
        whole = int(bought(gpus, servers, self.every.board[i]))
        spread, factor, known = self._ranges(gpu.family)
        need = memory.need_bytes
        held = Quantity("memory_per_gpu", need, Unit.BYTES, need * factor.low, need * factor.high, known, factor.rows)

        def rest() -> dict[str, Quantity]:
            return figures(self.run, layout, gpus) | purchase_and_power(self.scenario, gpu, gpus, whole)

        status = Status.MEETS if need * factor.high <= memory.usable_bytes else Status.EXPECTED
        total = numbers["training_time"]
        missed = misses(self.wanted, total)
        return Plan(
            gpu_id=gpu.id,
            status=status_of(self.wanted, total, spread, status),
            tensor_parallel=int(rows.tensor_parallel[row]),
            pipeline_parallel=int(rows.pipeline_parallel[row]),
            replicas=layout.data_parallel * layout.context_parallel,
            servers=servers,
            bought_gpus=whole,
            batch=layout.micro_batch,
            compute_format=used[0],
            fallback=used[1],
            memory=memory,
            figures=RunFigures({"memory_per_gpu": held}, numbers, spread, rest),
            reasons=missed,
            remedies=time_remedies(self.scenario, self.request, self.rows.gpus, gpus) if missed else (),
            warnings=(*self._warnings(gpu, gpus), *run_warnings(self.wanted, numbers, gpus)),
            training=layout,
        )

    def _layout(self, row: int, again: float, peak: str) -> TrainingPlan:
        rows = self.rows
        recompute = rows.recompute[int(rows.recompute_index[row])]
        pipeline = int(rows.pipeline_parallel[row])
        return TrainingPlan(
            micro_batch=int(rows.micro_batch[row]),
            micro_batches=int(rows.micro_batches[row]),
            data_parallel=int(rows.data_parallel[row]),
            context_parallel=int(rows.context_parallel[row]),
            expert_parallel=int(rows.expert_parallel[row]),
            recompute=recompute.value,
            sharding=SHARDINGS[int(rows.zero[row])].value,
            peak=peak,
            virtual_stages=int(rows.virtual_stages[row]) if pipeline > 1 else 1,
            recomputed=again if recompute is Recompute.FULL else 0.0,
        )

    def _warnings(self, gpu: Gpu, gpus: int) -> tuple[Code, ...]:
        codes = [Code("warning.usable_estimated")] if gpu.usable_is_estimated else []
        wanted_gpus = self.request.asked.gpus
        if wanted_gpus is not None and gpus < wanted_gpus:
            codes.append(Code("warning.gpus_idle", {"gpus": gpus, "wanted": wanted_gpus}))
        return tuple(codes)

    def _ranges(self, family: str) -> tuple[Spread, RangeFactor, Provenance]:
        """Ranges of speed and memory of a family of GPUs."""
        if family not in self.ranges:
            factor, own = self.catalog.calibration.range("training", family)
            known = Provenance.MEASURED if own and factor.rows >= MANY_ROWS else Provenance.MODELLED
            self.ranges[family] = spread_of(self.catalog, family, self.wanted.software), factor, known
        return self.ranges[family]

    def _memories(self, rows: Places, again: Floats, limit: Floats) -> Iterator[tuple[Memory, str]]:
        """Memory of layouts, a share of the layers computed again, and the moment of the peak."""
        found = self.rows
        moments = found.moments[..., rows].copy()
        moments[:-1, PARTS.index("activations")] += (1.0 - again) * found.saved[rows]
        loose = moments[:, 1:].sum(axis=1) * np.array(self.spread)[:, None] + self.context
        gradients, activations, logits, communication = moments.transpose(1, 0, 2)
        need = found.weights[rows] + gradients + found.optimizer[rows] + (activations + logits) + loose + communication
        columns = (
            found.weights[rows].tolist(),
            found.optimizer[rows].tolist(),
            moments.T.tolist(),
            loose.T.tolist(),
            limit.tolist(),
            need.argmax(axis=0).tolist(),
        )
        for weights, optimizer, parts, engine, allowed, worst in zip(*columns, strict=True):
            course = tuple(
                Moment(
                    name,
                    {
                        MemoryPart.WEIGHTS: weights,
                        MemoryPart.GRADIENTS: made,
                        MemoryPart.OPTIMIZER: optimizer,
                        MemoryPart.ACTIVATIONS: kept + last,
                        MemoryPart.ENGINE: engine[at],
                        MemoryPart.COMMUNICATION: sent,
                    },
                )
                for at, (name, made, kept, last, sent) in enumerate(zip(MOMENTS, *parts, strict=True))
            )
            yield Memory(course[worst].parts, allowed / self.utilization, allowed, 0.0, 0, 0, course), MOMENTS[worst]

    def _refused(self, gpu: Gpu, legal: Mask, refusal: Code | None) -> Plan:
        if refusal is not None:
            return Plan(gpu_id=gpu.id, status=Status.IMPOSSIBLE, reasons=(refusal,))
        return self._impossible(gpu, legal)

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


def _format(gpu: Gpu, wanted: str) -> _Used:
    """The format used, what it stands in for, or why the GPU can't."""
    if gpu.dense_tflops.rate(wanted) is not None:
        return wanted, None, None
    if wanted == "bf16" and gpu.dense_tflops.fp16 is not None:
        return "fp16", Code("fallback.format", {"precision": "BF16", "format": "FP16"}), None
    return "", None, Code("reason.format_training", {"format": wanted.upper()})


UNTIMELY = {"warning.training_long", "warning.training_speed_unknown"}
_RANK = {Status.MEETS: 0, Status.EXPECTED: 1, Status.MISSES: 2, Status.IMPOSSIBLE: 3}


def _order(scenario: Scenario, catalog: Catalog) -> Callable[[Plan], tuple[float, ...]]:
    objective = scenario.deployment.objective

    def value(plan: Plan, key: str) -> float:
        found = plan.figures.numbers[key] if isinstance(plan.figures, RunFigures) else None
        return float("inf") if found is None else found

    def key(plan: Plan) -> tuple[float, ...]:
        if plan.status is Status.IMPOSSIBLE:
            return (_RANK[plan.status],)
        time, cost = value(plan, "training_time"), value(plan, "run_cost")
        late = plan.status is Status.MISSES or any(code.code in UNTIMELY for code in plan.warnings)
        by = {
            Objective.FEWEST: (plan.bought, value(plan, "purchase"), plan.gpus, time),
            Objective.CHEAPEST: (cost, plan.bought),
            Objective.FASTEST: (time, plan.bought),
        }[objective]
        behind = (barred(scenario, catalog.gpus[plan.gpu_id]), stands_back(objective, value(plan, "purchase")))
        return (_RANK[plan.status], late, time if late else 0.0, *behind, *by)

    return key


def _warnings(scenario: Scenario, request: TrainingRequest) -> tuple[Code, ...]:
    codes = []
    limit = request.model.max_context
    if limit is not None and scenario.training.sequence_tokens > limit:
        codes.append(Code("warning.beyond_context", {"length_tokens": scenario.training.sequence_tokens, "limit_tokens": limit}))
    if request.model.shape_is_assumed:
        codes.append(Code("warning.shape_assumed", {"model": request.model.name}))
    return tuple(codes)
