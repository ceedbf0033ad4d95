"""A block of a network as a tape: what each operation keeps for the backward pass, and what lives while it runs.

The tape plays a block forwards and backwards as an eager autograd engine does: a tensor lives as long as an operation that
is still to run backwards holds it, a gradient until the operation behind it has run. Sizes are vectors over a few counts
(:class:`Basis`), so that one tape serves any batch and length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

TOKENS: Final = 0  # tokens of a micro-batch on one GPU
PAIRS: Final = 1  # tokens times the tokens each looks at
ONCE: Final = 2  # whatever the batch
CONTEXT: Final = 3  # tokens of the other sequence: an encoder's output, a prompt
CROSS_PAIRS: Final = 4  # tokens times the tokens of the other sequence
SEQUENCES: Final = 5
CONTEXT_PAIRS: Final = 6  # tokens of the other sequence among themselves
COUNTS: Final = 7

ZERO: Final = np.zeros(COUNTS)


def per(count: int, size: float) -> Vector:
    """``size`` bytes for each of a count."""
    vector = np.zeros(COUNTS)
    vector[count] = size
    return vector


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight tensor on one GPU. ``copies`` equal ones stand side by side in one tensor (experts)."""

    name: str
    rows: float
    cols: float
    trainable: bool
    bytes: float
    copies: int = 1
    adapter: bool = False
    matrix: bool = True

    @property
    def elements(self) -> float:
        """How many parameters it holds."""
        return self.rows * self.cols * self.copies


@dataclass(slots=True)
class _Node:
    inputs: tuple[int, ...]
    out: int
    saved: tuple[int, ...]
    aux: Vector
    weights: tuple[Weight, ...]
    copy_bytes: float
    passes: bool
    scratch: Vector
    in_place: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """What a block takes, in bytes per count.

    ``kept`` lies in memory from its forward to its backward pass; ``enters`` is its input, which is part of ``kept`` where
    ``keeps_input``. ``forward`` and ``backward`` have a row an event: what lives then, of the block alone; ``gradients`` are the
    bytes of weight gradients that are there by then. ``copies``: weights in compute format that a cache holds until the forward
    pass ends.
    """

    kept: Vector
    enters: Vector
    leaves: Vector
    forward: NDArray[np.float64]
    backward: NDArray[np.float64]
    gradients: NDArray[np.float64]
    copies: float
    weights: tuple[Weight, ...]
    keeps_input: bool = True

    def sized(self, change: Callable[[Vector], Vector]) -> Profile:
        """The same weights over other counts: ``change`` is made to all that depends on them."""
        return replace(
            self,
            kept=change(self.kept),
            enters=change(self.enters),
            leaves=change(self.leaves),
            forward=change(self.forward),
            backward=change(self.backward),
        )


@dataclass(slots=True)
class _Buffer:
    size: Vector
    refs: int = 1


@dataclass(slots=True)
class Tape:
    """Records a block operation by operation; :meth:`profile` plays it."""

    sizes: list[Vector] = field(default_factory=list)
    graded: list[bool] = field(default_factory=list)
    nodes: list[_Node] = field(default_factory=list)
    weights: list[Weight] = field(default_factory=list)
    held: set[int] = field(default_factory=set)
    shared: set[int] = field(default_factory=set)

    def tensor(self, size: Vector, *, graded: bool = True) -> int:
        """A tensor that comes from outside."""
        self.sizes.append(size)
        self.graded.append(graded)
        return len(self.sizes) - 1

    def op(
        self,
        inputs: Iterable[int],
        size: Vector,
        *,
        saves: Iterable[int] = (),
        saves_out: bool = False,
        aux: Vector = ZERO,
        weights: Sequence[Weight] = (),
        copy_bytes: float = 0.0,
        passes: bool = False,
        scratch: Vector = ZERO,
        in_place: bool = False,
    ) -> int:
        """An operation.

        Args:
            inputs: tensors a gradient may flow back to.
            size: of the output, bytes per count.
            saves: tensors the backward pass needs.
            saves_out: whether it needs the output too.
            aux: what else it keeps (a mask, sums of exponents).
            weights: that take part.
            copy_bytes: an element, where they are first copied to another format.
            passes: the gradient is handed on as it is (a sum, a view).
            scratch: what its backward pass needs besides.
            in_place: the gradient overwrites the one that came.
        """
        entering = tuple(inputs)
        self.weights += weights
        graded = any(self.graded[i] for i in entering) or any(weight.trainable for weight in weights)
        out = self.tensor(size, graded=graded)
        saved = (*saves, *((out,) if saves_out else ())) if graded else ()
        kept = aux if graded else ZERO
        self.nodes.append(_Node(entering, out, saved, kept, tuple(weights), copy_bytes, passes, scratch, in_place))
        return out

    def share(self, tensor: int) -> int:
        """A tensor that many blocks keep: none of them counts it."""
        self.shared.add(tensor)
        return tensor

    def hold(self, tensor: int) -> int:
        """Keep a tensor until the forward pass ends (what the model returns)."""
        self.held.add(tensor)
        return tensor

    def profile(self, entering: int, leaving: int) -> Profile:
        """Play the block once forwards and once backwards."""
        forward = self._forward(leaving)
        backward, gradients = self._backward(leaving)
        kept = self._kept()
        rows, made = _worst(np.array(backward), np.array(gradients))
        copies = sum(w.elements * node.copy_bytes for node in self.nodes for w in node.weights if node.copy_bytes)
        return Profile(
            kept, self.sizes[entering], self.sizes[leaving], _worst(np.array(forward))[0], rows, made, copies,
            tuple(self.weights), any(entering in node.saved for node in self.nodes),
        )  # fmt: skip

    def _kept(self) -> Vector:
        tensors = {i for node in self.nodes for i in node.saved} - self.shared
        total = sum((self.sizes[i] for i in tensors), ZERO.copy())
        for node in self.nodes:
            total = total + node.aux + self.copies(node)
        return total

    def copies(self, node: _Node) -> Vector:
        """Weights copied to compute format stay for the gradient of the input."""
        if not node.copy_bytes or not self.graded[node.out]:
            return ZERO
        return per(ONCE, node.copy_bytes * sum(weight.elements for weight in node.weights))

    def _forward(self, leaving: int) -> list[Vector]:
        last: dict[int, int] = {leaving: len(self.nodes)}
        for place, node in enumerate(self.nodes):
            for i in node.inputs:
                last[i] = max(last.get(i, -1), place)
        saved: set[int] = set()
        live = ZERO.copy()
        alive: set[int] = {i for i in range(len(self.sizes)) if i not in {node.out for node in self.nodes}}
        live = sum((self.sizes[i] for i in alive), live)
        events = [live]
        for place, node in enumerate(self.nodes):
            if not node.passes or node.weights or len(node.inputs) > 1:
                live = live + self.sizes[node.out]
            alive.add(node.out)
            live = live + node.aux
            if node.copy_bytes:
                live = live + per(ONCE, node.copy_bytes * sum(weight.elements for weight in node.weights))
            events.append(live)
            saved |= set(node.saved)
            for i in [i for i in alive if last.get(i, -1) <= place and i not in saved and i not in self.held]:
                alive.discard(i)
                live = live - self.sizes[i]
        return events

    def _backward(self, leaving: int) -> tuple[list[Vector], list[float]]:
        play = _Playback(self, self._kept() + self.sizes[leaving], {leaving: _Buffer(self.sizes[leaving])})
        for node in reversed(self.nodes):
            play.run(node)
        play.note()
        return play.events, play.gradients


def _worst(events: Vector, made: Vector | None = None) -> tuple[Vector, Vector]:
    """The events that can be the worst for some counts; the last stays, as it tells all gradients."""
    gradients = np.zeros(len(events)) if made is None else made
    rows = np.concatenate([events, gradients[:, None]], axis=1)
    order = np.unique(rows, axis=0)
    covered = np.all(order[:, None, :] <= order[None, :, :], axis=2)
    np.fill_diagonal(covered, False)
    kept = order[~covered.any(axis=1)]
    if made is not None:
        kept = np.concatenate([kept, rows[-1:]])
    return kept[:, :-1], kept[:, -1]


class _Playback:
    """The backward pass of a tape: who holds what, and what lives after each step."""

    def __init__(self, tape: Tape, live: Vector, pending: dict[int, _Buffer]) -> None:
        self.tape = tape
        self.live = live
        self.pending = pending
        self.done = 0.0
        self.events: list[Vector] = [live]
        self.gradients: list[float] = [0.0]
        self.holders: dict[int, int] = {}
        for node in tape.nodes:
            for i in set(node.saved):
                self.holders[i] = self.holders.get(i, 0) + 1

    def note(self, extra: Vector = ZERO) -> None:
        """What lives now becomes an event."""
        self.events.append(self.live + extra)
        self.gradients.append(self.done)

    def run(self, node: _Node) -> None:
        """One operation backwards: gradients of its inputs, then of its weights."""
        arrived = self.pending.pop(node.out, None)
        if arrived is None:
            self._release(node)
            return
        fresh = [(i, self._gradient(node, i, arrived)) for i in node.inputs if self.tape.graded[i]]
        trained = [weight for weight in node.weights if weight.trainable]
        computed = sum(weight.elements * (node.copy_bytes or weight.bytes) for weight in trained)
        self.live = self.live + per(ONCE, computed)
        self.note(node.scratch)
        self._release(node)
        self._drop(arrived)
        for i, buffer in fresh:
            self._accumulate(i, buffer)
        if trained:
            final = sum(weight.elements * weight.bytes for weight in trained)
            if node.copy_bytes:
                self.note(per(ONCE, final))
            self.live = self.live - per(ONCE, computed)
            self.done += final
            self.note()

    def _gradient(self, node: _Node, i: int, arrived: _Buffer) -> _Buffer:
        if node.passes or (node.in_place and arrived.refs == 1):
            arrived.refs += 1
            return arrived
        self.live = self.live + self.tape.sizes[i]
        return _Buffer(self.tape.sizes[i])

    def _release(self, node: _Node) -> None:
        self.live = self.live - node.aux - self.tape.copies(node)
        for i in set(node.saved):
            self.holders[i] -= 1
            if self.holders[i] == 0 and i not in self.tape.shared:
                self.live = self.live - self.tape.sizes[i]

    def _drop(self, buffer: _Buffer) -> None:
        buffer.refs -= 1
        if buffer.refs == 0:
            self.live = self.live - buffer.size

    def _accumulate(self, i: int, buffer: _Buffer) -> None:
        known = self.pending.get(i)
        if known is None:
            self.pending[i] = buffer
        elif known is buffer or known.refs > 1:
            total = _Buffer(self.tape.sizes[i])
            self.live = self.live + total.size
            self.note()
            self._drop(known)
            self._drop(buffer)
            self.pending[i] = total
        else:
            self._drop(buffer)
