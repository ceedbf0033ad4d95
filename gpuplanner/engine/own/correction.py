"""What the user's own measurements say about each GPU: a factor on times, one on first tokens, one on memory."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.model import Model
from gpuplanner.engine.own.formulas import own_factor
from gpuplanner.scenario.calibration import CalibrationRow, MeasuredFigure
from gpuplanner.scenario.document import Scenario

PACE: Final = "pace"  # of steps: what tokens after the first take, and with it throughput
FIRST: Final = "ttft"
MEMORY: Final = "memory"
KINDS: Final = (PACE, FIRST, MEMORY)
_KIND: Final = {
    MeasuredFigure.THROUGHPUT: PACE,
    MeasuredFigure.TPOT: PACE,
    MeasuredFigure.TTFT: FIRST,
    MeasuredFigure.PREFILL: FIRST,
    MeasuredFigure.MEMORY: MEMORY,
}
_OUTLIER: Final = math.log(4.0)  # one run can't say more than this


@dataclass(frozen=True, slots=True)
class Factor:
    """By what a figure is multiplied. ``ratio`` is the geometric mean of measured over estimated of ``runs`` runs."""

    value: float = 1.0
    ratio: float = 1.0
    runs: int = 0


NONE: Final = Factor()


@dataclass(frozen=True, slots=True)
class Correction:
    """The factors of one GPU."""

    pace: Factor = NONE
    ttft: Factor = NONE
    memory: Factor = NONE


def family_of(model: Model) -> str:
    """The models whose measurements say something about each other."""
    return model.family or model.id


def corrections(scenario: Scenario, catalog: Catalog) -> tuple[tuple[str, Correction], ...]:
    """The corrections that apply to a scenario, by GPU.

    Only runs of the scenario's engine and model family count; where corrections are switched off there are none.
    """
    held = scenario.calibration
    if not held.enabled or not held.rows:
        return ()
    return tuple(found_in(fitting(held.rows, scenario, catalog), catalog).items())


def fitting(rows: Iterable[CalibrationRow], scenario: Scenario, catalog: Catalog) -> list[CalibrationRow]:
    """The rows that say something about a scenario: of its engine and model family."""
    model = scenario.model.custom or catalog.models.get(scenario.model.id)
    if model is None:
        return []
    held = [row for row in rows if row.counts and row.engine == scenario.deployment.engine]
    measured = {row.model: catalog.models.get(row.model) for row in held}
    alike = {key for key, other in measured.items() if other is not None and family_of(other) == family_of(model)} | {model.id}
    return [row for row in held if row.model in alike]


def found_in(rows: Iterable[CalibrationRow], catalog: Catalog) -> dict[str, Correction]:
    """The corrections that rows give, by GPU; figures of one run are averaged first."""
    logs: defaultdict[tuple[str, str], defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        logs[row.gpu, _KIND[row.figure]][row.run].append(math.log(row.ratio))
    constant = catalog.calibration.constant
    prior, least, most = constant("own.prior_runs"), constant("own.least"), constant("own.most")
    out: defaultdict[str, dict[str, Factor]] = defaultdict(dict)
    for (gpu, kind), runs in logs.items():
        means = [max(-_OUTLIER, min(_OUTLIER, sum(each) / len(each))) for each in runs.values()]
        ratio = math.exp(sum(means) / len(means))
        out[gpu][kind] = Factor(float(own_factor(ratio, len(means), prior, least, most)), ratio, len(means))
    return {gpu: Correction(**factors) for gpu, factors in out.items()}


def own_runs(found: Iterable[tuple[str, Correction]], gpu_id: str) -> int:
    """Runs that correct a GPU's figures; those of the figure that was measured most often."""
    correction = dict(found).get(gpu_id)
    return 0 if correction is None else max(correction.pace.runs, correction.ttft.runs, correction.memory.runs)
