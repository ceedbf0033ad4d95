"""Why a GPU cannot carry the scenario, and the smallest change that would let it."""

from __future__ import annotations

import numpy as np

from gpuplanner.engine.fleet import Fleet
from gpuplanner.engine.layout.candidates import Candidates
from gpuplanner.engine.layout.rows import Overrides, Rows
from gpuplanner.engine.request import Request
from gpuplanner.engine.result import Code
from gpuplanner.engine.wiring import card_size_gb

LADDER = (8.0, 4.25, 2.6)  # bits a weight that common precisions reach: FP8/INT8, INT4 with scales, 2-bit


def why_not(
    request: Request, every: Fleet, found: Candidates, overrides: Overrides, gpu: int
) -> tuple[tuple[Code, ...], tuple[Code, ...]]:
    """Reasons and remedies for a GPU without an admissible candidate."""
    refusal = every.refusals[gpu]
    if refusal is not None:
        return (refusal,), ()
    start, stop = np.searchsorted(found.all_rows.gpu, (gpu, gpu + 1))  # rows lie in the order of the GPUs
    rows = found.all_rows.pick(slice(int(start), int(stop)))
    if len(rows.gpu) == 0:
        return (Code("reason.no_layout", {"heads": request.operators.heads}),), ()
    roomiest = int(np.argmax(rows.pool / rows.kv_per_request))
    if rows.requests_fit[roomiest] >= 1:
        return (Code("reason.too_many_gpus", {"max_gpus": overrides.max_gpus}),), (Code("remedy.more_gpus"),)
    return _too_small(request, every, overrides, gpu, rows, roomiest)


def _too_small(
    request: Request, every: Fleet, overrides: Overrides, gpu: int, rows: Rows, row: int
) -> tuple[tuple[Code, ...], tuple[Code, ...]]:
    limit = float(every.usable[gpu]) * (overrides.memory_utilization or float(every.utilization[gpu]))
    weights = float(rows.weights[row])
    other = float(rows.activations[row] + rows.activations_each[row] + rows.engine[row] + rows.communication[row])
    cards = int(rows.tensor_parallel[row] * rows.pipeline_parallel[row])
    need = weights + other + float(rows.kv_per_request[row])
    facts = {"gpus": cards, "need_bytes": need, "limit_bytes": limit, "weights_bytes": weights}
    code = "reason.weights_too_big" if weights + other > limit else "reason.request_too_long"
    return (Code(code, facts),), _remedies(request, rows, row, limit, weights, other, every, gpu)


def _remedies(
    request: Request, rows: Rows, row: int, limit: float, weights: float, other: float, every: Fleet, gpu: int
) -> tuple[Code, ...]:
    kv = float(rows.kv_per_request[row])
    out = []
    if weights + other < limit and kv > 0:
        tokens = int((limit - weights - other) / kv * request.full_tokens)
        if tokens >= 256:
            out.append(Code("remedy.shorter", {"length_tokens": tokens // 256 * 256}))
        if request.kv_bytes > 1 and weights + other + kv / request.kv_bytes <= limit:
            out.append(Code("remedy.kv_fp8"))
    kept = float(rows.kept_params[row]) * 2
    for bits in LADDER:
        if (
            bits / 8 < (request.weights.bytes_per_weight_effective or 2)
            and kept + float(rows.quantised_params[row]) * bits / 8 + other + kv <= limit
        ):
            out.append(Code("remedy.fewer_bits", {"bits": bits}))
            break
    needed = (weights + other + kv) / limit * every.gpus[gpu].memory_gb
    size = card_size_gb(every.gpus, needed)
    if size is not None:
        out.append(Code("remedy.bigger_card", {"size_gb": size}))
    return tuple(out)
