"""Opening what GPUs that make one picture or clip together send each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gpuplanner.engine.explain.book import Given
from gpuplanner.engine.passes import spread_formulas as f
from gpuplanner.engine.passes.spread import exchange_times, links
from gpuplanner.engine.result import Code, Explanation

if TYPE_CHECKING:
    from gpuplanner.engine.explain.passes import PassBook

SEPARATOR = "@"
_COMPUTED = Code("source.computed")


def exchanged(book: PassBook, batch: float) -> Given:
    """The exchanges of a batch; none where each request has a GPU of its own. [s]"""
    spread, planner = book.request.spread, book.planner
    if spread.gpus == 1:
        return Given(0.0, Code("source.layout"), "generation.sequence_parallel")
    samples = np.array([batch * book.request.halves])
    place = (planner.able.places[book.spot],)
    times = exchange_times(spread, book.request.load.steps, samples, book.request.element_bytes, planner.every, place)
    return Given(float(times[0, 0]), _COMPUTED, opens=f"exchange{SEPARATOR}{batch:g}")


def exchange(book: PassBook, batch: float) -> Explanation:
    """All exchanges of a batch."""
    spread, place = book.request.spread, (book.planner.able.places[book.spot],)
    swap, join = _link(book, place, spread.sequence), _link(book, place, spread.gpus)
    halves = float(spread.cfg > 1)
    latent = halves * batch * book.request.halves * spread.latent * book.request.element_bytes
    model = Code("source.config", {"model": book.request.model.name})
    given = {
        "steps": Given(book.request.load.steps, Code("source.input"), "generation.steps"),
        "layers": Given(spread.layers, model),
        "operations": Given(float(spread.operations), Code("source.layout"), "generation.sequence_parallel"),
        "latency": swap["latency"],
        "moved": Given(_moved(book, batch), _COMPUTED, opens=f"exchanged{SEPARATOR}{batch:g}" if spread.sequence > 1 else None),
        "link": swap["link"],
        "share": swap["share"],
        "join_latency": join["latency"] if halves else Given(0.0, Code("source.layout"), "generation.cfg_parallel"),
        "joined": Given(latent, _COMPUTED if halves else Code("source.layout"), "generation.cfg_parallel"),
        "join_link": join["link"],
        "join_share": join["share"],
    }
    return book.opened(f"exchange{SEPARATOR}{batch:g}", "passes.exchange", given)


def volume(book: PassBook, batch: float) -> Explanation:
    """What a GPU sends in a layer."""
    spread, layout = book.request.spread, Code("source.layout")
    model = Code("source.config", {"model": book.request.model.name})
    given = {
        "samples": Given(batch * book.request.halves, layout, "generation.cfg_parallel"),
        "tokens": Given(spread.tokens, model, "generation.width"),
        "width": Given(spread.width, model),
        "element": Given(
            book.request.element_bytes, Code("source.precision", {"precision": book.request.weights.name}), "precision.weights"
        ),
        "gpus": Given(float(spread.sequence), layout, "generation.sequence_parallel"),
        "ulysses": Given(float(spread.ulysses), model, "generation.sequence_parallel"),
        "ring": Given(float(spread.ring), layout, "generation.sequence_parallel"),
    }
    return book.opened(f"exchanged{SEPARATOR}{batch:g}", "passes.exchanged", given)


def _link(book: PassBook, place: tuple[int, ...], gpus: int) -> dict[str, Given]:
    """Latency, rate and reachable share of the link that joins so many GPUs."""
    every, found = book.planner.every, links(book.planner.every, place, gpus)
    fast = bool(every.domain[place[0]] >= gpus)
    family, sheet = book.gpu.family, Code("source.datasheet", {"gpu": book.gpu.name})
    return {
        "latency": book.constant("latency.fast_s" if fast else "latency.pcie_s", family, value=float(found.latency[0])),
        "link": Given(float(found.rate[0]), sheet, "deployment.gpu"),
        "share": book.constant("link.fast" if fast else "link.pcie", family, value=float(found.share[0])),
    }


def _moved(book: PassBook, batch: float) -> float:
    spread = book.request.spread
    volumes: Any = f.exchanged_bytes(
        batch * book.request.halves, spread.tokens, spread.width, book.request.element_bytes, spread.sequence, spread.ulysses,
        spread.ring,
    )  # fmt: skip
    return float(volumes)


SPREAD: Mapping[str, Callable[[PassBook, float], Explanation]] = {"exchange": exchange, "exchanged": volume}
