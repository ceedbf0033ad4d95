"""Candidates that come to the same are timed once."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.request import Request
from gpuplanner.engine.speed.serving import Serving, serve
from gpuplanner.engine.speed.step import StepModel

Floats = NDArray[np.float64]
WORTH: Final = 0.7  # of the columns: spreading the figures again takes its time, too


def serve_once(
    request: Request, model: StepModel, batch: Floats, pipeline: Floats, budget: Floats, wanted: NDArray[np.bool_]
) -> Serving:
    """What :func:`~gpuplanner.engine.speed.serving.serve` gives; where it isn't wanted it may be NaN.

    A load that few replicas carry settles to the same few requests in flight, whatever batch was tried.

    Args:
        request: lengths and percentile.
        model: the layouts.
        batch: requests in flight per replica, (layouts, batches).
        pipeline: pipeline stages, (layouts, 1).
        budget: the engine's token budget of a step, (layouts, 1).
        wanted: of which candidates, (layouts, batches).
    """
    new = wanted.copy()
    new[:, 1:] &= (batch[:, 1:] != batch[:, :-1]) | ~wanted[:, :-1]
    place = np.cumsum(new, axis=1) - 1
    most = int(place.max(initial=0)) + 1
    if most > WORTH * batch.shape[1]:
        return serve(request, model, batch, pipeline, budget)
    row, column = np.nonzero(new)
    tried = np.zeros((len(batch), most), dtype=np.intp)  # what a layout doesn't need is filled up with its first
    tried[row, place[row, column]] = column
    few = np.take_along_axis(batch, tried, axis=1)
    served = serve(request, model, few, pipeline, budget)
    at = np.where(wanted, np.arange(len(batch))[:, None] * most + place, few.size)

    def spread(values: Any) -> Floats:
        known: Floats = np.append(np.broadcast_to(values, few.shape), np.nan)
        return known[at]

    return Serving(**{field.name: spread(getattr(served, field.name)) for field in fields(Serving)})
