"""The replicas of a plan with prefill apart from decode, and opening the steps in which they read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from gpuplanner.engine.apart.pools import Pools, pools_of
from gpuplanner.engine.explain import steps
from gpuplanner.engine.explain.book import Book
from gpuplanner.engine.result import Explanation, PoolPlan
from gpuplanner.engine.speed.serving import Serving


def plan_of(book: Book) -> PoolPlan:
    """The two kinds of replicas.

    Raises:
        KeyError: when every replica does both.
    """
    if book.plan.pools is None:
        raise KeyError(book.plan.gpu_id)
    return book.plan.pools


def pools(book: Book) -> Pools:
    """Times of the plan's layout on either side."""
    one = book.point
    return pools_of(book.request, one.fleet, one.rows, one.model, np.array([[one.batched_tokens]]))


def serving_of(book: Book) -> Serving:
    """The plan's figures, computed once more."""
    of, given = pools(book), plan_of(book)
    batch, rate = np.array([[float(book.plan.batch)]]), np.array([[given.rate]])
    return of.serving(batch, rate, float(given.prefill), float(given.decode))


@dataclass(frozen=True)
class PromptBook(Book):
    """A book whose mixed step is one that only reads: one's own prompt, or as many as a full step holds."""

    full: bool

    @property
    def serving(self) -> Any:
        """Nobody decodes in such a step."""
        of = pools(self)
        chunk, prompts = (of.full_tokens, of.full_prompts) if self.full else (of.tokens, of.prompts)
        nothing = np.zeros((1, 1))
        return replace(serving_of(self), decoding=nothing, chunk=chunk, prompts=prompts)


def reading(book: Book, key: str) -> Explanation:
    """A step that only reads on one stage, such as ``prompt_stage``, or a part of it, such as ``full.dense``."""
    kind = "full" if key.startswith("full") else "prompt"
    inner = PromptBook(book.scenario, book.catalog, book.plan, book.asked, full=kind == "full")
    rest = key.removeprefix(kind)
    if rest == "_stage":
        found = steps.single(inner, "mixed_stage", "mixed")
    elif rest.startswith(".read."):
        found = steps.read_share(inner, f"mixed{rest}")
    else:
        found = steps.part(inner, f"mixed{rest}")
    renamed = tuple(
        replace(term, opens=term.opens.replace("mixed.", f"{kind}.", 1)) if term.opens else term for term in found.terms
    )
    return replace(found, key=key, terms=renamed, result=replace(found.result, key=key))


_PARTS = tuple(f".{name}" for name in steps.STEP_PARTS) + tuple(f".read.{name}" for name in ("weights", "experts", "kv"))
READING: Mapping[str, Callable[[Book], Explanation]] = {
    f"{kind}{part}": partial(reading, key=f"{kind}{part}") for kind in ("prompt", "full") for part in ("_stage", *_PARTS)
}
