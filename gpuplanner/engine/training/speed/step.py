"""The time of a training step, for many layouts on many GPUs at once: arrays of shape (layouts, GPUs)."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.training.speed.exchange import all_to_all_s, data_exchange_s, tensor_link
from gpuplanner.engine.training.speed.formulas import micro_batch_s, products_s, step_s
from gpuplanner.engine.training.speed.rates import Rates
from gpuplanner.engine.training.speed.work import Work

Floats = NDArray[np.float64]
ELEMENT = 2.0  # bytes of an activation
FLASH_BACKWARD = 2.5  # five products for the forward pass's two
EAGER_BACKWARD = 2.0
SCORES_AGAIN = 1.0
SHARED = 3  # the ZeRO stage that shares out weights
FULL_TURNS = 3.0
HOST_TURNS = 2.0  # a layer is called forward and backward, whatever of it is trained
LOGIT_BYTES = 4.0  # of a logit in the loss, in FP32
UPDATE_READS = 2.0  # optimizer states and weights are read and written
RECOMPUTE_SELECTIVE = 1.0
ADAPTERS = 0.5  # whoever trains less than this share of the parameters trains adapters


@dataclass(frozen=True, slots=True)
class Job:
    """What doesn't depend on the layout.

    ``trained``: share of the parameters that get a gradient; ``weight_bytes``, ``gradient_bytes``, ``state_bytes`` of a trained
    parameter; ``quantised``: the base is stored in few bits and unpacked as it is used,
    ``packed``: by plain operations instead of a kernel. ``offloads``: optimizer states lie in
    host memory. ``padding``: how much longer a batch is than its samples; ``element_bytes`` of an activation.
    """

    trained: float = 1.0
    weight_bytes: float = 2.0
    gradient_bytes: float = 2.0
    state_bytes: float = 12.0
    quantised: bool = False
    packed: bool = False
    flash: bool = True
    offloads: bool = False
    padding: float = 1.0
    element_bytes: float = ELEMENT


@dataclass(frozen=True, slots=True)
class Layouts:
    """One entry a layout, of shape (layouts, 1) or (layouts, GPUs).

    ``recompute`` is 0 none, 1 selective, 2 full, between them the share of the layers that are computed again.
    """

    tensor: Floats
    pipeline: Floats
    data: Floats
    context: Floats
    expert: Floats
    virtual: Floats
    micro_batch: Floats
    micro_batches: Floats
    zero: Floats
    recompute: Floats

    @property
    def gpus(self) -> Floats:
        """All GPUs of the run."""
        count: Floats = self.tensor * self.pipeline * self.data * self.context
        return count

    def schedule(self, rows: NDArray[np.intp]) -> Schedule:
        """What puts micro-batches together to a step, for these layouts, without the axis of GPUs."""
        shares, turns = self.zero >= SHARED, self.micro_batches + (self.pipeline - 1) / self.virtual
        return Schedule(shares[rows, 0], turns[rows, 0])

    @property
    def whole(self) -> Schedule:
        """The same for all layouts."""
        return Schedule(self.zero >= SHARED, self.micro_batches + (self.pipeline - 1) / self.virtual)


@dataclass(frozen=True, slots=True)
class Schedule:
    """``shares``: weights are shared out among copies; ``turns``: micro-batches of a step, the bubble's among them."""

    shares: NDArray[np.bool_]
    turns: Floats


def layouts(**given: object) -> Layouts:
    """Layouts from numbers or arrays of one shape; what isn't given is 1, ZeRO stage and recompute 0."""
    usual = {item.name: 0.0 if item.name in {"zero", "recompute"} else 1.0 for item in fields(Layouts)} | given
    columns = np.broadcast_arrays(*(np.atleast_1d(np.asarray(usual[item.name], dtype=float)) for item in fields(Layouts)))
    return Layouts(*(column[:, None] for column in columns))


@dataclass(frozen=True, slots=True)
class Micro:
    """A micro-batch on one pipeline stage, seconds of shape (layouts, GPUs)."""

    products: Floats
    attention: Floats
    between: Floats
    communication: Floats
    host: Floats
    total: Floats


@dataclass(frozen=True, slots=True)
class Shared:
    """What copies exchange, seconds of shape (layouts, GPUs).

    ``gathered`` beside every micro-batch when weights are shared out, ``reduced`` once a step when they aren't; the ``update``.
    """

    gathered: Floats
    reduced: Floats
    update: Floats


@dataclass(frozen=True, slots=True)
class Times:
    """A step, seconds of shape (layouts, GPUs); ``stage`` is a micro-batch with what is exchanged beside it."""

    stage: Floats
    exchange: Floats
    step: Floats


def times(work: Work, job: Job, lay: Layouts, reach: Rates) -> Times:
    """How long a step takes.

    Args:
        work: one sample's.
        job: how it is trained.
        lay: layouts.
        reach: what the GPUs reach.
    """
    return joined(micro(work, job, lay, reach).total, shared(work, job, lay, reach), lay.whole, reach)


def micro(work: Work, job: Job, lay: Layouts, reach: Rates) -> Micro:
    """A micro-batch through one stage; of the layouts neither copies nor their sharing count."""
    again = np.clip(lay.recompute - RECOMPUTE_SELECTIVE, 0.0, 1.0)
    samples = lay.micro_batch / (lay.tensor * lay.context) / lay.pipeline * job.padding  # a GPU's part of a micro-batch
    uneven = np.ceil(work.layers / lay.pipeline) * lay.pipeline / work.layers
    uneven = np.where(lay.virtual > 1, np.minimum(uneven, 1 + lay.pipeline / work.layers), uneven)
    back = (FULL_TURNS - reach.forward) / 2.0
    turns = reach.forward * (1.0 + again) + back * (1.0 + job.trained)  # to the inputs and to the weights
    products = _products(work, job, lay, reach, samples * uneven, turns)
    attention = _attention(work, job, lay, reach, again) * samples * uneven
    adapts = np.where(np.asarray(job.trained) < ADAPTERS, 1.0, 0.0)
    passes = reach.passes * (1 + adapts * reach.adapter_passes)
    moved = job.element_bytes * (work.moved * passes + work.maps * reach.map_passes)
    loss = samples * LOGIT_BYTES * (1.0 + passes) * work.logits
    between = (samples * uneven * turns / FULL_TURNS * moved + loss) / reach.bandwidth
    communication = _communication(work, lay, reach, samples, 2.0 + again)
    launches = 1 + job.quantised * reach.unpack_layer
    host = reach.layer * launches * work.layers / lay.pipeline * (HOST_TURNS + again) / HOST_TURNS
    total = micro_batch_s(products, attention, between, communication, host)
    return Micro(products, attention, between, communication, host, total)


def shared(work: Work, job: Job, lay: Layouts, reach: Rates) -> Shared:
    """What copies of the model exchange, and the optimizer's step; micro-batches and recompute don't count."""
    own = (work.dense_params + work.end_params) / (lay.tensor * lay.pipeline)
    width = np.maximum(lay.expert, lay.tensor)
    experts = work.expert_params / (lay.pipeline * width)
    held, trained = own + experts, (own + experts) * job.trained
    of_a_byte = data_exchange_s(1.0, lay, reach)
    gathered = (2.0 * job.weight_bytes * held + job.gradient_bytes * trained) * of_a_byte
    reduced = (job.weight_bytes + job.gradient_bytes) * trained * of_a_byte
    shards = np.where(lay.zero >= 1, lay.data * lay.context, 1.0)
    kept = (own / shards + experts / np.maximum(1.0, shards * lay.tensor / width)) * job.trained
    moved = kept * (UPDATE_READS * (job.state_bytes + job.weight_bytes) + job.gradient_bytes)
    update = moved / np.where(job.offloads, reach.host_link, reach.bandwidth) + reach.step
    return Shared(gathered, reduced, update)


def joined(one: Floats, exchanged: Shared, plan: Schedule, reach: Rates) -> Times:
    """Put micro-batches, exchange and update together to a step."""
    hidden = reach.overlap_data
    beside = np.maximum(one, exchanged.gathered) + (1 - hidden) * np.minimum(one, exchanged.gathered)
    stage = np.where(plan.shares, beside, one)
    after = np.where(plan.shares, 0.0, np.maximum(exchanged.reduced - hidden * one, 0.0))
    return Times(stage, after, step_s(plan.turns, 1.0, 1.0, stage, after, exchanged.update))


def _attention(work: Work, job: Job, lay: Layouts, reach: Rates, again: Floats) -> Floats:
    """Scores and values of one sample; unfused ones go through memory, states of recurrent layers are scanned in chunks. [s]"""
    turns = 1 + FLASH_BACKWARD + again
    fused = (work.attention - work.scan) * turns / reach.scores
    scan = work.scan * turns / reach.scan
    often = 1 + EAGER_BACKWARD + np.maximum(again, SCORES_AGAIN * (lay.recompute == RECOMPUTE_SELECTIVE))
    written = job.element_bytes * reach.score_passes * work.grid * often / FULL_TURNS / reach.bandwidth
    eager = work.pairs * often / reach.products + written
    found: Floats = np.where(job.flash, fused, eager) + scan
    return found


def _products(work: Work, job: Job, lay: Layouts, reach: Rates, samples: Floats, turns: Floats) -> Floats:
    """Products with weights; a GPU's own experts and its part of the other weights are read at least once each turn."""
    parts = lay.tensor * lay.pipeline
    rows = lay.micro_batch * work.tokens / lay.context * job.padding
    tokens = np.where(np.asarray(work.hidden) > 1, filled(rows, reach.few), 1.0)
    width = np.where(np.asarray(work.hidden) > 1, filled(work.hidden / lay.tensor, reach.narrow), 1.0)
    read = job.weight_bytes * work.dense_params / parts * turns
    dense = products_s(work.dense * samples * turns, reach.products * tokens * width, read, reach.bandwidth)
    total: Floats = dense + (work.head * samples * turns) / (reach.head * tokens)
    if np.any(work.convolutions):
        total = total + work.convolutions * samples * turns / reach.convolutions
    if np.any(work.experts):
        held = job.weight_bytes * work.expert_params / (lay.pipeline * np.maximum(lay.expert, lay.tensor))
        own = filled(rows * work.top_k / work.routed * lay.expert, reach.few)  # tokens of one expert
        side = filled(work.expert_width / np.where(lay.expert > 1, 1.0, lay.tensor), reach.narrow)
        layer = filled(work.hidden, reach.narrow_experts)
        rate = reach.experts * np.where(np.asarray(work.experts) > 0, own * side * layer, 1.0)
        total = total + products_s(work.experts * samples * turns, rate, held * turns, reach.bandwidth)
    if np.any(job.quantised):
        unpacking = np.where(job.packed, reach.dequantise_packed, reach.dequantise)
        total = total + job.quantised * unpacking * work.dense_params / parts * (turns - job.trained) / reach.bandwidth
    return total


def filled(size: Floats | float, half: Floats) -> Floats:
    """The share of its rate that a product reaches: tiles at its edges are part empty, and small ones don't fill the GPU."""
    share: Floats = np.asarray(size) / np.maximum(size + half, 1e-9)
    return share


def _communication(work: Work, lay: Layouts, reach: Rates, samples: Floats, turns: Floats) -> Floats:
    """What layers exchange and isn't hidden: tensor parallel sums, experts' tokens, keys and values, a pipeline's boundary."""
    tokens = samples * lay.tensor * work.tokens  # of a stage's micro-batch; sequence parallel cuts what lies between
    layers = work.layers
    spread = (lay.tensor - 1) / lay.tensor
    volume = 4.0 * ELEMENT * work.hidden * tokens * layers * spread
    link = tensor_link(lay.tensor, reach)
    cost = (1 - reach.overlap_tensor) * turns / 2.0 * volume / link
    cost = cost + np.where(lay.tensor > 1, 4.0 * turns * layers / lay.pipeline * reach.message, 0.0)
    if np.any(work.expert_layers):
        moved = 2.0 * ELEMENT * work.hidden * work.top_k * tokens / lay.tensor * work.expert_layers * turns
        cost = cost + (1 - reach.overlap_experts) * all_to_all_s(moved, lay.expert, reach)
    ring = (lay.context - 1) * turns * 1.5 * ELEMENT * work.keys * tokens / lay.tensor
    cost = cost + (1 - reach.overlap_tensor) * ring / reach.inside
    boundary = np.where(lay.pipeline > 1, 2.0 * ELEMENT * work.hidden * tokens * lay.pipeline * lay.virtual / lay.tensor, 0.0)
    result: Floats = cost + (1 - reach.overlap_data) * boundary / np.maximum(reach.network, 1.0)
    return result
