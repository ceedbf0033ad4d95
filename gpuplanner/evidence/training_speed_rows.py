"""Rows that tell how fast training ran: all of them computed at once, with one catalogue's constants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.training.speed.rates import Rates, rates
from gpuplanner.engine.training.speed.step import Job, layouts, times
from gpuplanner.engine.training.speed.work import Work
from gpuplanner.engine.wiring import Wiring, wiring
from gpuplanner.evidence.training_cases import Case
from gpuplanner.evidence.training_layouts import Layout

Floats = NDArray[np.float64]


class TrainingSpeeds:
    """Cases as arrays; what no constant touches is kept.

    Args:
        catalog: facts.
        cases: at least one.
    """

    def __init__(self, catalog: Catalog, cases: Sequence[Case]) -> None:
        self.cases = tuple(cases)
        owners = [(place, layout) for place, case in enumerate(self.cases) for layout in case.layouts]
        self._owner = np.array([place for place, _ in owners])
        self._starts = np.flatnonzero(np.diff(self._owner, prepend=-1))
        self._layouts = layouts(**{f.name: [getattr(layout, f.name) for _, layout in owners] for f in fields(Layout)})
        self._work = Work(**{f.name: self._column("work", f.name) for f in fields(Work)})
        self._job = Job(**{f.name: self._column("job", f.name) for f in fields(Job)})
        self._batch = np.array([layout.batch for _, layout in owners])
        keys = [(case.gpu.id, case.format, case.software) for case in self.cases]
        self._kinds = list(dict.fromkeys(keys))
        places = {key: place for place, key in enumerate(self._kinds)}
        self._kind = np.array([places[key] for key in keys])[self._owner]
        self._wires: dict[str, Wiring] = {gpu: wiring((catalog.gpus[gpu],), catalog) for gpu, _, _ in self._kinds}
        self.measured = np.array([case.row.value for case in self.cases])
        age = np.array([case.age for case in self.cases])
        self._age = np.where([case.software == "megatron" for case in self.cases], age, 0.0)
        self._mixed = np.array([case.work.experts > 0 for case in self.cases])
        self._scale = np.array([case.scale for case in self.cases])
        self.time = np.array([case.is_time for case in self.cases])

    def _column(self, part: str, name: str) -> Any:
        values = np.array([float(getattr(getattr(case, part), name)) for case in self.cases])
        return values[self._owner][:, None]

    def __call__(self, catalog: Catalog) -> Floats:
        """One figure a case, in its row's unit."""
        found = [rates((catalog.gpus[gpu],), catalog, name, software, self._wires[gpu]) for gpu, name, software in self._kinds]
        reach = Rates(**{f.name: self._spread(found, f.name) for f in fields(Rates)})
        step = times(self._work, self._job, self._layouts, reach).step[:, 0]
        samples = np.maximum.reduceat(self._batch / step, self._starts) * self._then(catalog)
        figures: Floats = np.where(self.time, self._scale / samples, self._scale * samples)
        return figures

    def _then(self, catalog: Catalog) -> Floats:
        """How fast the software of a measurement's time was beside today's: models of experts gained much within a year."""
        dense, experts = (catalog.calibration.constant("training.progress", name) for name in ("dense", "experts"))
        share: Floats = np.exp(-self._age * np.where(self._mixed, experts, dense))
        return share

    def _spread(self, found: Sequence[Rates], name: str) -> Any:
        values = np.array([float(np.asarray(getattr(reach, name)).reshape(-1)[0]) for reach in found])
        return values[self._kind][:, None]


@dataclass(frozen=True, slots=True)
class SpeedAnswer:
    """A prediction in the row's unit and what it was made for; ``faster`` tells whether more is better."""

    value: float
    model: str
    gpu: str
    family: str
    software: str
    faster: bool


def answers(catalog: Catalog, cases: Sequence[Case]) -> list[SpeedAnswer]:
    """Predictions of cases, in order."""
    if not cases:
        return []
    values = TrainingSpeeds(catalog, cases)(catalog)
    return [
        SpeedAnswer(float(value), case.model, case.gpu.id, case.kind, case.software, not case.is_time)
        for value, case in zip(values, cases, strict=True)
    ]
