"""Peak memory of a training step: the moments at which much lives, and the largest of them.

Everything is computed for many layouts at once: the arguments of :class:`Layout` are arrays of one shape.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.training.parts import Block, Network
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.states import States, states, step_bytes
from gpuplanner.engine.training.tape import (
    CONTEXT,
    CONTEXT_PAIRS,
    COUNTS,
    CROSS_PAIRS,
    ONCE,
    PAIRS,
    SEQUENCES,
    TOKENS,
    Profile,
    Vector,
    Weight,
)
from gpuplanner.scenario.document import Recompute

Floats = NDArray[np.float64]

MOMENTS = ("forward", "loss", "backward", "optimizer")


@dataclass(frozen=True, slots=True)
class Layout:
    """Layouts of one tensor degree as arrays: sequences a GPU works on at once, degrees, micro-batches a step, ZeRO stages."""

    micro_batch: Floats
    pipeline: Floats
    data: Floats
    micro_batches: Floats
    zero: Floats

    def pick(self, chosen: NDArray[np.bool_]) -> Layout:
        """The layouts under a mask."""
        return Layout(*(getattr(self, item.name)[chosen] for item in fields(self)))


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
    """One pipeline stage over its step."""

    weights: Floats
    optimizer: Floats
    moments: tuple[Moment, ...]
    states: States
    first: bool

    @property
    def peak(self) -> Floats:
        """The most that lives at any moment."""
        most: Floats = np.max([moment.total for moment in self.moments], axis=0)
        return self.weights + self.optimizer + most


def counts(net: Network, setup: Setup, layout: Layout) -> Floats:
    """How often each count of a profile occurs; shape (layouts, counts)."""
    whole, other_whole = net.tokens or setup.tokens, net.context_tokens or setup.context_tokens
    other_whole = other_whole or (whole if net.same_length else 0.0)
    tokens = layout.micro_batch * whole / setup.context_parallel
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


def stages(net: Network, setup: Setup, layout: Layout) -> tuple[Stage, ...]:
    """The first pipeline stage, and the last where there is another one.

    Args:
        net: the model's profiles at the layouts' tensor degree.
        setup: of the run.
        layout: arrays.
    """
    first = _Step(net, setup, layout, first=True).stage()
    if np.all(layout.pipeline == 1):
        return (first,)
    return first, _Step(net, setup, layout, first=False).stage()


def in_flight(setup: Setup, layout: Layout, *, first: bool) -> Floats:
    """Micro-batches whose activations an end of the pipeline holds (1F1B; interleaved: arXiv 2205.05198, section 4.2.3)."""
    pipeline = layout.pipeline
    if not first:
        return np.ones_like(pipeline)
    virtual = setup.virtual_stages
    extra = (pipeline - 1) / virtual if virtual > 1 else 0.0 * pipeline
    return np.minimum(layout.micro_batches, pipeline + extra)


def kept_vector(profile: Profile, setup: Setup) -> Vector:
    """What one layer keeps of one micro-batch, in bytes per count."""
    if setup.recompute is Recompute.FULL:
        return 0.0 * profile.enters if setup.offload_activations else profile.enters
    vector: Vector = profile.kept.copy()
    if setup.drops_cheap:  # every second matrix product is computed again too
        vector = (vector + profile.enters) / 2
    if setup.recompute is Recompute.SELECTIVE:
        vector[[PAIRS, CROSS_PAIRS, CONTEXT_PAIRS]] = 0.0
    return 0.0 * vector if setup.offload_activations else vector


class _Step:
    """One stage's step."""

    def __init__(self, net: Network, setup: Setup, layout: Layout, *, first: bool) -> None:
        self.net, self.setup, self.layout, self.first = net, setup, layout, first
        self.head = (layout.pipeline == 1).astype(float) if first else np.ones_like(layout.pipeline)  # where the head stands here
        self.v = counts(net, setup, layout).reshape(-1, COUNTS).T
        self.share = np.ceil(net.layers / layout.pipeline) / net.layers
        shards = layout.data * setup.context_parallel
        self.many = shards > 1
        self.optimizer_cut, self.gradient_cut, self.weight_cut = (np.where(layout.zero >= at, shards, 1.0) for at in (1, 2, 3))
        self.flight = in_flight(setup, layout, first=first)

    def stage(self) -> Stage:
        """Weights, optimizer states and the moments of a step."""
        total = self._states()
        weights = self._cut(total.weights, total.expert_weights, self.weight_cut)
        optimizer = self._cut(total.optimizer, total.expert_optimizer, self.optimizer_cut)
        if self.setup.offload_optimizer:
            optimizer = 0.0 * optimizer
        if self.setup.reference_model:
            weights = weights + total.gathered / self.weight_cut
        if self.setup.offload_params:
            weights = 0.0 * weights
        moments = tuple(self._moments(total))
        return Stage(weights, optimizer, moments, total, self.first)

    def _cut(self, all_of_it: Floats, experts: Floats, shards: Floats) -> Floats:
        """What of something each GPU keeps when it is shared out; experts have fewer equal copies to share among."""
        parallel = self.setup.expert_parallel
        own = np.maximum(1.0, shards * self.setup.tensor_parallel / parallel) if parallel > 1 else shards
        own = np.where(shards > 1, own, 1.0)
        return (all_of_it - experts) / shards + experts / own

    def _states(self) -> States:
        """Of all the stage's weights; array valued."""
        parts: list[tuple[Floats | float, States]] = [
            (block.count * self.share, self._sums(f"block {place}", block.profile.weights))
            for place, block in enumerate(self.net.blocks)
        ]
        if self.first:
            parts.append((1.0, self._sums("embedding", self.net.embedding)))
        parts.append((self.head, self._sums(*self._head_weights())))

        def total(name: str) -> Floats | float:
            return sum((scale * getattr(part, name) for scale, part in parts), 0.0 * self.share)

        return States(
            total("weights"),
            total("trainable"),
            total("gradients"),
            total("optimizer"),
            total("elements"),
            total("gathered"),
            total("expert_weights"),
            total("expert_gradients"),
            total("expert_optimizer"),
            max(part.largest for _, part in parts),
        )

    def _sums(self, name: str, weights: tuple[Weight, ...]) -> States:
        """Sums over a block's weights, made once for a recipe."""
        key = (name, self.setup.optimizer, self.setup.precision, self.setup.gradient_bytes)
        known = self.net.sums.get(key)
        if known is None:
            known = self.net.sums[key] = states(weights, self.setup)
        return known

    def _head_weights(self) -> tuple[str, tuple[Weight, ...]]:
        """A tied head on the stage of the embedding has no weight of its own."""
        shared = self.net.tied and self.first
        return ("shared head", self.net.head_alone) if shared else ("head", self.net.head.weights)

    def at(self, vectors: Floats) -> Floats:
        """Bytes over all layouts: of one vector, or a row for each of several."""
        out: Floats = vectors @ self.v
        return out

    def _kept(self, profile: Profile) -> Floats:
        """What one layer keeps of one micro-batch."""
        return self.at(kept_vector(profile, self.setup))

    def _backward(self, profile: Profile) -> tuple[Floats, Floats]:
        """Events of one layer's backward pass beyond what it keeps, and gradients made by then."""
        events, made = self.at(profile.backward), profile.gradients
        if self.setup.recompute is Recompute.FULL:
            again = self.at(profile.forward) + self.at(profile.leaves)
            own = self.at(profile.enters)
            events = np.concatenate([again - own, events - (own if profile.keeps_input else 0.0 * own)])
            made = np.concatenate([np.zeros(len(profile.forward)), made])
            return events, made
        return events - self._kept(profile), made

    def _moments(self, total: States) -> Iterator[Moment]:
        setup, share = self.setup, self.share
        blocks = self.net.blocks
        kept = [self._kept(block.profile) * block.count * share for block in blocks]
        if self.first and blocks[0].first is not None:
            kept[0] = kept[0] + self._kept(blocks[0].first) - self._kept(blocks[0].profile)
        held = sum(kept, 0.0 * share)
        waiting = held * (self.flight - 1)
        resident = self._resident(total)
        gather, reduce = self._exchanged(total)
        none = 0.0 * share
        cache = none
        if setup.recompute is Recompute.FULL:
            cache = sum((block.profile.copies * block.count * share for block in blocks), none)
        last = blocks[-1].profile
        rising = held - self._kept(last) + np.max(self.at(last.forward), axis=0)
        end = self.head * np.max(self.at(self.net.head.forward), axis=0)
        vocabulary = held + end > rising  # else the last layer on its way is more than its end with the logits
        risen = np.maximum(np.where(vocabulary, held, rising), self.layout.micro_batch * setup.encode_bytes)
        yield Moment("forward", resident, waiting + cache + risen, np.where(vocabulary, end, none), gather)
        loss = self.head * np.max(self.at(self.net.head.backward), axis=0)
        yield Moment("loss", resident, waiting + held, loss, gather + reduce)
        made = self.head * self.net.head.gradients[-1]
        gradients, activations = self._descent(blocks, kept, made, resident)
        yield Moment("backward", gradients, waiting + activations, none, gather + reduce)
        buffers = np.minimum(setup.bucket_bytes, total.gradients) + none
        yield Moment("optimizer", self._whole_gradients(total), none + self._step(total), none, buffers)

    def _step(self, total: States) -> Floats:
        if self.setup.offload_optimizer or self.setup.optimizer_in_backward:
            return 0.0 * self.share
        copied = total.trainable * self.setup.step_gradient_bytes
        needed: Floats = (step_bytes(total, self.setup) + copied) / self.optimizer_cut
        return needed

    def _whole_gradients(self, total: States) -> Floats:
        """All gradients of the stage as they lie between micro-batches."""
        if self.setup.optimizer_in_backward or self.setup.offload_gradients:
            return 0.0 * self.share
        return self._cut(total.gradients, total.expert_gradients, self.gradient_cut)

    def _resident(self, total: States) -> Floats:
        """Gradients of earlier micro-batches, while they are summed."""
        return np.where(self.layout.micro_batches > 1, self._whole_gradients(total), 0.0)

    def _scaled(self, made: Floats) -> Floats:
        """Gradients so far as this GPU keeps them."""
        if self.setup.optimizer_in_backward or self.setup.offload_gradients:
            return 0.0 * self.share
        return made / self.gradient_cut

    def _descent(self, blocks: tuple[Block, ...], kept: list[Floats], made: Floats, resident: Floats) -> tuple[Floats, Floats]:
        """Through the layers from the last to the first: activations fall, gradients grow. The worst moment."""
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
            block = blocks[place]
            count = block.count * self.share
            below = below - kept[place]
            lowest = block.first if place == 0 and self.first and block.first is not None else block.profile
            for profile, above in ((block.profile, count - 1), (lowest, 0.0 * count)):
                own = self._kept(profile) * (above + 1)
                done = made + (count - 1 - above) * profile.gradients[-1]
                events, fresh = self._backward(profile)
                offer(done + fresh[:, None], below + own + events)
            made = made + count * block.profile.gradients[-1]
        if self.first:
            looked_up = sum(w.elements * w.bytes for w in self.net.embedding if w.trainable)
            offer(made[None], self.at(self.net.blocks[0].profile.enters)[None] + looked_up)
        return best_gradients, best

    def _gradient_ratio(self) -> float:
        """Bytes of a summed gradient over those of a fresh one."""
        size = self.setup.gradient_bytes
        return size / self.setup.arithmetic.weight if size and not self.setup.trains_adapters else 1.0

    def _exchanged(self, total: States) -> tuple[Floats, Floats]:
        """Weights gathered for the layer at work and the next, and whole gradients of a layer before they are shared out."""
        setup, zero = self.setup, self.layout.zero
        blocks = (self._sums(f"block {place}", block.profile.weights) for place, block in enumerate(self.net.blocks))
        widest = max(blocks, key=lambda sums: float(sums.elements))
        ends = self._sums("embedding", self.net.embedding).gathered + self._sums(*self._head_weights()).gathered
        gathers = ((zero >= 3) & self.many) | setup.offload_params
        piped = self.layout.pipeline > 1  # weights stay gathered and gradients whole until the last micro-batch
        gather = np.where(gathers, np.where(piped, total.gathered, max(2.0 * widest.gathered, widest.gathered + ends)), 0.0)
        reduce = np.where((zero >= 2) & self.many, np.where(piped & (zero >= 3), total.gradients, 2.0 * widest.gradients), 0.0)
        if setup.buckets and not setup.optimizer_in_backward:
            reduce = reduce + np.where((zero == 0) & (self.layout.data > 1), self._whole_gradients(total), 0.0)
        if setup.bucket_bytes:
            reduce = reduce + np.minimum(setup.bucket_bytes, total.gradients)
        return gather, reduce
