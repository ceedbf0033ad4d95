"""Peak memory of a training step: the moments at which much lives, and the largest of them.

Everything is computed for many layouts at once, whatever their degrees: the arguments of :class:`Layout` are arrays of one shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.training.layouts import Layout, Nets, counts, in_flight
from gpuplanner.engine.training.parts import Network
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.states import States, states, step_bytes
from gpuplanner.engine.training.tape import CONTEXT_PAIRS, COUNTS, CROSS_PAIRS, PAIRS, Profile, Vector, Weight
from gpuplanner.scenario.document import Recompute

Floats = NDArray[np.float64]
Pick = Callable[[Network], Profile]

MOMENTS = ("forward", "loss", "backward", "optimizer")


@dataclass(frozen=True, slots=True)
class Moment:
    """What lives at one moment, in bytes on one GPU."""

    name: str
    gradients: Floats
    activations: Floats
    logits: Floats
    communication: Floats

    @property
    def total(self) -> Floats:
        """Sum of what changes in the course of a step."""
        return self.gradients + self.activations + self.logits + self.communication


@dataclass(frozen=True, slots=True)
class Stage:
    """One pipeline stage over its step; ``held`` are the bytes that layers keep of all micro-batches in flight."""

    weights: Floats
    optimizer: Floats
    moments: tuple[Moment, ...]
    states: States
    held: Floats
    first: bool

    @property
    def peak(self) -> Floats:
        """The most that lives at any moment."""
        most: Floats = np.max([moment.total for moment in self.moments], axis=0)
        return self.weights + self.optimizer + most


def stages(net: Network, setup: Setup, layout: Layout) -> tuple[Stage, ...]:
    """The first pipeline stage, and the last where there is another one.

    Args:
        net: the model's profiles, at the one tensor degree of the layouts.
        setup: of the run.
        layout: arrays.
    """
    return next(iter(courses(Nets((net,), (layout.data.size,)), setup, layout, (setup.recompute,))))


def courses(nets: Nets, setup: Setup, layout: Layout, recomputes: Sequence[Recompute]) -> Iterator[tuple[Stage, ...]]:
    """The ends of the pipeline for each of several kinds of recompute; what doesn't depend on it is computed once."""
    ends = (True,) if np.all(layout.pipeline == 1) else (True, False)
    steps = [_Step(nets, setup, layout, first=first) for first in ends]
    for recompute in recomputes:
        yield tuple(step.stage(recompute) for step in steps)


def kept_vector(profile: Profile, setup: Setup, recompute: Recompute | None = None) -> Vector:
    """What one layer keeps of one micro-batch, in bytes per count."""
    recompute = recompute or setup.recompute
    if recompute is Recompute.FULL:
        return 0.0 * profile.enters if setup.offload_activations else profile.enters
    vector: Vector = profile.kept.copy()
    if setup.drops_cheap:  # every second matrix product is computed again too
        vector = (vector + profile.enters) / 2
    if recompute is Recompute.SELECTIVE:
        vector[[PAIRS, CROSS_PAIRS, CONTEXT_PAIRS]] = 0.0
    return 0.0 * vector if setup.offload_activations else vector


class _Step:
    """One stage's step."""

    def __init__(self, nets: Nets, setup: Setup, layout: Layout, *, first: bool) -> None:
        self.nets, self.setup, self.layout, self.first = nets, setup, layout, first
        self.net = net = nets.nets[0]  # the networks differ in how they are cut, not in their blocks
        self.head = (layout.pipeline == 1).astype(float) if first else np.ones_like(layout.pipeline)  # where the head stands here
        self.v = np.ascontiguousarray(counts(net, setup, layout).reshape(-1, COUNTS).T)
        self.share = np.ceil(net.layers / layout.pipeline) / net.layers
        shards = layout.data * layout.context
        self.many = shards > 1
        self.optimizer_cut, self.gradient_cut, self.weight_cut = (np.where(layout.zero >= at, shards, 1.0) for at in (1, 2, 3))
        self.flight = in_flight(layout, first=first)
        self.recompute = setup.recompute

    def stage(self, recompute: Recompute) -> Stage:
        """Weights, optimizer states and the moments of a step."""
        self.recompute = recompute
        total = self.total
        weights = self._cut(total.weights, total.expert_weights, self.weight_cut)
        optimizer = self._cut(total.optimizer, total.expert_optimizer, self.optimizer_cut)
        if self.setup.offload_optimizer:
            optimizer = 0.0 * optimizer
        if self.setup.reference_model:
            weights = weights + total.gathered / self.weight_cut
        if self.setup.offload_params:
            weights = 0.0 * weights
        kept = self._kept_by_block()
        held: Floats = sum(kept, 0.0 * self.share)
        moments = tuple(self._moments(kept, held))
        return Stage(weights, optimizer, moments, total, held * self.flight, self.first)

    def _cut(self, all_of_it: Floats, experts: Floats, shards: Floats) -> Floats:
        """What of something each GPU keeps when it is shared out; experts have fewer equal copies to share among."""
        parallel = self.layout.expert
        own = np.where(parallel > 1, np.maximum(1.0, shards * self.layout.tensor / parallel), shards)
        own = np.where(shards > 1, own, 1.0)
        return (all_of_it - experts) / shards + experts / own

    @cached_property
    def total(self) -> States:
        """Of all the stage's weights; array valued."""
        parts: list[tuple[Floats | float, list[States]]] = [
            (
                block.count * self.share,
                [self._sums(net, f"block {place}", net.blocks[place].profile.weights) for net in self.nets.nets],
            )
            for place, block in enumerate(self.net.blocks)
        ]
        if self.first:
            parts.append((1.0, [self._sums(net, "embedding", net.embedding) for net in self.nets.nets]))
        parts.append((self.head, [self._sums(net, *self._head_weights(net)) for net in self.nets.nets]))

        def total(place: int) -> Floats:
            found: Floats = 0.0 * self.share
            for scale, sums in parts:
                found = found + scale * np.repeat([values[place] for values in map(_STATES, sums)], self.nets.sizes)
            return found

        largest = np.repeat(np.max([[part.largest for part in sums] for _, sums in parts], axis=0), self.nets.sizes)
        return States(**{name: total(place) for place, name in enumerate(_SUMMED)}, largest=largest)

    def _sums(self, net: Network, name: str, weights: tuple[Weight, ...]) -> States:
        """Sums over a block's weights, made once for a recipe."""
        key = (name, self.setup.optimizer, self.setup.precision, self.setup.gradient_bytes)
        known = net.sums.get(key)
        if known is None:
            known = net.sums[key] = states(weights, self.setup)
        return known

    def _head_weights(self, net: Network) -> tuple[str, tuple[Weight, ...]]:
        """A tied head on the stage of the embedding has no weight of its own."""
        shared = net.tied and self.first
        return ("shared head", net.head_alone) if shared else ("head", net.head.weights)

    def at(self, pick: Callable[[Network], Floats]) -> Floats:
        """Bytes over all layouts: of one vector, or a row for each of several."""
        return self.nets.across(pick, self.v)

    def _kept(self, pick: Pick) -> Floats:
        """What one layer keeps of one micro-batch."""
        return self.at(lambda net: kept_vector(pick(net), self.setup, self.recompute))

    def _backward(self, pick: Pick) -> tuple[Floats, Floats]:
        """Events of one layer's backward pass beyond what it keeps, and gradients made by then."""
        events = self.at(lambda net: pick(net).backward)
        if self.recompute is Recompute.FULL:
            again = self.at(lambda net: pick(net).forward + pick(net).leaves)
            own = self.at(lambda net: pick(net).enters)
            events = np.concatenate([again - own, events - (own if pick(self.net).keeps_input else 0.0 * own)])
            blank = np.zeros((len(again), self.share.size))
            return events, np.concatenate([blank, self.nets.lists(lambda net: pick(net).gradients)])
        return events - self._kept(pick), self.nets.lists(lambda net: pick(net).gradients)

    def _kept_by_block(self) -> list[Floats]:
        blocks = self.net.blocks
        kept = [self._kept(_profile(place)) * block.count * self.share for place, block in enumerate(blocks)]
        if self.first and blocks[0].first is not None:
            kept[0] = kept[0] + self._kept(_lowest) - self._kept(_profile(0))
        return kept

    def _moments(self, kept: list[Floats], held: Floats) -> Iterator[Moment]:
        setup, share, total = self.setup, self.share, self.total
        blocks = self.net.blocks
        waiting = held * (self.flight - 1)
        resident = np.where(self.layout.micro_batches > 1, self.whole_gradients, 0.0)  # of earlier micro-batches
        gather, reduce = self.exchanged
        none = 0.0 * share
        cache = none
        if self.recompute is Recompute.FULL:
            each = (self.nets.each(lambda net, at=place: net.blocks[at].profile.copies) for place in range(len(blocks)))  # type: ignore[misc]
            cache = sum((copies * block.count * share for copies, block in zip(each, blocks, strict=True)), none)
        last = _profile(len(blocks) - 1)
        rising = held - self._kept(last) + np.max(self.at(lambda net: last(net).forward), axis=0)
        end = self.head * np.max(self.at(lambda net: net.head.forward), axis=0)
        vocabulary = held + end > rising  # else the last layer on its way is more than its end with the logits
        risen = np.maximum(np.where(vocabulary, held, rising), self.layout.micro_batch * setup.encode_bytes)
        yield Moment("forward", resident, waiting + cache + risen, np.where(vocabulary, end, none), gather)
        loss = self.head * np.max(self.at(lambda net: net.head.backward), axis=0)
        yield Moment("loss", resident, waiting + held, loss, gather + reduce)
        made = self.head * self.nets.each(lambda net: net.head.gradients[-1])
        gradients, activations = self._descent(kept, made, resident)
        yield Moment("backward", gradients, waiting + activations, none, gather + reduce)
        buffers = np.minimum(setup.bucket_bytes, total.gradients) + none
        yield Moment("optimizer", self.whole_gradients, none + self._step(total), none, buffers)

    def _step(self, total: States) -> Floats:
        if self.setup.offload_optimizer or self.setup.optimizer_in_backward:
            return 0.0 * self.share
        copied = total.trainable * self.setup.step_gradient_bytes
        needed: Floats = (step_bytes(total, self.setup) + copied) / self.optimizer_cut
        return needed

    @cached_property
    def whole_gradients(self) -> Floats:
        """All gradients of the stage as they lie between micro-batches."""
        if self.setup.optimizer_in_backward or self.setup.offload_gradients:
            return 0.0 * self.share
        return self._cut(self.total.gradients, self.total.expert_gradients, self.gradient_cut)

    def _scaled(self, made: Floats) -> Floats:
        """Gradients so far as this GPU keeps them."""
        if self.setup.optimizer_in_backward or self.setup.offload_gradients:
            return 0.0 * self.share
        return made / self.gradient_cut

    def _descent(self, kept: list[Floats], made: Floats, resident: Floats) -> tuple[Floats, Floats]:
        """Through the layers from the last to the first: activations fall, gradients grow. The worst moment."""
        blocks = self.net.blocks
        below = sum(kept, 0.0 * self.share)
        best_gradients, best = resident, 0.0 * self.share
        ratio = self._gradient_ratio()
        every = np.arange(self.share.size)

        def offer(gradients: Floats, activations: Floats) -> None:
            nonlocal best_gradients, best
            held = np.maximum(resident, self._scaled(gradients * ratio))
            live = held + activations
            worst = live.argmax(axis=0)
            activations = activations[worst, every]
            held = live[worst, every] - activations
            better = held + activations > best_gradients + best
            best_gradients, best = np.where(better, held, best_gradients), np.where(better, activations, best)

        for place in range(len(blocks) - 1, -1, -1):
            count, usual = blocks[place].count * self.share, _profile(place)
            below = below - kept[place]
            whole = self.nets.each(lambda net, usual=usual: usual(net).gradients[-1])  # type: ignore[misc]
            own, (events, fresh) = self._kept(usual), self._backward(usual)
            offer(made + fresh, below + own * count + events)
            if place == 0 and self.first and blocks[0].first is not None:
                own, (events, fresh) = self._kept(_lowest), self._backward(_lowest)
                whole_first = self.nets.each(lambda net: _lowest(net).gradients[-1])
                offer(made + (count - 1) * whole_first + fresh, below + own + events)
            else:
                offer(made + (count - 1) * whole + fresh, below + own + events)
            made = made + count * whole
        if self.first:
            looked_up = self.nets.each(lambda net: sum(w.elements * w.bytes for w in net.embedding if w.trainable))
            offer(made[None], self.at(lambda net: net.blocks[0].profile.enters)[None] + looked_up)
        return best_gradients, best

    def _gradient_ratio(self) -> float:
        """Bytes of a summed gradient over those of a fresh one."""
        size = self.setup.gradient_bytes
        return size / self.setup.arithmetic.weight if size and not self.setup.trains_adapters else 1.0

    @cached_property
    def exchanged(self) -> tuple[Floats, Floats]:
        """Weights gathered for the layer at work and the next, and whole gradients of a layer before they are shared out."""
        setup, zero, total = self.setup, self.layout.zero, self.total
        widest = [self._widest(net) for net in self.nets.nets]
        layer, gradients = (np.repeat([entry[place] for entry in widest], self.nets.sizes) for place in (0, 1))
        gathers = ((zero >= 3) & self.many) | setup.offload_params
        piped = self.layout.pipeline > 1  # weights stay gathered and gradients whole until the last micro-batch
        gather = np.where(gathers, np.where(piped, total.gathered, layer), 0.0)
        reduce = np.where((zero >= 2) & self.many, np.where(piped & (zero >= 3), total.gradients, gradients), 0.0)
        if setup.buckets and not setup.optimizer_in_backward:
            reduce = reduce + np.where((zero == 0) & (self.layout.data > 1), self.whole_gradients, 0.0)
        if setup.bucket_bytes:
            reduce = reduce + np.minimum(setup.bucket_bytes, total.gradients)
        return gather, reduce

    def _widest(self, net: Network) -> tuple[float, float]:
        """Bytes of the widest layer's weights as they are gathered, two at a time, and of its gradients."""
        sums = (self._sums(net, f"block {place}", block.profile.weights) for place, block in enumerate(net.blocks))
        widest = max(sums, key=lambda sums: float(sums.elements))
        ends = self._sums(net, "embedding", net.embedding).gathered + self._sums(net, *self._head_weights(net)).gathered
        return max(2.0 * widest.gathered, widest.gathered + ends), 2.0 * widest.gradients


def _profile(place: int) -> Pick:
    """The usual layer of a block."""
    return lambda net: net.blocks[place].profile


def _lowest(net: Network) -> Profile:
    """The very first layer."""
    return net.blocks[0].first or net.blocks[0].profile


_SUMMED = tuple(item.name for item in fields(States) if item.name != "largest")
_STATES = attrgetter(*_SUMMED)
