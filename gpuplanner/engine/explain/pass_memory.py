"""Opening the memory of images, encoders, vision and speech."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from gpuplanner.engine.explain.book import Given, computed
from gpuplanner.engine.passes.memory import params_of
from gpuplanner.engine.result import Code, Explanation, MemoryPart

if TYPE_CHECKING:
    from gpuplanner.engine.explain.passes import PassBook

PARTS = (MemoryPart.WEIGHTS, MemoryPart.KV_CACHE, MemoryPart.ACTIVATIONS, MemoryPart.ENGINE, MemoryPart.COMMUNICATION)
_ALWAYS = (MemoryPart.WEIGHTS, MemoryPart.ACTIVATIONS, MemoryPart.ENGINE)


def total(book: PassBook) -> Explanation:
    """Memory per GPU, as the sum of its parts."""
    parts = _parts(book)
    opens = {MemoryPart.WEIGHTS: "weights"}
    cached, sent = bool(parts.get(MemoryPart.KV_CACHE)), bool(parts.get(MemoryPart.COMMUNICATION))
    held = tuple(part for part in PARTS if cached or parts.get(part) or part in _ALWAYS)
    whole = "memory.total" if cached else "passes.memory_spread" if sent else "passes.memory"
    given = {str(part): computed(parts[part], opens.get(part)) for part in held}
    notes = (Code("note.pass_batch", {"batch": book.plan.batch}),)
    return book.opened(
        "memory_per_gpu",
        whole,
        given,
        result=book.plan.figures["memory_per_gpu"],
        notes=notes,
    )


def weights(book: PassBook) -> Explanation:
    """Weights on the GPU at the peak."""
    held, params = _parts(book)[MemoryPart.WEIGHTS], params_of(book.request.model)
    main = min(held, params * book.request.weight_bytes)
    precision = Code("source.precision", {"precision": book.request.weights.name})
    given = {
        "main": Given(main, precision, "precision.weights"),
        "rest": Given(held - main, Code("source.kept", {"precision": book.request.weights.name})),
    }
    return book.opened("weights", "passes.weights", given, notes=(Code("note.params", {"params": params}),))


def part(book: PassBook, name: MemoryPart) -> Explanation:
    """One of the parts, beside the others that make up the whole."""
    found = total(book)
    if not _parts(book).get(name):
        raise KeyError(str(name))
    return found


def _parts(book: PassBook) -> Mapping[MemoryPart, float]:
    if book.plan.memory is None:
        raise KeyError("memory_per_gpu")
    return book.plan.memory.parts


MEMORY: Mapping[str, Callable[[PassBook], Explanation]] = {
    "memory_per_gpu": total,
    "weights": weights,
    **{str(name): partial(part, name=name) for name in PARTS[1:]},
}
