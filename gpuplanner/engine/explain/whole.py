"""Opening the figures of batches that start and end together."""

from __future__ import annotations

import numpy as np

from gpuplanner.engine.explain.book import Book, Given, computed
from gpuplanner.engine.result import Code, Explanation
from gpuplanner.engine.speed.pace import pace_of
from gpuplanner.engine.speed.whole import delay_of


def ttft(book: Book, key: str) -> Explanation:
    """First token, at the percentile or on average."""
    given = _waiting(book, key) | {
        "delay": _delay(book),
        "prefill": computed(_one(book.serving.service)),
    }
    return book.opened(key, "speed.batch_ttft", given, result=book.plan.figures.get(key))


def e2e(book: Book, key: str) -> Explanation:
    """The whole answer, at the percentile or on average."""
    return book.opened(key, "speed.batch_e2e", _waiting(book, key), result=book.plan.figures.get(key))


def cycle(book: Book) -> Explanation:
    """From one batch to the next."""
    request = book.request
    given = {
        "prefill": computed(_one(book.serving.service)),
        "longest": computed(float(longest(book).result.value or 0.0), "longest_output"),
        "decode_step": computed(_one(book.serving.decode_step), "decode_step"),
        "gain": computed(pace_of(request, book.point.model).gain),
        "delay": _delay(book),
    }
    return book.opened("residence", "speed.batch_cycle", given)


def longest(book: Book) -> Explanation:
    """The longest answer of a batch."""
    given = {
        "output_tokens": Given(float(book.request.output_tokens), Code("source.input"), "workload.output_tokens"),
        "spread": Given(book.request.spread.output_cv, Code("source.input"), "workload.output_spread"),
        "largest": computed(float(largest(book).result.value or 0.0), "largest"),
        "batch": _batch(book),
    }
    return book.opened("longest_output", "speed.longest_output", given)


def largest(book: Book) -> Explanation:
    """How far above the mean the longest lies."""
    return book.opened("largest", "speed.largest", {"batch": _batch(book)})


def _batch(book: Book) -> Given:
    return Given(_one(book.serving.batch), Code("source.replicas", {"replicas": book.plan.replicas}), "workload.load")


def _waiting(book: Book, key: str) -> dict[str, Given]:
    residual = 0.5 if key.endswith("_mean") else book.request.percentile
    source = Code("source.open_loop" if book.request.comes_by_itself else "source.closed_loop")
    return {
        "open_loop": Given(float(book.request.comes_by_itself), source, "workload.load_kind"),
        "residual": Given(residual, Code("source.residual")),
        "cycle": computed(_one(book.serving.residence), "residence"),
        "per_request": book.constant("overhead.request_s", book.request.profile.runtime, book.gpu.family),
    }


def _delay(book: Book) -> Given:
    return Given(delay_of(book.request), Code("source.input"), "serving.dynamic_delay_s")


def _one(array: object) -> float:
    return float(np.ravel(np.asarray(array, dtype=float))[0])
