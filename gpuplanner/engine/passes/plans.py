"""Plans of a scenario of passes: one for each GPU of the catalogue, in the form that serving plans have."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.catalog.schema.precision import Execution
from gpuplanner.engine.choice import RUNS, chosen, passed_over, preference
from gpuplanner.engine.layout.boards import bought
from gpuplanner.engine.layout.spares import spares
from gpuplanner.engine.passes.figures import Carried, figures, misses, speed_range, status_of
from gpuplanner.engine.passes.ground import ground
from gpuplanner.engine.passes.memory import params_of
from gpuplanner.engine.passes.planning import Loaded, choose, loaded
from gpuplanner.engine.passes.request import PassRequest, pass_request
from gpuplanner.engine.passes.spread import notes
from gpuplanner.engine.request import CannotEstimateError
from gpuplanner.engine.result import Code, Estimate, Memory, PassPart, PassPlan, Plan, Status
from gpuplanner.engine.wiring import card_size_gb
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.passes import PipelineOffload


def passes_estimate(scenario: Scenario, catalog: Catalog) -> Estimate:
    """Plan a scenario of passes on every GPU of the catalogue.

    Args:
        scenario: what was asked.
        catalog: what is known.

    Returns:
        A plan for each GPU, best first; the same arguments give the same estimate.
    """
    try:
        request = pass_request(scenario, catalog)
    except CannotEstimateError as error:
        return Estimate(refusal=error.code)
    planner = PassPlanner(scenario, catalog, request)
    plans = planner.all()
    plans.sort(key=_order(scenario, catalog))
    params = int(params_of(request.model))
    return Estimate(
        plans=tuple(plans),
        chosen=chosen(scenario.deployment.gpu, plans),
        warnings=(
            *_warnings(scenario, request),
            *passed_over(scenario, plans, catalog),
        ),
        params_total=params,
        params_active=request.model.params_active or params,
        candidates=planner.count,
    )


class PassPlanner:
    """Everything the plans of one scenario share."""

    def __init__(self, scenario: Scenario, catalog: Catalog, request: PassRequest) -> None:
        self.scenario, self.catalog, self.request = scenario, catalog, request
        on = ground(request, catalog, scenario.generation)
        self.every, self.able, self.batches, self.memory = on.every, on.able, on.batches, on.memory
        self.at, self.half, self.parts, self.offload, self.times = on.at, on.half, on.parts, on.offload, on.times
        self.exchange, self.joined, self.width = on.exchange, on.joined, request.spread.gpus
        self.utilization = scenario.deployment.memory_utilization or catalog.calibration.constant("passes.utilization")
        usable = self.every.usable[list(self.able.places)]
        self.fits: NDArray[np.bool_] = self.memory.need[None, :] <= (self.utilization * usable * self.joined)[:, None]
        most = float(scenario.deployment.max_gpus // self.width)
        self.found: Loaded = loaded(request, self.times, self.batches, self.fits, most)
        self.count = int(self.found.legal.sum())

    def all(self) -> list[Plan]:
        """One plan a GPU, in the catalogue's order."""
        wanted = self.batches == self.request.batch if self.request.batch else np.ones(len(self.batches), dtype=bool)
        best = choose(self.found, self._limits(), self.scenario.deployment.objective, wanted)
        spots = {place: spot for spot, place in enumerate(self.able.places)}
        plans = []
        for place, gpu in enumerate(self.every.gpus):
            if place in self.able.refusals:
                plans.append(Plan(gpu_id=gpu.id, status=Status.IMPOSSIBLE, reasons=(self.able.refusals[place],)))
            elif best[spots[place]] >= 0:
                plans.append(self._plan(spots[place], int(best[spots[place]])))
            else:
                plans.append(self._impossible(gpu, spots[place], wanted))
        return plans

    def _limits(self) -> float | NDArray[np.float64] | None:
        """The limit on the expected time of each GPU, lower where its target is to hold at the cautious end. [s]"""
        limit = self.request.limit_s
        if limit is None or not self.scenario.targets.cautious:
            return limit
        return np.array([limit / speed_range(self.catalog, self.request, gpu)[0].high for gpu in self.able.gpus])

    def _plan(self, spot: int, flat: int) -> Plan:
        gpu, way, cautious = self.able.gpus[spot], self.able.ways[spot], self.scenario.targets.cautious
        column, option = divmod(flat, self.found.replicas.shape[2])
        carried = self._carried(spot, column, option)
        values = figures(self.scenario, self.catalog, self.request, gpu, carried, float(self.memory.need[column]))
        memory = self._memory(gpu, column)
        return Plan(
            gpu_id=gpu.id, status=status_of(values, self.request, cautious=cautious), tensor_parallel=1, pipeline_parallel=1,
            replicas=carried.replicas, spare_replicas=carried.spare,
            servers=carried.servers, bought_gpus=carried.bought_gpus, batch=int(self.batches[column]),
            compute_format=way.compute_format, fallback=_fallback(self.request, way), memory=memory, figures=values,
            reasons=misses(values, self.request, cautious=cautious),
            warnings=(Code("warning.usable_estimated"),) if gpu.usable_is_estimated else (),
            passes=self._pass(spot, column, carried),
        )  # fmt: skip

    def _carried(self, spot: int, column: int, option: int) -> Carried:
        at = (spot, column, option)
        found = self.found
        replicas = int(found.replicas[at])
        items = float(self.batches[column])
        place = self.able.places[spot]
        servers, spare = self._stand_by(replicas, place)
        whole = int(bought((replicas + spare) * self.width, servers, int(self.every.board[place])))
        return Carried(
            replicas, spare, servers, whole, float(found.at_once[at]), float(self.times[spot, column]), float(found.service[at]),
            float(found.busy[at]), float(found.queue[at]), float(found.mean[at]), float(found.late[at]),
            sum(float(t[spot, column]) for name, t in self.parts if name == "denoiser") * self.offload
            + float(self.exchange[spot, column]),
            float(found.capacity[at]), min(float(found.rate[at]), float(found.capacity[at])), items,
        )  # fmt: skip

    def _stand_by(self, replicas: int, place: int) -> tuple[int, int]:
        """Servers, and replicas that stand by."""
        node, rule = float(self.every.node[place]), self.scenario.deployment.availability
        servers, spare = spares(float(replicas), float(self.width), node, rule)
        return int(servers), int(spare)

    def _pass(self, spot: int, column: int, carried: Carried) -> PassPlan:
        load, names = self.request.load, dict.fromkeys(name for name, _ in self.parts)
        factor = self.offload
        seconds = {name: sum(float(t[spot, column]) for own, t in self.parts if own == name) * factor for name in names}
        if self.width > 1:
            seconds["exchange"] = float(self.exchange[spot, column])
        return PassPlan(
            item=self.request.item, parts=tuple(PassPart(name, value) for name, value in seconds.items()),
            steps=int(load.steps), guided=load.guided, width=load.width, height=load.height, frames=load.frames,
            tokens=int(load.tokens), audio_s=load.audio_s, items=self.request.items,
            utilization=min(1.0, carried.rate / carried.capacity), at_once=carried.at_once, runtime=self.request.runtime,
            service_s=carried.service_s,
            busy=carried.busy,
            queue_s=carried.queue_s,
            cfg_parallel=self.request.spread.cfg,
            sequence_parallel=self.request.spread.sequence,
        )  # fmt: skip

    def _memory(self, gpu: Gpu, column: int) -> Memory:
        usable = float(gpu.usable_bytes)
        room = self.memory.need <= self.utilization * usable
        most = int(self.batches[room].max()) if room.any() else 0
        return Memory(self.memory.at(column), usable, self.utilization * usable, 0.0, 0, most)

    def _impossible(self, gpu: Gpu, spot: int, wanted: NDArray[np.bool_]) -> Plan:
        need, limit = float(self.memory.need[wanted].min()), self.utilization * gpu.usable_bytes
        if not self.joined[spot]:
            reason = Code("reason.not_joined", {"gpus": self.width})
            return Plan(gpu_id=gpu.id, status=Status.IMPOSSIBLE, reasons=(reason,))
        if need <= limit:
            reason = Code("reason.too_many_gpus", {"max_gpus": self.scenario.deployment.max_gpus})
            return Plan(gpu_id=gpu.id, status=Status.IMPOSSIBLE, reasons=(reason,), remedies=(Code("remedy.more_gpus"),))
        reason = Code("reason.pass_too_big", {"need_bytes": need, "usable_bytes": limit})
        return Plan(gpu_id=gpu.id, status=Status.IMPOSSIBLE, reasons=(reason,), remedies=self._remedies(gpu, need, limit))

    def _remedies(self, gpu: Gpu, need: float, limit: float) -> tuple[Code, ...]:
        codes = []
        if self.request.batch and float(self.memory.need[0]) <= limit:
            codes.append(Code("remedy.smaller_batch"))
        if self.request.item in {"image", "clip"} and self.scenario.generation.offload is PipelineOffload.NONE:
            codes.append(Code("remedy.offload_pipeline"))
        size = card_size_gb(self.every.gpus, need / self.utilization / gpu.usable_bytes * gpu.memory_gb)
        return (*codes, *((Code("remedy.bigger_card", {"size_gb": size}),) if size else ()))


def _fallback(request: PassRequest, way: Execution) -> Code | None:
    if not way.is_fallback:
        return None
    code = "fallback.weight_only" if way.weight_only else "fallback.format"
    return Code(code, {"precision": request.weights.name, "format": way.compute_format.upper()})


def _order(scenario: Scenario, catalog: Catalog) -> Callable[[Plan], tuple[float, ...]]:
    def key(plan: Plan) -> tuple[float, ...]:
        if plan.status is Status.IMPOSSIBLE:
            return (RUNS[plan.status],)
        late = plan.figures["e2e"].value or 0.0
        over = late if plan.status is Status.MISSES else 0.0
        return (RUNS[plan.status], round(over, 2), *preference(scenario, catalog.gpus[plan.gpu_id], plan, late))

    return key


def _warnings(scenario: Scenario, request: PassRequest) -> tuple[Code, ...]:
    codes = []
    if request.model.shape_is_assumed:
        codes.append(Code("warning.shape_assumed", {"model": request.model.name}))
    limit = request.model.max_context
    if request.item in {"text", "pair"} and limit is not None and request.load.tokens > limit:
        codes.append(Code("warning.beyond_context", {"length_tokens": int(request.load.tokens), "limit_tokens": limit}))
    if request.steps_assumed:
        codes.append(Code("warning.steps_assumed", {"steps": int(request.load.steps)}))
    if scenario.deployment.tensor_parallel not in (None, 1):
        codes.append(Code("warning.one_gpu_each"))
    return (*codes, *(notes(request.model, scenario.generation, request.spread) if request.item in {"image", "clip"} else ()))
