"""Opening the throughput: what arrives, and what the replicas could make at the requests in flight."""

from __future__ import annotations

import numpy as np

from gpuplanner.engine.explain.book import Book, Given, computed
from gpuplanner.engine.passes import load_formulas as _passes  # noqa: F401 (registers how a load becomes a rate)
from gpuplanner.engine.result import Code, Explanation
from gpuplanner.engine.site.growth import pile, planned_growth
from gpuplanner.scenario.document import LoadKind
from gpuplanner.scenario.serving import Batching

_ENTERED = Code("source.input")


def throughput(book: Book) -> Explanation:
    """Output tokens per second of all replicas."""
    if book.request.comes_by_itself:
        return carried(book, float(token_capacity(book).result.value or 0.0))
    return book.opened("throughput", "speed.throughput", _made(book), result=book.plan.figures.get("throughput"))


def carried(book: Book, possible: float) -> Explanation:
    """Output tokens per second at a load that comes by itself.

    Args:
        book: of a plan.
        possible: what the replicas make at their requests in flight. [token/s]
    """
    given = {
        "rate": computed(float(arrivals(book).result.value or 0.0), "arrivals"),
        "output_tokens": _output(book),
        "possible": computed(possible, "token_capacity"),
    }
    notes = (Code("note.rate_limited"),)
    return book.opened("throughput", "speed.carried", given, result=book.plan.figures.get("throughput"), notes=notes)


def token_capacity(book: Book) -> Explanation:
    """Output tokens per second that the replicas make at their requests in flight, of a load that comes by itself.

    Raises:
        KeyError: when requests follow one another: all that can be made is made.
    """
    if not book.request.comes_by_itself:
        raise KeyError("token_capacity")
    return book.opened("token_capacity", "speed.throughput", _made(book))


def arrivals(book: Book) -> Explanation:
    """Requests per second that come by themselves.

    Raises:
        KeyError: when they follow one another.
    """
    request, workload = book.request, book.scenario.workload
    if request.users is not None or (book.plan.pools is not None and request.rate is None):
        known = book.plan.figures.get("e2e_mean")
        time = known.value if known and known.value else float(np.ravel(book.serving.e2e_mean)[0])
        given = {
            "users": Given(request.users or request.concurrency or 1.0, _ENTERED, "workload.load"),
            "think": Given(request.think_s, _ENTERED, "workload.think_time_s"),
            "e2e_mean": computed(time, "e2e_mean"),
        }
        return book.opened("arrivals", "speed.returning", given)
    if request.rate is None:
        raise KeyError("arrivals")
    daily = workload.load_kind is LoadKind.PER_DAY
    factor = workload.peak_factor / (workload.busy_hours * 3600) if daily else 1.0
    given = {
        "load": Given(workload.load, _ENTERED, "workload.load"),
        "growth": Given(planned_growth(book.scenario) - 1, _ENTERED, "deployment.growth"),
        "factor": Given(factor, _ENTERED, "workload.peak_factor" if daily else None),
    }
    return book.opened("arrivals", "passes.offered", given)


def request_rate(book: Book) -> Explanation:
    """Requests per second that are answered."""
    result = book.plan.figures["request_rate"]
    given = {"throughput": computed(book.plan.figures["throughput"].value or 0.0, "throughput"), "output_tokens": _output(book)}
    return book.opened("request_rate", "speed.request_rate", given, result=result)


def batch_time(book: Book) -> Explanation:
    """Time until all requests of a batch are done."""
    result = book.plan.figures["batch_time"]
    given = {
        "requests": Given(pile(book.scenario), _ENTERED, "workload.batch_requests"),
        "output_tokens": _output(book),
        "throughput": computed(book.plan.figures["throughput"].value or 0.0, "throughput"),
    }
    return book.opened("batch_time", "speed.batch_time", given, result=result)


def _made(book: Book) -> dict[str, Given]:
    serving, replicas = book.serving, book.plan.replicas
    batch, decoding, residence = (float(np.ravel(each)[0]) for each in (serving.batch, serving.decoding, serving.residence))
    full = 1.0 if book.request.concurrency is None else book.request.concurrency / (replicas * batch)
    together = book.request.serving.batching is not Batching.CONTINUOUS
    started = Given(decoding, Code("source.replicas", {"replicas": replicas}), "workload.load")
    return {
        "replicas": Given(replicas * full, Code("source.replicas_busy", {"replicas": replicas})),
        "decoding": started if together else computed(decoding, "decoding"),
        "output_tokens": _output(book),
        "residence": computed(residence, "residence"),
    }


def _output(book: Book) -> Given:
    return Given(float(book.request.output_tokens), _ENTERED, "workload.output_tokens")
