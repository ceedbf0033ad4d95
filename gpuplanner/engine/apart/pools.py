"""Layouts whose replicas only read, or only write: how long either takes, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.apart import formulas as apart
from gpuplanner.engine.fleet import Fleet
from gpuplanner.engine.layout.rows import Rows
from gpuplanner.engine.own.apply import corrected
from gpuplanner.engine.request import Request
from gpuplanner.engine.speed import batching as speed
from gpuplanner.engine.speed import waiting
from gpuplanner.engine.speed.balance import variability_of, waits
from gpuplanner.engine.speed.pace import pace_of
from gpuplanner.engine.speed.serving import Serving
from gpuplanner.engine.speed.step import StepModel
from gpuplanner.scenario.serving import Balancing

Floats = NDArray[np.float64]
MOST_BUSY: Final = 0.9  # replicas that read are planned below it, whatever the target
FOLLOWED: Final = 0.97  # up to which their queue is followed
MANY: Final = 1e9  # prompts may stand before one's own, as many as come


@dataclass(frozen=True, slots=True)
class Pools:
    """Columns of layouts, (layouts, 1); times in seconds.

    ``service`` is what a prompt takes of full steps, ``more`` what another prompt adds to a step, ``moved_near`` and
    ``moved_far`` the way of its cache within the domain of the fast link and beyond; ``near`` replicas stand within. ``chunks``
    steps of ``tokens`` read it, each carrying ``prompts``; ``full_tokens`` and ``full_prompts`` are those of a full step,
    ``stage`` and ``full_step`` their times on one stage.
    """

    request: Request
    model: StepModel
    pipeline: Floats
    chunks: Floats
    tokens: Floats
    prompts: Floats
    stage: Floats
    full_tokens: Floats
    full_prompts: Floats
    full_step: Floats
    more: Floats
    service: Floats
    near: Floats
    moved_near: Floats
    moved_far: Floats

    def pick(self, rows: NDArray[np.int64]) -> Pools:
        """The layouts at an index."""
        names = ("pipeline", "chunks", "tokens", "prompts", "stage", "full_tokens", "full_prompts", "full_step", "more",
                 "service", "near", "moved_near", "moved_far")  # fmt: skip
        return replace(self, model=self.model.pick(rows), **{name: getattr(self, name)[rows] for name in names})

    @property
    def per_request(self) -> Any:
        """Time that a request takes outside the GPUs. [s]"""
        return self.model.inputs["request_overhead"]

    def busy(self, rate: Any, readers: Any) -> Any:
        """Share of the time in which so many replicas read."""
        return apart.busy_share(rate, self.service, readers, FOLLOWED)

    def moved(self, replicas: Any) -> Any:
        """The way of a prompt's cache between so many replicas: each may have to write for each. [s]"""
        return np.where(replicas <= self.near, self.moved_near, self.moved_far)

    def prompt(self, rate: Any, readers: Any) -> Any:
        """One's own prompt through all stages, with those that share its steps. [s]"""
        together = apart.prompts_together(self.full_prompts / self.prompts, rate, readers, self.stage, self.more)
        return apart.prompt_s(self.chunks, self.pipeline, self.stage, together, self.more)

    def ttft(self, rate: Any, readers: Any, writers: Any, percentile: float | None = None) -> Any:
        """First token at a percentile, or on average; prompts alike. [s]"""
        busy, prompt = self.busy(rate, readers), self.prompt(rate, readers)
        shared = variability_of(self.request.serving.balancing, readers)
        by = waits(self.model.inputs["queue_open_factor"], self.request.spread.input_cv, self.unequal, shared, busy)
        if percentile is None:
            wait = waiting.mean_wait_s(MANY, busy, self.service, by.mean)
        else:
            wait = waiting.queue_wait_s(MANY, busy, percentile, self.service, by.tail, by.rarer)
        gate = apart.gate_s(0.5 if percentile is None else percentile, rate, readers, self.stage, prompt)
        return apart.ttft_s(wait, gate, prompt, self.moved(readers + writers), self.per_request)

    def first_token(self, rate: Any, readers: Any, writers: Any, percentile: float) -> Any:
        """First token at a percentile, of prompts as they differ. [s]"""
        alike, longer = self.ttft(rate, readers, writers, percentile), self.request.spread.input_quantile
        if not self.request.spread.input_cv:
            return alike
        return apart.ttft_of_spread_s(self.ttft(rate, readers, writers), alike, self.prompt(rate, readers), longer)

    @property
    def unequal(self) -> float:
        """How much prompts of different length still count: sent to the shortest queue, long ones hold up nobody."""
        return 0.0 if self.request.serving.balancing is Balancing.LEAST_LOADED else self.request.spread.input_cv

    def step_s(self, batch: Any) -> Any:
        """A decode step through all stages. [s]"""
        return self.pipeline * pace_of(self.request, self.model).time_s(batch / self.pipeline, 0.0, 0.0)

    def writing_s(self, batch: Any) -> Any:
        """Time from the first token to the last, on average. [s]"""
        gain = pace_of(self.request, self.model).gain
        return max(1, self.request.output_tokens - 1) * self.step_s(batch) / gain

    def serving(self, batch: Any, rate: Any, readers: Any, writers: Any) -> Serving:
        """All figures; throughput and rate are those of a replica, of either kind, on average.

        Args:
            batch: requests that each replica writes at once.
            rate: requests per second of all.
            readers: replicas that read.
            writers: replicas that write.
        """
        request, pace = self.request, pace_of(self.request, self.model)
        output, nothing = request.output_tokens, 0.0 * (batch + self.service)
        step = self.step_s(batch) + nothing
        slope = 2.0 * self.step_s(batch / 2.0) - step
        alone = np.maximum(self.step_s(1.0), slope) / pace.gain
        tpot_mean = speed.tpot_mean_s(0.0, step, step, pace.gain)
        varied = request.short_output_tokens * pace.gain
        tpot = speed.tpot_at_percentile_s(tpot_mean, request.z, 0.0, varied, step, step, 1.0, alone, batch)
        busy = self.busy(rate, readers)
        ttft_mean = self.ttft(rate, readers, writers)
        ttft = self.first_token(rate, readers, writers, request.percentile)
        e2e_mean = speed.e2e_mean_s(ttft_mean, output, tpot_mean)
        made = apart.throughput_tok_s(writers, batch, output, tpot_mean, FOLLOWED, readers, self.service)
        found = Serving(
            batch=batch + nothing, decoding=batch + nothing, chunk=self.tokens + nothing, room=self.tokens + nothing,
            chunks=self.chunks + nothing, prompts=self.prompts + nothing, share=nothing, decode_step=step, mixed_step=step,
            alone=alone, busy=busy + nothing, service=self.service + nothing, residence=self.writing_s(batch) + nothing,
            backlog=nothing, tpot_mean=tpot_mean, tpot=tpot, ttft_mean=ttft_mean + nothing, ttft=ttft + nothing,
            throughput=made / (readers + writers), e2e_mean=e2e_mean,
            e2e=speed.e2e_at_percentile_s(e2e_mean, ttft, ttft_mean, output, tpot, tpot_mean, request.spread.output_quantile),
            request_rate=made / output / (readers + writers),
        )  # fmt: skip
        return corrected(found, self.model.inputs)


@dataclass(frozen=True, slots=True)
class Apart:
    """What candidates with prefill apart have besides: replicas of each kind, and the requests per second they carry."""

    pools: Pools
    readers: Floats
    writers: Floats
    rate: Floats


def pools_of(request: Request, fleet: Fleet, rows: Rows, model: StepModel, budget: Floats) -> Pools:
    """The columns of these layouts.

    Args:
        request: lengths.
        fleet: all GPUs.
        rows: the layouts.
        model: their steps.
        budget: tokens a step may carry, (layouts, 1).
    """
    uncached, copies = max(request.uncached_tokens, 1.0), rows.attention_copies[:, None].astype(float)
    pipeline = rows.pipeline_parallel[:, None].astype(float)
    own = budget / copies  # a prompt lies on one rank
    chunks = np.ones_like(own) if request.serving.chunked_prefill is False else np.maximum(np.ceil(uncached / own), 1.0)
    tokens, prompts = uncached / chunks, 1.0 / chunks
    together = np.maximum(np.floor(own / uncached), 1.0) * copies  # whole prompts in a full step
    stage = model.time_s(0.0, tokens, prompts)
    full = model.time_s(0.0, tokens * together, prompts * together)
    return Pools(
        request, model, pipeline, chunks, tokens, prompts, stage, tokens * together, prompts * together, full,
        (full - stage) / np.maximum(together - 1.0, 1.0), apart.service_s(chunks, full, together), *_ways(request, fleet, rows),
    )  # fmt: skip


def _ways(request: Request, fleet: Fleet, rows: Rows) -> tuple[Floats, Floats, Floats]:
    """How many replicas the fast link joins, and the time of a prompt's way over it and over the slow one.

    The slow one is PCIe, which network cards hang on too.
    """
    gpu, width = rows.gpu, rows.tensor_parallel * rows.pipeline_parallel
    each = rows.kv_per_request / request.full_tokens
    near = np.where(fleet.fast_link[gpu] > 0, fleet.domain[gpu] // width, 0).astype(float)
    fast, slow = (
        apart.transfer_s(request.input_tokens, each, np.maximum(link[gpu], 1.0), share[gpu])
        for link, share in ((fleet.fast_link, fleet.fast_link_share), (fleet.slow_link, fleet.slow_link_share))
    )
    return near[:, None], fast[:, None], slow[:, None]


def readers_for(pools: Pools, rate: Floats, writers: Floats, limit: float | None) -> Floats:
    """The fewest replicas that read so many requests per second and give the first token in time, if any number does."""
    least = np.maximum(np.ceil(rate * pools.service / MOST_BUSY - 1e-9), 1.0)
    if limit is None:
        return least
    count, late = least.copy(), np.ones(least.shape, dtype=bool)
    for tried in (*(least + more for more in range(16)), 2 * least + 16, 4 * least + 16):
        first = pools.first_token(rate, tried, writers, pools.request.percentile)
        count = np.where(late & (first <= limit), tried, count)
        late = late & (first > limit)
        if not late.any():
            break
    return count
