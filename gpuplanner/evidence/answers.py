"""What a row measured, read off the engine's arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.fleet import Fleet
from gpuplanner.engine.layout.rows import Rows
from gpuplanner.engine.request import Request
from gpuplanner.engine.simulate.run import Served
from gpuplanner.engine.speed.pace import pace_of
from gpuplanner.engine.speed.serving import Serving, serve
from gpuplanner.engine.speed.step import StepModel
from gpuplanner.evidence.benchmarks import run
from gpuplanner.evidence.capacity import printed_tokens, step_bytes
from gpuplanner.evidence.configuration import Configuration
from gpuplanner.evidence.peaks import peak_bytes
from gpuplanner.evidence.reasons import NotDone, Reason

Floats = NDArray[np.float64]
MS = 1e3
SERVING = "llm_serving_at_concurrency"
MOST_TOKENS = 65536.0  # tokens a step that tuned runs allow at most
TUNED = 2048.0  # requests in flight that runs for throughput allow
ROOMY = 0.8  # share of a load that memory must hold: its own estimate isn't better than that
BUSY = 0.8  # share of prompts' time in the steps from which waits grow without measure


@dataclass(frozen=True, slots=True)
class Timing:
    """A group's layouts under their rows' load; every array has an entry a layout. Times in seconds."""

    replicas: Floats
    most: Floats
    wanted: Floats  # requests in flight per replica, before memory bounds them
    roomy: NDArray[np.bool_]  # memory holds them
    batch: Floats
    serving: Serving
    saturated: NDArray[np.bool_]  # prompts queue, or requests wait outside
    prefill: Floats  # all prompts of one replica's batch from first to last chunk
    decode_step: Floats
    output: float
    tail: Floats  # throughput of the run over that of full batches


def speed_answers(
    chosen: Sequence[Configuration], starts: NDArray[np.int64], request: Request, fleet: Fleet, rows: Rows, model: StepModel
) -> list[tuple[float | NotDone, bool]]:
    """Predictions of a group's speed rows, and whether the row's load saturates; memory rows get a place holder.

    Args:
        chosen: the group's configurations.
        starts: where each one's layouts begin, and the end.
        request: lengths in tokens.
        fleet: the GPUs.
        rows: the layouts.
        model: their step times.
    """
    timing = _timing(chosen, starts, request, fleet, rows, model)
    answers: list[tuple[float | NotDone, bool]] = []
    for place, configuration in enumerate(chosen):
        entries = np.arange(starts[place], starts[place + 1])
        fitting = entries[(rows.pool[entries] > 0) & (rows.requests_fit[entries] >= 1)]
        if not len(fitting) and configuration.load is None:
            answers.append((NotDone(Reason.FIT), False))
            continue
        # what was timed did run, whatever the estimate of its memory says
        entries = fitting if len(fitting) else entries[[int(np.argmax(rows.pool[entries]))]]
        # a tuned run: of the layouts the source doesn't tell, the fastest that holds what was in flight
        entries = entries[timing.roomy[entries]] if timing.roomy[entries].any() else entries
        best = int(entries[np.argmax((timing.serving.throughput[:, 0] * timing.replicas)[entries])])
        answer = _speed_answer(configuration, timing, best)
        if configuration.offered is not None and _as_run(configuration):
            replicas = float(timing.replicas[best])
            served = run(configuration.offered, replicas, request, fleet, rows, model, best)
            outside_s = float(model.inputs["request_overhead"][best, 0])
            answer = _benchmark_answer(configuration, served, replicas, outside_s)
        answers.append((answer, bool(timing.saturated[best])))
    return answers


def _as_run(configuration: Configuration) -> bool:
    """Whether the figure depends on how the run went: first tokens always, the others where its size is told."""
    offered = configuration.offered
    return offered is not None and (offered.told or (configuration.row.metric == "ttft_ms" and offered.slots > 1))


def _benchmark_answer(configuration: Configuration, served: Served, replicas: float, outside_s: float) -> float:
    metric, offered = configuration.row.metric, configuration.offered
    middle = np.median if offered is not None and offered.median else np.mean
    if metric == "ttft_ms":
        return float(MS * (middle(served.ttft_s) + outside_s))
    if metric in {"tpot_ms", "itl_ms"}:
        return float(MS * middle(served.tpot_s))
    throughput = served.throughput_tok_s * replicas
    return throughput / configuration.gpus if metric == "tokens_per_s_per_gpu" else throughput


def _timing(
    chosen: Sequence[Configuration], starts: NDArray[np.int64], request: Request, fleet: Fleet, rows: Rows, model: StepModel
) -> Timing:
    counts = np.diff(starts)
    gpus = np.repeat([float(configuration.gpus) for configuration in chosen], counts)
    beams = float(chosen[0].setup.beams)
    load = beams * np.repeat([configuration.load or np.nan for configuration in chosen], counts)
    copies = rows.attention_copies.astype(float)  # each rank has its own limits
    seqs = copies * np.repeat([float(item.setup.overrides.max_seqs or np.inf) for item in chosen], counts)
    pipeline = rows.pipeline_parallel.astype(float)
    replicas = np.maximum(1.0, gpus // (rows.tensor_parallel * rows.pipeline_parallel))
    # who reserves whole requests holds fewer; a load somebody measured was in flight at its current lengths
    current = np.where(np.isnan(load) & (request.profile.admits == "full_length"), 1.0, request.full_tokens / request.mean_tokens)
    # limits on sequences and on tokens that aren't named were set so that they don't bind
    limit = np.where(
        np.isfinite(seqs), seqs, np.maximum(fleet.max_seqs[rows.gpu] * pipeline, np.where(np.isnan(load), TUNED * copies, load))
    )
    held = np.where(rows.requests_fit >= 1, rows.requests_fit * current, np.inf)  # what was timed did run
    most = np.floor(np.minimum(held, limit))
    size = np.repeat([float(item.run_size or np.inf) for item in chosen], counts) / replicas
    wanted = np.where(np.isnan(load), np.minimum(most, size), load / replicas)
    roomy = most >= ROOMY * wanted
    if request.rate is not None:  # in flight at a rate that was carried in time: they had room
        most = np.maximum(most, np.floor(np.where(np.isnan(load), most, wanted)))
    batch = np.maximum(1.0, np.minimum(wanted, most))
    named = [item.setup.overrides.max_batched_tokens is not None or item.row.task != SERVING for item in chosen]
    feeds = np.where(
        np.repeat(named, counts) | np.isnan(load), 0.0, load / replicas * (1.0 + request.uncached_tokens / request.output_tokens)
    )
    budget = np.maximum(fleet.batched_tokens[rows.gpu] * copies, np.minimum(feeds, MOST_TOKENS * copies))
    serving = serve(request, model, batch[:, None], pipeline[:, None], budget[:, None])

    def served(held: Floats) -> Serving:
        return serve(request, model, held[:, None], pipeline[:, None], budget[:, None])

    tail = _tail(size, batch, served, serving)
    prompts = batch * request.uncached_tokens
    chunks = np.maximum(1.0, np.ceil(prompts / budget))
    stage = model.time_s(0.0, (prompts / chunks)[:, None], (batch / chunks)[:, None])[:, 0]
    prefill = (chunks + pipeline - 1.0) * stage  # chunks follow one another through the stages
    decode = pipeline * pace_of(request, model).time_s((batch / pipeline)[:, None], 0.0, 0.0)[:, 0]
    saturated = _near_capacity(chosen, counts, most, replicas, served, request)
    saturated |= (serving.busy[:, 0] > BUSY) | (wanted > 1.05 * batch) | (batch > 1.05 * serving.decoding[:, 0])
    return Timing(replicas, most, wanted, roomy, batch, serving, saturated, prefill, decode, request.output_tokens, tail)


def _near_capacity(
    chosen: Sequence[Configuration],
    counts: NDArray[np.int64],
    most: Floats,
    replicas: Floats,
    served: Callable[[Floats], Serving],
    request: Request,
) -> NDArray[np.bool_]:
    """Whether requests come nearly as fast as the fullest batch could answer them: what waits then is anybody's guess."""
    rate = np.repeat([item.row.request_rate or 0.0 for item in chosen], counts)
    if not (request.rate is not None and rate.any()):
        return np.zeros(len(most), dtype=bool)
    capacity = served(np.maximum(most, 1.0)).throughput[:, 0] * replicas / request.output_tokens
    near: NDArray[np.bool_] = rate > BUSY * capacity
    return near


def _tail(size: Floats, batch: Floats, served: Callable[[Floats], Serving], full: Serving) -> Floats:
    """Throughput of a whole run over that of full batches: requests that are alike end together, and what is left runs alone."""
    if not np.isfinite(size).any():
        return np.ones_like(batch)
    known = np.where(np.isfinite(size), size, batch)
    waves = np.floor(known / batch)
    rest = known - waves * batch
    alone = served(np.maximum(rest, 1.0)).throughput[:, 0]
    time = waves * batch / full.throughput[:, 0] + rest / alone
    share: Floats = known / time / full.throughput[:, 0]
    return share


def _speed_answer(configuration: Configuration, timing: Timing, i: int) -> float | NotDone:
    row = configuration.row
    if row.task == "llm_prefill":
        tokens = timing.batch[i] * (configuration.setup.input_tokens)
        return float(MS * timing.prefill[i] if row.metric == "ttft_ms" else tokens * timing.replicas[i] / timing.prefill[i])
    if row.task == "llm_decode":
        step = timing.decode_step[i]
        return float(MS * step if row.unit == "ms" else timing.batch[i] * timing.replicas[i] / step)
    if row.task == "llm_latency":
        return _latency_answer(row.metric, timing, i)
    serving = timing.serving
    throughput = float(serving.throughput[i, 0]) * timing.replicas[i] * timing.tail[i] / configuration.setup.beams
    if "static batching" in row.note:  # all prompts first, then all decode
        throughput = _latency_answer(row.metric, timing, i) * timing.replicas[i]
    if row.metric == "tokens_per_s_per_gpu":
        return float(throughput / configuration.gpus)
    if row.metric == "tokens_per_s_total_output":
        return float(throughput)
    if row.metric == "ttft_ms":
        # what memory doesn't admit waits outside (Little's law)
        outside = (timing.wanted[i] / timing.batch[i] - 1.0) * float(serving.e2e_mean[i, 0])
        return float(MS * (float(serving.ttft_mean[i, 0]) + max(0.0, outside)))
    return float(MS * float(serving.tpot_mean[i, 0]))


def _latency_answer(metric: str, timing: Timing, i: int) -> float:
    whole = timing.prefill[i] + max(0.0, timing.output - 1) * timing.decode_step[i]
    match metric:
        case "ttft_ms":
            return float(MS * timing.prefill[i])
        case "tpot_ms":
            return float(MS * timing.decode_step[i])
        case "e2e_ms":
            return float(MS * whole)
        case _:
            return float(timing.batch[i] * timing.output / whole)


def memory_answer(configuration: Configuration, request: Request, rows: Rows, batched: float) -> float | NotDone:
    """The prediction of a memory row, in bytes, tokens, or 1 and 0.

    Args:
        configuration: of the row.
        request: the model with its formats.
        rows: the row's layouts; the one that leaves the most room counts.
        batched: tokens of a step on this GPU where the row doesn't say.
    """
    row, profile = configuration.row, request.profile
    best = int(np.argmax(rows.pool))
    step = _step_bytes(configuration, request, rows, best, batched)
    per_gpu: dict[str, Any] = {
        "infer_weights": rows.weights[best],
        "activation": rows.activations[best],
        "nontorch_overhead": rows.context[best] + rows.communication[best],
        "cudagraph": rows.engine[best] - rows.context[best],
        "kv_cache": rows.pool[best],
    }
    if row.task == "infer_peak":
        return peak_bytes(configuration, request, rows, best) * (configuration.gpus if row.scope == "sum_gpus" else 1)
    if row.task == "fits":
        more = float(rows.weights[best]) * (configuration.size_ratio - 1.0)
        room = float(rows.pool[best]) - more
        # a server that sets memory aside takes the others in turn
        wanted = (configuration.load or 1.0) if profile.budget == "on_demand" else 1.0
        return 1.0 if rows.requests_fit[best] >= wanted and room >= float(rows.kv_per_request[best]) + step else 0.0
    if row.task == "kv_tokens_capacity":
        if profile.graphs_in_budget:  # newer releases print how many tokens of longest requests go at once
            return float(rows.pool[best] / (rows.kv_per_request[best] + step) * request.full_tokens)
        tokens = printed_tokens(
            request.operators, int(rows.tensor_parallel[best]), float(rows.stage[best]), float(rows.pool[best]), request.kv_bytes,
            profile.block_tokens,
        )  # fmt: skip
        return float(tokens)
    scale = configuration.gpus if row.scope == "sum_gpus" else 1
    return float(per_gpu[row.task]) * scale


def _step_bytes(configuration: Configuration, request: Request, rows: Rows, entry: int, usual: float) -> float:
    """What newer releases of vLLM count for the longest request while it is read."""
    if request.profile.budget != "share_of_total" or not request.profile.graphs_in_budget:
        return 0.0
    batched = configuration.setup.overrides.max_batched_tokens or usual
    degree = int(rows.tensor_parallel[entry])
    return step_bytes(request.operators, degree, float(rows.stage[entry]), batched, request.full_tokens, request.kv_bytes)
