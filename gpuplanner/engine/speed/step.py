"""One step of a serving engine, timed for arrays of layouts and batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.fleet import Fleet
from gpuplanner.engine.layout.rows import Rows, step_inputs
from gpuplanner.engine.request import Request
from gpuplanner.engine.speed import formulas as speed

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StepModel:
    """Everything a step's time depends on but the batch.

    Columns are of shape (layouts, 1), so that batches broadcast along the
    second axis.

    ``inputs`` hold each column by the argument name of the formula that uses it; :meth:`terms` is the only place that calls them.
    """

    inputs: dict[str, Any]

    def terms(self, decoding: Any, prefill: Any, prompts: Any) -> dict[str, Any]:
        """Time of each part of a step. [s]

        Args:
            decoding: requests that decode one token each, per pipeline stage and step.
            prefill: prompt tokens in the step.
            prompts: prompts that end in the step and need the head once.
        """
        i = self.inputs
        tokens = decoding + prefill
        dense = speed.dense_time_s(
            i["dense_flops"],
            tokens,
            i["token_padding"],
            i["peak"],
            i["compute"],
            i["dense_bytes"],
            i["bandwidth"],
            i["weight_share"],
        )
        head = speed.dense_time_s(
            i["head_flops"], decoding + prompts, i["token_padding"], i["peak_16"], i["compute"], i["head_bytes"], i["bandwidth"],
            i["weight_share"],
        )  # fmt: skip
        return {
            "dense": dense,
            "experts": self._experts(tokens),
            "head": head,
            "kv_read": speed.kv_read_time_s(
                decoding, i["kv_bytes"], i["bandwidth"], i["kv_share"], i["decode_scores"], i["peak_16"], i["attention"]
            ),
            "attention": speed.prefill_attention_time_s(prefill, i["prefill_scores"], i["peak_16"], i["attention"]),
            "communication": speed.communication_time_s(
                i["all_reduces"], i["latency"], i["tensor_parallel"], tokens, i["hidden"], i["link"], i["link_share"]
            ),
            "overhead": speed.overhead_time_s(
                i["layers"], i["layer_overhead"], i["step_overhead"], i["sequence_overhead"], decoding
            ),
        }

    def _experts(self, tokens: Any) -> Any:
        i = self.inputs
        if not np.any(i["experts"]):
            return 0.0
        touched = speed.experts_touched(i["experts"], i["top_k"], tokens)
        return speed.experts_time_s(
            i["experts_flops"], tokens, i["expert_padding"], touched, i["experts"], i["top_k"], i["peak"], i["expert_compute"],
            i["experts_bytes"], i["bandwidth"], i["weight_share"],
        )  # fmt: skip

    def time_s(self, decoding: Any, prefill: Any, prompts: Any) -> Any:
        """Time of a step on one pipeline stage. [s]"""
        return speed.step_time_s(**self.terms(decoding, prefill, prompts))


def step_model(request: Request, fleet: Fleet, rows: Rows) -> StepModel:
    """Gather the columns for these layouts."""
    inputs: dict[str, Any] = {name: _column(values) for name, values in step_inputs(request, rows).items()}
    inputs |= device_columns(fleet, rows)
    inputs |= {
        "experts": request.experts,
        "top_k": request.top_k,
        "hidden": request.operators.hidden,
        "tensor_parallel": _column(rows.tensor_parallel),
        "all_reduces": np.where(rows.tensor_parallel[:, None] == 1, 0, 2 * inputs["layers"]),
    }
    return StepModel(inputs)


def device_columns(fleet: Fleet, rows: Rows) -> dict[str, Any]:
    """The columns that depend on the GPU and on fitted constants, not on the model."""
    gpu, tp = rows.gpu, rows.tensor_parallel
    fast = tp <= fleet.domain[gpu]
    names = (
        "peak", "peak_16", "compute", "expert_compute", "attention", "bandwidth", "weight_share", "kv_share", "token_padding",
        "expert_padding", "layer_overhead", "step_overhead", "sequence_overhead", "request_overhead",
    )  # fmt: skip
    link = np.where(fast, fleet.fast_link[gpu], fleet.slow_link[gpu])
    latency = np.where(fast, fleet.fast_latency[gpu], fleet.slow_latency[gpu])
    return {name: _column(getattr(fleet, name)[gpu]) for name in names} | {
        "latency": _column(latency * np.log2(np.maximum(tp, 2))),
        "link": _column(np.where(tp == 1, 1.0, link)),
        "link_share": _column(np.where(fast, fleet.fast_link_share[gpu], fleet.slow_link_share[gpu])),
    }


def _column(values: Any) -> Floats:
    return np.asarray(values, dtype=float)[:, None]
