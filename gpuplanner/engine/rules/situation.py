"""What rules are judged on: the scenario, its plan, and what follows from them, each worked out when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.catalog.schema.model import Model
from gpuplanner.catalog.schema.precision import Precision
from gpuplanner.engine.architecture.operators import OperatorList, operator_list
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.load.replica import replica_of
from gpuplanner.engine.planner.sweep import only
from gpuplanner.engine.point import Point
from gpuplanner.engine.request import Request, resolve
from gpuplanner.engine.result import Estimate, MemoryPart, Plan
from gpuplanner.engine.site.build import site_of
from gpuplanner.engine.site.chassis import Chassis, chassis_for
from gpuplanner.engine.site.result import Host, Site
from gpuplanner.scenario.document import Scenario, replace


def nominal_bits(item: Precision) -> float:
    """Bits a weight by the name of the format; a mixture of formats goes by the whole bits of its mean."""
    return item.weight_bits_nominal or float(int(item.bits_per_weight_effective or 16))


@dataclass(frozen=True)
class Situation:
    """A plan that runs, with all around it."""

    scenario: Scenario
    catalog: Catalog
    answer: Estimate
    plan: Plan

    @property
    def gpu(self) -> Gpu:
        """The card of the plan."""
        return self.catalog.gpus[self.plan.gpu_id]

    @property
    def params(self) -> float:
        """All parameters of the model."""
        return float(self.answer.params_total)

    @cached_property
    def model(self) -> Model:
        """The model, the scenario's own or the catalogue's."""
        return self.scenario.model.custom or self.catalog.models[self.scenario.model.id]

    @cached_property
    def operators(self) -> OperatorList | None:
        """What the model is made of; None where that isn't published."""
        return operator_list(self.model.shape) if self.model.shape is not None else None

    @property
    def precision(self) -> Precision | None:
        """The format of the weights."""
        return self.catalog.precisions.get(self.scenario.precision.weights)

    @property
    def nominal_bytes(self) -> float | None:
        """Bytes a parameter by the name of the format: 2, 1 or 0.5."""
        return nominal_bits(self.precision) / 8 if self.precision else None

    @cached_property
    def request(self) -> Request:
        """The scenario of a model that writes, resolved."""
        return resolve(self.scenario, self.catalog)

    @property
    def request_has_draft(self) -> bool:
        """Whether a second model proposes tokens ahead."""
        return self.scenario.workload.kind.writes and self.request.draft is not None

    @cached_property
    def replica(self) -> Point:
        """One replica of a model that writes."""
        return replica_of(self.scenario, self.catalog, self.plan, self.request)

    @cached_property
    def site(self) -> Site:
        """The servers around the plan."""
        return site_of(self.scenario, self.catalog, self.answer, self.plan)

    @property
    def host(self) -> Host | None:
        """What each GPU server needs."""
        return next(iter(self.site.hosts), None)

    @cached_property
    def chassis(self) -> Chassis:
        """The server the cards stand in."""
        plan = self.plan
        return chassis_for(self.catalog, self.gpu, self.scenario.site.server, plan.gpus, plan.gpus_per_replica)

    def figure(self, key: str) -> float | None:
        """The value of a figure of the plan; None when it has none or it is unknown."""
        found = self.plan.figures.get(key)
        return None if found is None else found.value

    def part(self, *parts: MemoryPart) -> float:
        """The most that parts hold of the fullest GPU at one moment. [B]"""
        memory = self.plan.memory
        if memory is None:
            return 0.0
        return max(sum(moment.parts.get(part, 0.0) for part in parts) for moment in memory.moments or (memory,))

    @property
    def replica_bytes(self) -> float:
        """Memory in use on all GPUs of a replica, as if all were as full as the fullest. [B]"""
        return self.plan.memory.need_bytes * self.plan.gpus_per_replica if self.plan.memory else 0.0

    def with_changes(self, *changes: tuple[str, object]) -> Plan | None:
        """The plan of the same card for a changed scenario."""
        changed = self.scenario
        for path, value in changes:
            changed = replace(changed, path, value)
        return estimate(changed, only(self.catalog, self.plan.gpu_id)).plan(self.plan.gpu_id)

    def same_layout(self) -> tuple[tuple[str, object], ...]:
        """Changes that hold a training's layout still, so that two of its ways can be compared."""
        step = self.plan.training
        held: list[tuple[str, object]] = [
            ("deployment.gpu", self.plan.gpu_id),
            ("deployment.tensor_parallel", self.plan.tensor_parallel),
            ("deployment.pipeline_parallel", self.plan.pipeline_parallel),
            ("training.gpus", self.plan.gpus),
        ]
        if step is not None:
            held += [
                ("training.micro_batch", step.micro_batch),
                ("training.sharding", step.sharding),
                ("training.context_parallel", step.context_parallel),
            ]
        return tuple(held)
