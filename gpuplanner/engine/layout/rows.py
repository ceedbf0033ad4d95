"""Layouts as arrays: every legal tensor x pipeline degree on every GPU, what each takes of memory, and which are worth timing."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.engine import MemoryProfile
from gpuplanner.catalog.schema.shape import Experts
from gpuplanner.engine.architecture.shares import KEPT_BYTES, Share, kv_elements_per_gpu, score_flops
from gpuplanner.engine.fleet import Fleet
from gpuplanner.engine.layout.held import held, pairs_of
from gpuplanner.engine.layout.workspace import Step, workspace
from gpuplanner.engine.memory import formulas as memory
from gpuplanner.engine.own.apply import own_engine
from gpuplanner.engine.request import Request

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PIPELINE_DEGREES = (1, 2, 3, 4, 6, 8, 12, 16)
LONGEST_WHOLE_PROMPT = 32768  # tokens; engines that read prompts in one go cut longer ones (vLLM before 0.9)
PIPELINES_KEPT = 2  # per tensor degree: the shortest that fits, and the next


@dataclass(frozen=True, slots=True)
class Rows:
    """One entry a layout. Memory in bytes on the fullest GPU; ``*_step`` figures are per pipeline stage."""

    gpu: Ints
    tensor_parallel: Ints
    pipeline_parallel: Ints
    attention_copies: Ints  # 1: attention is cut like the rest; else each of so many ranks keeps it whole for its own requests
    stage: Floats  # share of the layers on the fullest stage
    weights: Floats
    quantised_params: Floats
    kept_params: Floats
    activations: Floats  # whatever the load
    activations_each: Floats  # for each request in flight, where prompts are read in one go
    context: Floats  # of the driver, in ``engine``
    engine: Floats
    communication: Floats
    pool: Floats
    kv_elements: Floats  # per token of a full-length request, on the fullest stage; the mean over ranks with their own requests
    kv_per_request: Floats  # bytes reserved for one request at full length, likewise
    requests_fit: Floats

    def pick(self, chosen: NDArray[np.bool_] | Ints | slice) -> Rows:
        """The rows at an index, in a slice or under a mask."""
        return Rows(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the user fixed; None leaves it to the search or the engine's default."""

    tensor_parallel: int | None = None
    pipeline_parallel: int | None = None
    max_gpus: int = 1024
    memory_utilization: float | None = None
    max_batched_tokens: int | None = None
    max_seqs: int | None = None
    attention_copies: bool | None = None  # each rank keeps attention whole: yes, no, or whatever is better


def tensor_degrees(request: Request, overrides: Overrides) -> tuple[int, ...]:
    """Degrees that divide the attention heads, powers of two, or the one the user fixed if it divides them."""
    heads = request.operators.heads
    if request.profile.splits == "layers":
        return (1,) if overrides.tensor_parallel in {None, 1} else ()
    wanted = (overrides.tensor_parallel,) if overrides.tensor_parallel else (1, 2, 4, 8, 16, 32, 64)
    return tuple(degree for degree in wanted if heads % degree == 0)


def legal_rows(request: Request, fleet: Fleet, overrides: Overrides) -> Rows:
    """Every layout that the links allow on every GPU that can compute, with its memory.

    Tensor parallelism stays within the fast-link domain or one server over PCIe; cards without a fast link keep a replica
    within one server.
    """
    tp_list = tensor_degrees(request, overrides)
    wanted: tuple[int, ...] = (overrides.pipeline_parallel,) if overrides.pipeline_parallel else PIPELINE_DEGREES
    pp_list = [pp for pp in wanted if pp <= request.operators.layers]
    able = np.flatnonzero([refusal is None for refusal in fleet.refusals])
    grid = np.meshgrid(able, np.array(tp_list, dtype=np.int64), np.array(pp_list, dtype=np.int64), indexing="ij")
    gpu, tp, pp = (axis.reshape(-1) for axis in grid)
    fast = fleet.domain[gpu]
    one_server = (fast == 1) | (fleet.fast_link[gpu] == 0)
    reachable = (tp <= np.maximum(fast, 1)) | ((fleet.slow_link[gpu] > 0) & (tp <= fleet.node[gpu]))
    legal = reachable & (tp * pp <= overrides.max_gpus) & (~one_server | (tp * pp <= fleet.node[gpu]))
    gpu, tp, pp = gpu[legal], tp[legal], pp[legal]
    copies = np.ones_like(tp)
    wide = tp > 1 if may_copy_attention(request, overrides) else np.zeros_like(tp, dtype=bool)
    if overrides.attention_copies and wide.any():  # asked for: nothing else
        gpu, tp, pp = gpu[wide], tp[wide], pp[wide]
        copies = tp.copy()
    elif wide.any():
        order = np.argsort(np.concatenate([gpu, gpu[wide]]), kind="stable")  # rows lie in the order of the GPUs
        gpu, tp, pp, copies = (
            np.concatenate([all_of, more])[order]
            for all_of, more in ((gpu, gpu[wide]), (tp, tp[wide]), (pp, pp[wide]), (copies, tp[wide]))
        )
    return memory_rows(request, fleet, overrides, gpu, tp, pp, copies)


def may_copy_attention(request: Request, overrides: Overrides) -> bool:
    """Whether ranks that keep attention whole and share the experts are worth a look: mixtures, where the engine can."""
    return bool(request.experts) and overrides.attention_copies is not False and request.engine.data_parallel_attention


def memory_rows(
    request: Request, fleet: Fleet, overrides: Overrides, gpu: Ints, tp: Ints, pp: Ints, copies: Ints | None = None
) -> Rows:
    """Memory of given layouts, part by part; ``copies`` of attention, one where None."""
    profile = request.profile
    copies = np.ones_like(tp) if copies is None else copies
    cut = tp // copies  # the degree that attention and all dense parts are cut by
    model = held(request, cut, tp, pp, copies)
    per_request = memory.kv_cache_bytes(1, request.full_tokens, profile.block_tokens, model.elements, request.kv_bytes)
    batched = overrides.max_batched_tokens or fleet.batched_tokens[gpu]
    if profile.whole_prompts and overrides.max_batched_tokens is None and request.full_tokens <= LONGEST_WHOLE_PROMPT:
        batched = np.maximum(batched, request.full_tokens)
    seqs = overrides.max_seqs or fleet.max_seqs[gpu]
    activations, each = workspace(request, Step(cut, model.stage, batched, seqs, mlp_width(request) / cut, per_request * copies))
    base = communication_base(profile, fleet.fast_link[gpu] > 0)
    communication = memory.communication_bytes(tp, base, profile.communication_per_rank_bytes)
    context = memory.context_bytes(profile.context_bytes, profile.context_bytes_per_multiprocessor, fleet.multiprocessors[gpu])
    modelled = _engine(request, context, cut, model.stage)
    engine = own_engine(request, fleet, gpu, modelled, model.weights + activations + communication)
    utilization = overrides.memory_utilization or fleet.utilization[gpu]
    counted = engine if profile.graphs_in_budget else context + engine - modelled
    pool = _pool(profile.budget, utilization, fleet.usable[gpu], model.weights, activations, counted, communication)
    each = each / copies
    fit = pool / (per_request + each)
    if request.spread.full_cv:
        fit = memory.requests_within(fit, max(0.0, request.z), request.spread.full_cv)
    fit = np.floor(fit)
    if profile.budget == "share_of_total" and not profile.graphs_in_budget:  # captured last, in what the budget leaves
        fit = np.where(engine - context > (1 - utilization) * fleet.usable[gpu], 0.0, fit)
    none = 0 * model.weights
    return Rows(
        gpu, tp, pp, copies, model.stage, model.weights, model.quantised, model.kept, activations + none, each, context + none,
        engine + none, communication + none, pool, model.elements, per_request, fit,
    )  # fmt: skip


def _engine(request: Request, context: Any, cut: Ints, stage: Floats) -> Any:
    """Context and captured graphs of each layout. [B]"""
    profile, ops = request.profile, request.operators
    return memory.engine_bytes(
        context, profile.graph_bytes, cut, profile.graph_bytes_per_width, profile.graph_bytes_per_layer,
        profile.graph_bytes_per_hidden, ops.hidden, profile.graph_bytes_per_expert, request.top_k, ops.layers * stage,
    )  # fmt: skip


def communication_base(profile: MemoryProfile, fast: Any) -> Any:
    """Buffers of the first two ranks: engines keep a workspace of their own only where GPUs have a fast link."""
    slow = profile.communication_slow_bytes
    return np.where(fast, profile.communication_bytes, profile.communication_bytes if slow is None else slow)


def _pool(budget: str, utilization: Any, usable: Any, weights: Any, activations: Any, engine: Any, communication: Any) -> Any:
    match budget:
        case "share_of_total" | "on_demand":
            return memory.pool_of_total_bytes(utilization, usable, weights, activations, engine, communication)
        case "share_of_free":
            return memory.pool_of_free_bytes(utilization, usable, weights, activations, engine, communication)
        case _:
            return memory.pool_of_static_bytes(utilization, usable, weights, engine, communication)


def mlp_width(request: Request) -> float:
    """Width of the widest dense feed-forward block; for pure mixtures the shared expert's."""
    shape = request.model.language
    feeds = [layer.feed_forward for layer in shape.layers if layer.feed_forward is not None] if shape else []
    widths = [feed.shared_intermediate if isinstance(feed, Experts) else feed.intermediate for feed in feeds]
    return float(max(widths, default=0))


def expert_layers(request: Request) -> int:
    """Layers with routed experts."""
    shape = request.model.language
    if shape is None or not request.experts:
        return 0
    return sum(layer.count for layer in shape.layers if isinstance(layer.feed_forward, Experts))


def reductions(request: Request) -> int:
    """Sums over the GPUs that share the layers: one after each mixing of tokens, one after each feed-forward block."""
    shape = request.model.language
    if shape is None:
        return 0
    blocks = (
        (layer.count, (layer.attention or layer.mixer) is not None, layer.feed_forward is not None) for layer in shape.layers
    )
    return sum(count * (mixes + feeds) for count, mixes, feeds in blocks)


def worth_timing(rows: Rows) -> NDArray[np.bool_]:
    """Mask of layouts that hold at least one request; of each GPU and tensor degree only the shortest pipelines."""
    fits = rows.requests_fit >= 1
    order = np.lexsort((rows.pipeline_parallel, rows.attention_copies > 1, rows.tensor_parallel, rows.gpu))
    group = (rows.gpu[order] * 4096 + rows.tensor_parallel[order]) * 2 + (rows.attention_copies[order] > 1)
    fitting = fits[order]
    before: Ints = np.cumsum(fitting) - fitting
    starts = np.flatnonzero(np.r_[len(group) > 0, group[1:] != group[:-1]])
    base: Ints = np.repeat(before[starts], np.diff(np.r_[starts, len(group)]))
    keep = np.zeros(len(group), dtype=bool)
    keep[order] = fitting & (before - base < PIPELINES_KEPT)
    return keep


def step_inputs(request: Request, rows: Rows) -> dict[str, Floats]:
    """Per-stage sums each layout needs to be timed; see :class:`~gpuplanner.engine.speed.step.StepModel`."""
    pairs, index = pairs_of(rows.tensor_parallel // rows.attention_copies, rows.tensor_parallel)
    shares: list[Share] = [request.share(degree, experts) for degree, experts in pairs]
    degrees = [degree for degree, _ in pairs]
    ops = request.operators

    def of(name: str) -> Floats:
        return np.array([getattr(item, name) for item in shares])[index]

    mean, back = request.mean_tokens, request.cached_tokens + request.uncached_tokens / 2
    kv = np.array(
        [
            kv_elements_per_gpu(ops, degree, mean, read=True, kv_bytes=request.kv_bytes) * mean * request.kv_bytes
            for degree in degrees
        ]
    )[index]
    decode = np.array([score_flops(ops, degree, mean, absorbed=True) for degree in degrees])[index]
    prefill = np.array([score_flops(ops, degree, back) for degree in degrees])[index]
    return {
        "dense_flops": of("dense_flops") * rows.stage,
        "dense_bytes": of("dense_bytes") * rows.stage,
        "experts_flops": of("experts_flops") * rows.stage,
        "experts_bytes": of("experts_bytes") * rows.stage,
        "head_flops": of("head_flops") / rows.pipeline_parallel,  # it stands on the last stage; times count every stage
        "head_bytes": of("head_bytes") / rows.pipeline_parallel,
        "dense_moved": KEPT_BYTES * of("dense_moved") * rows.stage,
        "experts_moved": KEPT_BYTES * of("experts_moved") * rows.stage,
        "kv_bytes": kv * rows.stage,
        "decode_scores": decode * rows.stage,
        "prefill_scores": prefill * rows.stage,
        "layers": ops.layers * rows.stage,
        "copies": rows.attention_copies.astype(float),
        "expert_layers": expert_layers(request) * rows.stage,
        "reductions": reductions(request) * rows.stage,
    }
