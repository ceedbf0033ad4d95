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

    def pick(self, rows: NDArray[np.int64]) -> StepModel:
        """The layouts at an index."""
        picked = {name: value[rows] if np.ndim(value) == 2 else value for name, value in self.inputs.items()}
        return StepModel(picked)

    def terms(self, decoding: Any, prefill: Any, prompts: Any) -> dict[str, Any]:
        """Time of each part of a step. [s]

        Args:
            decoding: requests that decode one token each, per pipeline stage and step.
            prefill: prompt tokens in the step.
            prompts: prompts that end in the step and need the head once.
        """
        i = self.inputs
        own = self.on_rank(decoding, prefill, prompts)
        read = self.read_shares(decoding, prefill, own)
        dense = speed.dense_time_s(
            i["dense_flops"],
            own["tokens"],
            i["token_padding"],
            i["peak"],
            i["compute"],
            i["dense_bytes"],
            i["bandwidth"],
            read["weights"],
        )
        head = speed.dense_time_s(
            i["head_flops"], own["head"], i["token_padding"], i["peak_16"], i["compute"], i["head_bytes"], i["bandwidth"],
            read["weights"],
        )  # fmt: skip
        return {
            "dense": dense,
            "experts": self._experts(decoding + prefill, read["experts"]),
            "head": head,
            "kv_read": speed.kv_read_time_s(
                own["decoding"], i["kv_bytes"], i["bandwidth"], read["kv"], i["decode_scores"], i["peak_16"], i["attention"]
            ),
            "attention": speed.prefill_attention_time_s(own["prefill"], i["prefill_scores"], i["peak_16"], i["attention"]),
            "movement": speed.movement_time_s(
                i["movement"],
                own["tokens"],
                i["dense_moved"],
                decoding + prefill,
                i["experts_moved"],
                i["bandwidth"],
                i["weight_share"],
            ),
            "communication": speed.communication_time_s(
                i["all_reduces"],
                i["one_shot"],
                i["latency"],
                i["tensor_parallel"],
                own["gathered"],
                i["hidden"],
                i["link"],
                i["link_share"],
            ),
            "overhead": speed.overhead_time_s(
                i["layers"],
                i["layer_overhead"],
                i["expert_layers"],
                i["expert_layer_overhead"],
                i["step_overhead"],
                i["sequence_overhead"],
                own["decoding"],
            ),
        }

    def on_rank(self, decoding: Any, prefill: Any, prompts: Any) -> dict[str, Any]:
        """What falls to the fullest rank; ``gathered`` is what collectives carry: of each rank as many tokens as it has."""
        copies = self.inputs["copies"]
        if not np.any(copies > 1):
            tokens = decoding + prefill
            return {"tokens": tokens, "decoding": decoding, "prefill": prefill, "head": decoding + prompts, "gathered": tokens}
        prompt = prefill / np.maximum(prompts, 1e-9)
        budget = self.inputs["rank_budget"]
        tokens = speed.rank_tokens(decoding, prefill, prompt, budget, copies)
        return {
            "tokens": tokens,
            "decoding": decoding / copies,
            "prefill": speed.rank_tokens(0.0, prefill, prompt, budget, copies),
            "head": speed.rank_tokens(decoding, prompts, 1.0, 1.0, copies),
            "gathered": decoding + prefill,
        }

    def read_shares(self, decoding: Any, prefill: Any, own: dict[str, Any]) -> dict[str, Any]:
        """Shares of the bandwidth at which this step reads weights, experts and caches."""
        i = self.inputs
        tokens = decoding + prefill
        weights = speed.read_share(i["weight_share"], i["single_weights"], own["tokens"])
        experts = weights if own["tokens"] is tokens else speed.read_share(i["weight_share"], i["single_weights"], tokens)
        return {"weights": weights, "experts": experts, "kv": speed.read_share(i["kv_share"], i["single_kv"], own["decoding"])}

    def _experts(self, tokens: Any, read: Any) -> Any:
        i = self.inputs
        if not np.any(i["experts"]):
            return 0.0
        touched = speed.experts_touched(i["experts"], i["top_k"], tokens)
        return speed.experts_time_s(
            i["experts_flops"], tokens, i["expert_padding"], touched, i["experts"], i["top_k"], i["peak"], i["expert_compute"],
            i["experts_bytes"], i["bandwidth"], read, i["imbalance"],
        )  # fmt: skip

    def time_s(self, decoding: Any, prefill: Any, prompts: Any) -> Any:
        """Time of a step on one pipeline stage. [s]"""
        return speed.step_time_s(**self.terms(decoding, prefill, prompts))


def step_model(request: Request, fleet: Fleet, rows: Rows) -> StepModel:
    """Gather the columns for these layouts."""
    inputs: dict[str, Any] = {name: _column(values) for name, values in step_inputs(request, rows).items()}
    inputs |= device_columns(fleet, rows) | dict(fleet.queues)
    whole = rows.attention_copies[:, None] > 1
    # attention cut: an all-reduce after it and one after the feed-forward block. Kept whole: tokens are gathered before the
    # experts and their sums scattered after, two operations that move what one all-reduce moves
    operations = np.where(whole, inputs["expert_layers"], inputs.pop("reductions"))
    inputs |= {
        "experts": request.experts,
        "top_k": request.top_k,
        "hidden": request.operators.hidden,
        "tensor_parallel": _column(rows.tensor_parallel),
        "all_reduces": np.where(rows.tensor_parallel[:, None] == 1, 0, operations),
    }
    return StepModel(inputs)


def device_columns(fleet: Fleet, rows: Rows) -> dict[str, Any]:
    """The columns that depend on the GPU and on fitted constants, not on the model."""
    gpu, tp = rows.gpu, rows.tensor_parallel
    fast = tp <= fleet.domain[gpu]
    names = (
        "peak", "peak_16", "compute", "expert_compute", "attention", "bandwidth", "weight_share", "single_weights",
        "kv_share", "single_kv", "token_padding", "expert_padding", "layer_overhead", "expert_layer_overhead", "movement",
        "step_overhead", "sequence_overhead", "request_overhead", "front_end",
    )  # fmt: skip
    link = np.where(fast, fleet.fast_link[gpu], fleet.slow_link[gpu])
    latency = np.where(fast, fleet.fast_latency[gpu], fleet.slow_latency[gpu]) * np.log2(np.maximum(tp, 2))
    return {name: _column(getattr(fleet, name)[gpu]) for name in names} | {
        "latency": _column(latency),
        "one_shot": _column(np.where(fast, fleet.one_shot[gpu], latency)),
        "link": _column(np.where(tp == 1, 1.0, link)),
        "link_share": _column(np.where(fast, fleet.fast_link_share[gpu], fleet.slow_link_share[gpu])),
        "rank_budget": _column(fleet.batched_tokens[gpu]),
        "imbalance": _column(np.where(rows.attention_copies > 1, fleet.imbalance[gpu], 1.0)),
    }


def _column(values: Any) -> Floats:
    return np.asarray(values, dtype=float)[:, None]
