"""What plans find again of conversations that come back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.layout.candidates import Candidates
from gpuplanner.engine.request import Request
from gpuplanner.engine.result import ReusePlan
from gpuplanner.engine.speed.serving import reusing
from gpuplanner.scenario.serving import Balancing


def reuse_plans(request: Request, found: Candidates, best: NDArray[np.int64]) -> list[ReusePlan | None]:
    """One entry a GPU; None where nothing comes back, or nothing runs.

    Args:
        request: the load.
        found: all candidates.
        best: of each GPU the flat index of its candidate, below 0 where there is none.
    """
    out: list[ReusePlan | None] = [None] * len(best)
    runs = np.flatnonzero(best >= 0)
    if request.reuse is None or found.apart is not None or not len(runs):
        return out
    row, column = np.divmod(best[runs], found.replicas.shape[1])
    batch = np.broadcast_to(np.asarray(found.serving.batch, dtype=float), found.replicas.shape)[row, column][:, None]
    pipeline = found.rows.pipeline_parallel[row][:, None].astype(float)
    _, _, at = reusing(request, request.reuse, found.model.pick(row), batch, pipeline, found.budget[row])
    room = (at.left + request.reuse.host_bytes) / at.each
    aware = request.serving.balancing is Balancing.PREFIX_AWARE  # else each replica has to hold them all
    for place, gpu in enumerate(runs.tolist()):
        kept, on_gpu, back = (float(values[place, 0]) for values in (at.kept, at.on_gpu, at.reload))
        held = float(room[place, 0]) * (float(found.replicas[row[place], column[place]]) if aware else 1.0)
        out[gpu] = ReusePlan(kept, on_gpu, back, held, request.reuse.history)
    return out
