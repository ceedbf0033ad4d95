"""Opening what is found again of conversations that come back."""

from __future__ import annotations

import numpy as np

from gpuplanner.engine.explain import terms
from gpuplanner.engine.explain.book import Book, Given, computed
from gpuplanner.engine.result import Code, Explanation
from gpuplanner.engine.speed.reuse import Reuse, Reused
from gpuplanner.engine.speed.serving import reusing
from gpuplanner.scenario.document import LoadKind
from gpuplanner.scenario.serving import Balancing

_INPUT = Code("source.input")


def _asked(book: Book) -> Reuse:
    """What comes back.

    Raises:
        KeyError: when nothing does.
    """
    if book.asked.reuse is None:
        raise KeyError("reuse")
    return book.asked.reuse


def _found(book: Book) -> Reused:
    one = book.plain_point
    pipeline = one.rows.pipeline_parallel[:, None].astype(float)
    batch, budget = np.array([[float(book.plan.batch)]]), np.array([[one.batched_tokens]])
    return reusing(book.asked, _asked(book), one.model, batch, pipeline, budget)[2]


def uncached(book: Book) -> Explanation:
    """Prompt tokens that must be computed."""
    given = {
        "input_tokens": Given(float(book.asked.input_tokens), _INPUT, "workload.input_tokens"),
        "common": Given(float(book.asked.cached_tokens), _INPUT, "workload.cached_prefix"),
        "history": Given(_asked(book).history, _INPUT, "workload.reused_prefix"),
        "kept": computed(terms.one(_found(book).kept), "kept_share"),
    }
    return book.opened("uncached", "speed.uncached", given)


def kept(book: Book, key: str = "kept_share") -> Explanation:
    """Share of conversations whose cache is still there, or is on the GPU itself."""
    found, space = _found(book), "cache_left" if key == "kept_share" else "cache_left_on_gpu"
    users = book.scenario.workload.load_kind is LoadKind.USERS
    aware = book.asked.serving.balancing is Balancing.PREFIX_AWARE
    cut = {"tensor_parallel": book.plan.tensor_parallel, "pipeline_parallel": book.plan.pipeline_parallel}
    given = {
        "space": computed(float(left(book, space).result.value or 0.0), space),
        "rate": Given(terms.one(found.rate), Code("source.cache_own" if aware else "source.cache_all"), "serving.balancing"),
        "each": Given(terms.one(found.each), Code("source.operators", cut)),
        "pause": Given(_asked(book).pause_s, _INPUT, "workload.think_time_s" if users else "workload.reuse_s"),
    }
    return book.opened(key, "speed.kept_share", given)


def left(book: Book, key: str = "cache_left") -> Explanation:
    """Room for caches of conversations that pause."""
    one, asked = book.plain_point, book.asked
    mean = float(one.rows.kv_per_request[0]) * asked.mean_tokens / asked.full_tokens
    cut = {"tensor_parallel": book.plan.tensor_parallel, "pipeline_parallel": book.plan.pipeline_parallel}
    host = _asked(book).host_bytes if key == "cache_left" else 0.0
    given = {
        "pool": computed(max(0.0, float(one.rows.pool[0])), "pool"),
        "requests": Given(float(book.plan.batch), Code("source.replicas", {"replicas": book.plan.replicas}), "workload.load"),
        "mean": Given(mean, Code("source.operators", cut)),
        "host": Given(host, _INPUT, "serving.host_kv_gib"),
    }
    return book.opened(key, "speed.cache_left", given)


def reload(book: Book) -> Explanation:
    """Time to bring a cache back from host memory."""
    found, one = _found(book), book.plain_point
    cut = {"tensor_parallel": book.plan.tensor_parallel, "pipeline_parallel": book.plan.pipeline_parallel}
    given = {
        "history": Given(_asked(book).history, _INPUT, "workload.reused_prefix"),
        "kept": computed(terms.one(found.kept), "kept_share"),
        "on_gpu": computed(terms.one(found.on_gpu), "kept_on_gpu"),
        "per_token": Given(terms.one(found.each) / book.asked.full_tokens, Code("source.operators", cut)),
        "link": Given(max(float(one.fleet.slow_link[0]), 1.0), Code("source.datasheet", {"gpu": book.gpu.name})),
        "efficiency": book.constant("link.pcie", book.gpu.family),
    }
    return book.opened("reload", "speed.reload", given)


def outside(book: Book) -> Explanation:
    """Time that a request takes beside steps."""
    given = {
        "per_request": book.constant("overhead.request_s", book.asked.profile.runtime, book.gpu.family),
        "reload": computed(terms.one(_found(book).reload), "reload"),
    }
    return book.opened("outside", "speed.outside", given)
