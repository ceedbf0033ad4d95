"""The engine run over configurations, all rows that share a set-up at once. Nothing of the engine is done a second time here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.engine import MemoryProfile
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.engine.fleet import Fleet, build_fleet
from gpuplanner.engine.layout.rows import Rows, memory_rows
from gpuplanner.engine.memory.beside import Beside, one_layer_params
from gpuplanner.engine.memory.eager import without_graphs
from gpuplanner.engine.request import CannotEstimateError, Lengths, Request, beyond_graphs, request_for
from gpuplanner.engine.speed.pace import extended
from gpuplanner.engine.speed.step import StepModel, device_columns, step_model
from gpuplanner.evidence.answers import memory_answer, speed_answers
from gpuplanner.evidence.configuration import Configuration, Setup
from gpuplanner.evidence.hosts import sums_in_half
from gpuplanner.evidence.reasons import NotDone, Reason

KEPT: Final = 3  # answers of a group for the last so many sets of constants


@dataclass(frozen=True, slots=True)
class Group:
    """Configurations of one set-up. Each member's layouts are the entries ``starts[i]:starts[i + 1]`` of ``rows``."""

    members: tuple[int, ...]
    starts: NDArray[np.int64]
    request: Request
    fleet: Fleet
    rows: Rows
    model: StepModel | None


class Evaluator:
    """Computes rows with one catalogue; the parts that no fitted constant touches are kept.

    Args:
        catalog: what is known.
        configurations: what to compute.
    """

    def __init__(self, catalog: Catalog, configurations: Sequence[Configuration]) -> None:
        self.configurations = tuple(configurations)
        self._catalog = catalog
        self._ids = tuple(dict.fromkeys(configuration.gpu for configuration in configurations))
        self._index = {gpu: i for i, gpu in enumerate(self._ids)}
        self._fleets: dict[tuple[str, str, MemoryProfile], Fleet] = {}
        by_setup: defaultdict[Setup, list[int]] = defaultdict(list)
        for index, configuration in enumerate(self.configurations):
            by_setup[configuration.setup].append(index)
        self._groups: list[Group] = []
        self._kept: defaultdict[int, list[tuple[bytes, list[tuple[int, float | NotDone]]]]] = defaultdict(list)
        self._refused: dict[int, NotDone] = {}
        self.saturated: set[int] = set()  # configurations of the last answers whose load is beyond what the layout carries
        for setup, members in by_setup.items():
            try:
                self._groups.append(self._group(setup, members))
            except CannotEstimateError as error:
                self._refused |= dict.fromkeys(members, NotDone(Reason.SHAPE, error.code.code))

    def __call__(self, catalog: Catalog | None = None) -> list[float | NotDone]:
        """One answer a configuration, in its row's unit and in order.

        Args:
            catalog: the same facts with other calibration constants; those of the start when None.
        """
        answers: list[float | NotDone] = [self._refused.get(i, NotDone(Reason.FIT)) for i in range(len(self.configurations))]
        refitted: dict[int, Fleet] = {}
        for place, group in enumerate(self._groups):
            model, known = group.model, b""
            if catalog is not None and model is not None:
                key = id(group.fleet)
                if key not in refitted:
                    refitted[key] = _built(group.fleet.gpus, catalog, group.request)
                columns = device_columns(refitted[key], group.rows)
                model = StepModel(model.inputs | columns)
                known = b"".join(column.tobytes() for column in columns.values())
            for index, answer in self._remembered(place, known, group, model):
                answers[index] = answer
        return answers

    def _remembered(self, place: int, known: bytes, group: Group, model: StepModel | None) -> list[tuple[int, float | NotDone]]:
        """A group's answers; those of the last few sets of constants are kept, as a fit changes few groups at a time."""
        kept = self._kept[place]
        for key, answers in kept:
            if key == known:
                return answers
        answers = list(self._answers(group, model))
        kept.insert(0, (known, answers))
        del kept[KEPT:]
        return answers

    def _group(self, setup: Setup, members: list[int]) -> Group:
        request = self._request(setup)
        fleet = self._fleet(setup, request)
        if setup.usable_bytes is not None:
            fleet = replace(fleet, usable=np.full_like(fleet.usable, setup.usable_bytes))
        chosen = [self.configurations[index] for index in members]
        starts = np.cumsum([0, *(len(configuration.layouts) for configuration in chosen)])
        gpu = np.array([self._index[item.gpu] for item in chosen for _ in item.layouts], dtype=np.int64)
        degrees = np.array([layout for item in chosen for layout in item.layouts], dtype=np.int64)
        pipeline = np.minimum(degrees[:, 1], request.operators.layers)
        rows = memory_rows(request, fleet, setup.overrides, gpu, degrees[:, 0], pipeline, degrees[:, 2])
        timed = any(configuration.row.table == "speed" for configuration in chosen)
        model = extended(step_model(request, fleet, rows), request, fleet, rows) if timed else None
        return Group(tuple(members), starts, request, fleet, rows, model)

    def _request(self, setup: Setup) -> Request:
        facts = self._catalog
        request = request_for(
            facts.models[setup.model], facts.precisions[setup.weights], facts.precisions[setup.kv], facts.engines[setup.engine],
            _running(setup),
            Lengths(
                setup.input_tokens, setup.output_tokens, setup.input_tokens * (1.0 - 1.0 / setup.beams),
                rate=1.0 if setup.open_loop else None,
            ),
        )  # fmt: skip
        if beyond_graphs(setup.profile, request.full_tokens):
            launched = facts.calibration.constant("overhead.launched_layer_s", setup.profile.runtime)
            request = replace(request, launched_layer_s=launched)
        return replace(request, beside=_beside(request, setup)) if setup.heads or setup.draft_bytes else request

    def _fleet(self, setup: Setup, request: Request) -> Fleet:
        key = (setup.weights, setup.engine, request.profile)
        if key not in self._fleets:
            gpus = [self._catalog.gpus[gpu] for gpu in self._ids]
            self._fleets[key] = _built(gpus, self._catalog, request)
        return self._fleets[key]

    def _answers(self, group: Group, model: StepModel | None) -> Iterator[tuple[int, float | NotDone]]:
        chosen = [self.configurations[index] for index in group.members]
        served: list[tuple[float | NotDone, bool]] = []
        if model is not None:
            served = speed_answers(chosen, group.starts, group.request, group.fleet, group.rows, model)
        for place, (index, configuration) in enumerate(zip(group.members, chosen, strict=True)):
            if configuration.row.table == "memory":
                entries = group.rows.pick(np.arange(group.starts[place], group.starts[place + 1]))
                batched = float(group.fleet.batched_tokens[self._index[configuration.gpu]])
                yield index, memory_answer(configuration, group.request, entries, batched)
                continue
            refusal = group.fleet.refusals[self._index[configuration.gpu]]
            answer, saturated = served[place]
            if saturated:
                self.saturated.add(index)
            yield index, answer if refusal is None else NotDone(Reason.FORMAT, refusal.code)


def _beside(request: Request, setup: Setup) -> Beside:
    """What proposes tokens ahead: about a layer of the model, or a draft of a stated size."""
    if setup.draft_bytes:
        return Beside(draft_params=setup.draft_bytes / 2)
    ops = request.operators
    return Beside(draft_params=one_layer_params(ops), draft_bytes=request.weight_bytes.kept, draft_layers=1 / ops.layers)


def _built(gpus: Sequence[Gpu], catalog: Catalog, request: Request) -> Fleet:
    fleet = build_fleet(gpus, catalog, request.weights, request.engine, request.profile)
    if not sums_in_half(request.profile.runtime):
        return fleet
    rates = [gpu.dense_tflops.fp16_fp16acc for gpu in gpus]
    peak = np.array([own if rate is None else max(own, rate * 1e12) for own, rate in zip(fleet.peak, rates, strict=True)])
    halves = np.array([own if rate is None else max(own, rate * 1e12) for own, rate in zip(fleet.peak_16, rates, strict=True)])
    return replace(fleet, peak=peak, peak_16=halves)


def _running(setup: Setup) -> MemoryProfile:
    """The profile as it ran."""
    return setup.profile if setup.graphs else without_graphs(setup.profile)
