"""Conversations whose cache is still there when they come back: on the GPU, or in host memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit
from gpuplanner.scenario.serving import Balancing

if TYPE_CHECKING:
    from gpuplanner.engine.fleet import Fleet
    from gpuplanner.engine.layout.rows import Rows
    from gpuplanner.engine.lengths import Spread
    from gpuplanner.engine.request import Request
    from gpuplanner.engine.speed.step import StepModel

Values = Any
ROUNDS: Final = 3  # fewer tokens to read make requests shorter, and those bring others sooner
_PREFIX: Final = "reuse."


@formula(
    "speed.kept_share",
    result="H",
    text="1 − exp(0 − C ÷ (λ · s · Z))",
    unit=Unit.SHARE,
    reference=(
        "Che's approximation of a cache that drops what was used longest ago (IEEE JSAC 20, 2002), for conversations that come "
        "back after an exponential pause"
    ),
    symbols={
        "space": Symbol("C", "term.cache_left", Unit.BYTES),
        "rate": Symbol("λ", "term.cache_rate", Unit.REQUESTS_PER_SECOND),
        "each": Symbol("s", "term.kv_bytes_per_request", Unit.BYTES),
        "pause": Symbol("Z", "term.reuse_pause", Unit.SECONDS),
    },
)
def kept_share(space: Values, rate: Values, each: Values, pause: Values) -> Values:
    """Share of conversations whose cache is still there when they come back."""
    return 1 - np.exp(-space / (rate * each * pause))


@formula(
    "speed.cache_left",
    result="C",
    text="max(0, P − R · m) + H_m",
    unit=Unit.BYTES,
    reference="What requests in flight leave of the cache pool, and what host memory holds besides",
    symbols={
        "pool": Symbol("P", "term.kv_pool", Unit.BYTES),
        "requests": Symbol("R", "term.requests_per_replica"),
        "mean": Symbol("m", "term.kv_bytes_in_flight", Unit.BYTES),
        "host": Symbol("H_m", "term.host_cache", Unit.BYTES),
    },
)
def cache_left_bytes(pool: Values, requests: Values, mean: Values, host: Values) -> Values:
    """Room for caches of conversations that pause, per GPU. [B]"""
    return np.maximum(0, pool - requests * mean) + host


@formula(
    "speed.uncached",
    result="S",
    text="S_0 − c − h · H",
    unit=Unit.TOKENS,
    reference="What is found in the cache isn't read again",
    symbols={
        "input_tokens": Symbol("S_0", "term.input_tokens", Unit.TOKENS),
        "common": Symbol("c", "term.common_prefix", Unit.TOKENS),
        "history": Symbol("h", "term.history_tokens", Unit.TOKENS),
        "kept": Symbol("H", "term.kept_share", Unit.SHARE),
    },
)
def uncached_tokens(input_tokens: Values, common: Values, history: Values, kept: Values) -> Values:
    """Prompt tokens that must be computed."""
    return input_tokens - common - history * kept


@formula(
    "speed.reload",
    result="t_l",
    text="h · max(0, H − H_g) · k ÷ (β_l · η_l)",
    unit=Unit.SECONDS,
    reference="Caches that lie in host memory come back over the GPU's own PCIe link (LMCache, arXiv 2510.09665, section 4)",
    symbols={
        "history": Symbol("h", "term.history_tokens", Unit.TOKENS),
        "kept": Symbol("H", "term.kept_share", Unit.SHARE),
        "on_gpu": Symbol("H_g", "term.kept_on_gpu", Unit.SHARE),
        "per_token": Symbol("k", "term.kv_bytes_per_token", Unit.BYTES),
        "link": Symbol("β_l", "term.link_bandwidth", Unit.BYTES_PER_SECOND),
        "efficiency": Symbol("η_l", "term.link_efficiency", Unit.SHARE),
    },
)
def reload_s(history: Values, kept: Values, on_gpu: Values, per_token: Values, link: Values, efficiency: Values) -> Values:
    """Mean time to bring a conversation's cache back from host memory. [s]"""
    return history * np.maximum(0, kept - on_gpu) * per_token / (link * efficiency)


@formula(
    "speed.outside",
    result="a",
    text="a_0 + t_l",
    unit=Unit.SECONDS,
    reference="A request is read and answered outside the GPU; its cache may have to come back before it starts",
    symbols={
        "per_request": Symbol("a_0", "term.request_overhead", Unit.SECONDS),
        "reload": Symbol("t_l", "term.reload", Unit.SECONDS),
    },
)
def outside_s(per_request: Values, reload: Values) -> Values:
    """Time that a request takes beside steps. [s]"""
    return per_request + reload


@dataclass(frozen=True, slots=True)
class Reuse:
    """What comes back: ``history`` tokens of a prompt, after ``pause_s`` on average; ``host_bytes`` of host memory per GPU."""

    history: float
    pause_s: float
    host_bytes: float


@dataclass(frozen=True, slots=True)
class Reused:
    """What becomes of it; arrays of (layouts, batches), or numbers."""

    rate: Values
    left: Values
    on_gpu: Values
    kept: Values
    reload: Values
    uncached: Values
    each: Values


def reuse_columns(fleet: Fleet, rows: Rows) -> dict[str, Any]:
    """Columns of a layout's cache, (layouts, 1). [B, B/s]"""
    link = np.maximum(fleet.slow_link[rows.gpu], 1.0)
    return {
        f"{_PREFIX}pool": np.maximum(rows.pool, 0.0)[:, None],
        f"{_PREFIX}each": rows.kv_per_request[:, None],
        f"{_PREFIX}link": link[:, None],
        f"{_PREFIX}share": fleet.slow_link_share[rows.gpu][:, None],
    }


def reused(request: Request, reuse: Reuse, model: StepModel, batch: Values, e2e_mean: Values) -> Reused:
    """What is found again when a replica holds so many requests that take so long."""
    i = {name.removeprefix(_PREFIX): value for name, value in model.inputs.items() if name.startswith(_PREFIX)}
    mean = i["each"] * request.mean_tokens / request.full_tokens
    left = cache_left_bytes(i["pool"], batch, mean, 0.0)
    rate = cache_rate(request, batch, e2e_mean)
    on_gpu = kept_share(left, rate, i["each"], reuse.pause_s)
    kept = kept_share(left + reuse.host_bytes, rate, i["each"], reuse.pause_s)
    back = reload_s(reuse.history, kept, on_gpu, i["each"] / request.full_tokens, i["link"], i["share"])
    uncached = uncached_tokens(request.input_tokens, request.cached_tokens, reuse.history, kept)
    return Reused(rate, left, on_gpu, kept, back, uncached, i["each"])


def cache_rate(request: Request, batch: Values, e2e_mean: Values) -> Values:
    """Requests per second that a replica's cache has to remember: its own, or everybody's where they go anywhere. [req/s]"""
    if request.serving.balancing is Balancing.PREFIX_AWARE:
        return batch / e2e_mean
    if request.rate is not None:
        return request.rate + 0.0 * e2e_mean
    if request.users is not None:
        return request.users / (request.think_s + e2e_mean)
    return np.maximum(request.concurrency or 0.0, batch) / e2e_mean


def with_reused(request: Request, model: StepModel, found: Reused) -> tuple[Request, StepModel]:
    """The request and the steps as they are with what was found."""
    from gpuplanner.engine.speed.step import StepModel  # it knows no layouts

    before = request.cached_tokens + request.uncached_tokens / 2
    after = request.input_tokens - found.uncached / 2  # tokens that a token of the prompt looks back at, on average
    inputs = model.inputs | {
        "request_overhead": outside_s(model.inputs["request_overhead"], found.reload),
        "prefill_scores": model.inputs["prefill_scores"] * after / before,
    }
    cached = request.input_tokens - found.uncached
    spread = _spread(request, found)
    return replace(request, cached_tokens=cached, spread=spread, reuse=None), StepModel(inputs)


def _spread(request: Request, found: Reused) -> Spread:
    """How much is left to read differs more than the prompts: all of it, or only what is new."""
    whole, spread, late = request.uncached_tokens, request.spread, 1 - request.percentile
    rest = (found.uncached - (1 - found.kept) * whole) / np.maximum(found.kept, 1e-9)  # of those that find their cache
    square = (found.kept * rest**2 + (1 - found.kept) * whole**2) / found.uncached**2
    cv = np.sqrt(np.maximum((1 + spread.input_cv**2) * square - 1, 0.0))
    missed = 1 - found.kept
    longest = np.where(
        missed >= 2 * late, whole * spread.input_quantile, np.where(missed >= late, whole, rest * spread.input_quantile)
    )
    return replace(spread, input_cv=cv, input_quantile=longest / found.uncached)
