"""What the explanations of speed put into their formulas again and again, each with where it comes from."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.explain.book import Book, Given, computed
from gpuplanner.engine.result import Code
from gpuplanner.engine.speed.pace import Pace, pace_of
from gpuplanner.engine.speed.queueing import queue_of
from gpuplanner.scenario.serving import Batching


def one(array: Any) -> float:
    """The only entry of an array."""
    return float(np.ravel(array)[0])


def pace(book: Book) -> Pace:
    """The pace of the plan's layout."""
    return pace_of(book.request, book.point.model)


def together(book: Book) -> bool:
    """Whether batches start and end together."""
    return book.request.serving.batching is not Batching.CONTINUOUS


def decoding(book: Book) -> Given:
    """Requests that decode at once."""
    if together(book):
        return Given(one(book.serving.decoding), Code("source.replicas", {"replicas": book.plan.replicas}), "workload.load")
    return computed(one(book.serving.decoding), "decoding")


def share(book: Book) -> Given:
    """Batches that start together read all prompts first."""
    if together(book):
        return Given(0.0, Code("source.together"), "serving.batching")
    return computed(one(book.serving.share), "prefill_share")


def mixed(book: Book) -> Given:
    """A step that carries prompts too."""
    if together(book):
        return computed(one(book.serving.decode_step), "decode_step")
    return computed(one(book.serving.mixed_step), "mixed_step")


def gain(book: Book) -> Given:
    """Tokens a step gives each request."""
    gained = pace(book).gain
    return computed(gained, "tokens_per_step") if gained > 1 else Given(1.0, Code("source.no_speculation"), "serving.speculation")


def steps(book: Book) -> Given:
    """Steps that an answer takes."""
    return Given(book.request.output_tokens / pace(book).gain, Code("source.input"), "workload.output_tokens")


def open_loop(book: Book) -> Given:
    """Whether requests come by themselves."""
    return Given(queue_of(book.request, book.point.model.inputs).open_loop, loop_source(book), "workload.load_kind")


def loop_source(book: Book) -> Code:
    """How requests come, in words."""
    return Code("source.open_loop" if book.request.comes_by_itself else "source.closed_loop")


def prompt(book: Book, share: int = 1) -> Given:
    """Prompt tokens that must be computed, or a part of them."""
    if book.asked.reuse is not None:
        return computed(book.request.uncached_tokens / share, "uncached" if share == 1 else None)
    return Given(book.request.uncached_tokens / share, Code("source.input"), "workload.input_tokens")


def outside(book: Book) -> Given:
    """Time that a request takes beside steps."""
    if book.asked.reuse is not None:
        return computed(one(book.point.model.inputs["request_overhead"]), "outside")
    return book.constant("overhead.request_s", book.request.profile.runtime, book.gpu.family)


def pipeline(book: Book) -> Given:
    """Pipeline stages."""
    return Given(float(book.plan.pipeline_parallel), Code("source.layout"), "deployment.pipeline_parallel")


def chunks(book: Book) -> Given:
    """Steps that read one's own prompt."""
    source = Code("source.chunks", {"chunk_tokens": one(book.serving.chunk)})
    return Given(one(book.serving.chunks), source, "deployment.max_batched_tokens")


def output(book: Book) -> Given:
    """Output tokens of an answer."""
    return Given(float(book.request.output_tokens), Code("source.input"), "workload.output_tokens")
