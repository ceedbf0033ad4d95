"""What an engine needs beside weights and cache to compute a step: a fixed part, and one that grows with the requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.architecture.operators import Part
from gpuplanner.engine.architecture.shares import held, kv_elements_per_gpu, stays
from gpuplanner.engine.arrays import distinct
from gpuplanner.engine.memory import formulas as memory
from gpuplanner.engine.memory import on_demand
from gpuplanner.engine.request import Request

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Step:
    """What the layouts bring to the workspace; arrays of one entry a layout."""

    tensor_parallel: Any
    stage: Any
    batched: Any
    seqs: Any
    mlp_width: Any
    per_request: Floats  # cache of one request at full length


def workspace(request: Request, step: Step) -> tuple[Any, Any]:
    """Bytes whatever the load, and bytes for each request in flight."""
    match request.profile.workspace:
        case "step":
            return _profile_run(request, step), 0.0 * step.per_request
        case "prompt":
            return 0.0 * step.per_request, prompt_workspace(request, step, 1.0)
        case _:
            return _graph(request, step), 0.0 * step.per_request


def prompt_workspace(request: Request, step: Step, requests: Any) -> Any:
    """Workspace of so many requests whose prompts are read in one go."""
    ops, profile = request.operators, request.profile
    return on_demand.prompt_workspace_bytes(
        requests, request.uncached_tokens, ops.vocab, profile.prompt_logit_bytes, ops.hidden, profile.hidden_tensors,
        profile.mlp_tensors, step.mlp_width, unfilled_cache(request, step.tensor_parallel, step.stage), cache_copies(request),
        step.per_request,
    )  # fmt: skip


def cache_copies(request: Request) -> float:
    """Copies of the cache while it grows; a single token is written without one."""
    return request.profile.cache_copies if request.output_tokens > 1 else 0.0


def unfilled_cache(request: Request, tensor_parallel: Any, stage: Any) -> Floats:
    """Bytes of a request's full cache that its prompt doesn't fill yet."""

    def held_by(degree: int, tokens: int) -> float:
        elements = kv_elements_per_gpu(request.operators, degree, tokens, kv_bytes=request.kv_bytes)
        return elements * tokens * request.kv_bytes

    asked = np.atleast_1d(tensor_parallel)
    degrees = distinct(asked)
    full, prompt = request.full_tokens, request.input_tokens
    each = np.array([held_by(int(degree), full) - held_by(int(degree), prompt) for degree in degrees])
    unfilled: Floats = np.maximum(0.0, each[np.searchsorted(degrees, asked)]) * stage
    return unfilled


def embedding_params(request: Request, tensor_parallel: int) -> tuple[float, float]:
    """Parameters of an untied embedding on one GPU, quantised and kept."""
    ops = [op for op in request.operators.operators if op.part is Part.EMBEDDING]
    kept = [held(op, tensor_parallel) for op in ops if stays(op, request.kept)]
    return sum(held(op, tensor_parallel) for op in ops) - sum(kept), sum(kept)


def _profile_run(request: Request, step: Step) -> Any:
    profile, ops = request.profile, request.operators
    experts = 0.0
    if request.experts and request.weights.id not in profile.no_expert_workspace:
        experts = memory.expert_workspace_bytes(
            step.batched, request.top_k, request.expert_width, step.tensor_parallel, ops.hidden
        )
    return memory.activation_bytes(
        experts, np.minimum(step.seqs, step.batched), ops.vocab, profile.logit_bytes, profile.sampler_tensors, step.batched,
        ops.hidden, profile.hidden_tensors, profile.mlp_tensors, step.mlp_width,
    )  # fmt: skip


def _graph(request: Request, step: Step) -> Any:
    profile, ops = request.profile, request.operators
    return on_demand.compute_buffer_bytes(
        step.batched, ops.vocab, ops.hidden, profile.hidden_tensors, profile.mlp_tensors, step.mlp_width, request.full_tokens,
        ops.heads, profile.score_bytes,
    )  # fmt: skip
