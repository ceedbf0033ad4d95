"""Ways to lay out a training step, as arrays: degrees, micro-batches, what is shared out; and the networks they cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.training.parts import Network
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.tape import (
    CONTEXT,
    CONTEXT_PAIRS,
    COUNTS,
    CROSS_PAIRS,
    ONCE,
    PAIRS,
    SEQUENCES,
    TOKENS,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Layout:
    """Layouts as arrays of one shape: sequences a GPU works on at once, degrees, micro-batches a step, ZeRO stages."""

    micro_batch: Floats
    pipeline: Floats
    data: Floats
    micro_batches: Floats
    zero: Floats
    tensor: Floats
    context: Floats
    expert: Floats
    virtual: Floats

    @classmethod
    def of(cls, setup: Setup, *columns: Floats) -> Layout:
        """Layouts of one setup: its degrees, and micro-batch, pipeline, data, micro-batches and ZeRO stage as arrays."""
        one = np.ones_like(columns[0])
        degrees = (setup.tensor_parallel, setup.context_parallel, setup.expert_parallel, setup.virtual_stages)
        return cls(*columns, *(one * degree for degree in degrees))

    def pick(self, chosen: NDArray[np.bool_]) -> Layout:
        """The layouts under a mask."""
        return Layout(*(getattr(self, item.name)[chosen] for item in fields(self)))

    @property
    def gpus(self) -> Floats:
        """All GPUs of the run."""
        count: Floats = self.tensor * self.pipeline * self.data * self.context
        return count


class Nets:
    """A model's networks, one for each way its tensors are cut; the first so many layouts belong to the first, and so on."""

    def __init__(self, nets: Sequence[Network], sizes: Sequence[int]) -> None:
        self.nets, self.sizes = tuple(nets), tuple(sizes)
        self.ends = np.cumsum(self.sizes)

    def each(self, pick: Callable[[Network], float]) -> Floats:
        """A number of each network, for every layout."""
        return np.repeat(np.array([pick(net) for net in self.nets], dtype=float), self.sizes)

    def across(self, pick: Callable[[Network], Floats], v: Floats) -> Floats:
        """Vectors of each network times the columns of its layouts; shorter lists of vectors end in what is never the most."""
        found = [pick(net) for net in self.nets]
        if len(found) == 1:
            only: Floats = found[0] @ v
            return only
        spans = [slice(end - size, end) for end, size in zip(self.ends, self.sizes, strict=True)]
        if found[0].ndim == 1:
            return np.concatenate([vector @ v[:, span] for vector, span in zip(found, spans, strict=True)])
        out = np.full((max(map(len, found)), v.shape[1]), -np.inf)
        for vectors, span in zip(found, spans, strict=True):
            out[: len(vectors), span] = vectors @ v[:, span]
        return out

    def lists(self, pick: Callable[[Network], Floats]) -> Floats:
        """Lists of numbers of each network, filled up with zeros, for every layout: shape (entries, layouts)."""
        found = [pick(net) for net in self.nets]
        out = np.zeros((max(map(len, found)), len(found)))
        for place, numbers in enumerate(found):
            out[: len(numbers), place] = numbers
        return np.repeat(out, self.sizes, axis=1)


def counts(net: Network, setup: Setup, layout: Layout) -> Floats:
    """How often each count of a profile occurs; shape (layouts, counts)."""
    whole, other_whole = net.tokens or setup.tokens, net.context_tokens or setup.context_tokens
    other_whole = other_whole or (whole if net.same_length else 0.0)
    tokens = layout.micro_batch * whole / layout.context
    other = layout.micro_batch * other_whole
    out = np.zeros((*tokens.shape, COUNTS))
    out[..., TOKENS] = tokens
    out[..., PAIRS] = tokens * whole
    out[..., ONCE] = 1.0
    out[..., CONTEXT] = other
    out[..., CROSS_PAIRS] = tokens * other_whole
    out[..., SEQUENCES] = layout.micro_batch
    out[..., CONTEXT_PAIRS] = other * other_whole
    return out


def in_flight(layout: Layout, *, first: bool) -> Floats:
    """Micro-batches whose activations an end of the pipeline holds (1F1B; interleaved: arXiv 2205.05198, section 4.2.3)."""
    pipeline = layout.pipeline
    if not first:
        return np.ones_like(pipeline)
    extra = np.where(layout.virtual > 1, (pipeline - 1) / layout.virtual, 0.0)
    return np.minimum(layout.micro_batches, pipeline + extra)
