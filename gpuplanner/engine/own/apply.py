"""Where corrections enter: columns of the layouts, and the figures of a replica."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.own.correction import Correction
from gpuplanner.engine.own.formulas import own_answer_factor, own_engine_bytes, own_rate, own_time_s

if TYPE_CHECKING:
    from gpuplanner.engine.fleet import Fleet
    from gpuplanner.engine.layout.rows import Rows
    from gpuplanner.engine.request import Request
    from gpuplanner.engine.simulate.run import Served
    from gpuplanner.engine.speed.serving import Serving

Floats = NDArray[np.float64]
_NONE = Correction()


def own_columns(request: Request, fleet: Fleet, rows: Rows) -> dict[str, Any]:
    """The factors on times of each layout, (layouts, 1); nothing where nothing was measured."""
    if not request.own:
        return {}
    known = dict(request.own)
    each = [known.get(gpu.id, _NONE) for gpu in fleet.gpus]
    pace = np.array([item.pace.value for item in each])
    ttft = np.array([item.ttft.value for item in each])
    return {"own_pace": pace[rows.gpu][:, None], "own_ttft": ttft[rows.gpu][:, None]}


def own_engine(request: Request, fleet: Fleet, gpu: NDArray[np.int64], engine: Any, others: Any) -> Any:
    """Memory of engine and driver on each layout's GPU, corrected; ``others`` is what else lies there but the cache. [B]"""
    if not request.own:
        return engine
    known = dict(request.own)
    factor = np.array([known.get(item.id, _NONE).memory.value for item in fleet.gpus])[gpu]
    return own_engine_bytes(engine, factor, engine + others)


def corrected(serving: Serving, inputs: Mapping[str, Any]) -> Serving:
    """The figures of a replica as own measurements make them; the same where there are none."""
    if "own_pace" not in inputs:
        return serving
    pace, first = inputs["own_pace"], inputs["own_ttft"]
    whole = own_answer_factor(serving.ttft_mean, first, serving.e2e_mean, pace)
    e2e_mean = own_time_s(serving.e2e_mean, whole)
    return replace(
        serving,
        ttft_mean=own_time_s(serving.ttft_mean, first),
        ttft=own_time_s(serving.ttft, first),
        tpot_mean=own_time_s(serving.tpot_mean, pace),
        tpot=own_time_s(serving.tpot, pace),
        e2e_mean=e2e_mean,
        e2e=own_time_s(serving.e2e, whole),
        throughput=own_rate(serving.throughput, pace),
        request_rate=serving.batch / e2e_mean,
    )


def own_pace(inputs: Mapping[str, Any]) -> float:
    """The factor on the steps of a single layout; 1 where nothing was measured."""
    return float(np.ravel(inputs["own_pace"])[0]) if "own_pace" in inputs else 1.0


def corrected_run(served: Served, inputs: Mapping[str, Any]) -> Served:
    """A simulated run, whose steps are at the measured pace, with first tokens as they were measured."""
    if "own_ttft" not in inputs:
        return served
    more = served.ttft_s * (float(np.ravel(inputs["own_ttft"])[0]) / own_pace(inputs) - 1.0)
    return replace(served, ttft_s=served.ttft_s + more, e2e_s=served.e2e_s + more)
