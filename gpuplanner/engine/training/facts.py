"""What a training run amounts to besides memory: GPUs, what is trained, what a checkpoint holds, tokens between two updates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from gpuplanner.catalog.schema.shapes import Shape
from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Provenance, Quantity, TrainingPlan, Unit
from gpuplanner.engine.training.network import network, profile_key
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.states import states
from gpuplanner.engine.training.tape import Weight

Values = Any  # a number, or an array of them


@formula(
    "training.gpus",
    result="n",
    text="t · p · d · c",
    unit=Unit.COUNT,
    reference="Narayanan et al., arXiv 2104.04473: tensor, pipeline and data parallel degrees multiply; context parallel too",
    symbols={
        "tensor": Symbol("t", "term.tensor_parallel"),
        "pipeline": Symbol("p", "term.pipeline_parallel"),
        "data": Symbol("d", "term.data_parallel"),
        "context": Symbol("c", "term.context_parallel"),
    },
)
def gpu_count(tensor: Values, pipeline: Values, data: Values, context: Values) -> Values:
    """GPUs of a run. [count]"""
    return tensor * pipeline * data * context


@formula(
    "training.trained_params",
    result="P_t",
    text="P_l + P_e + P_h",
    unit=Unit.COUNT,
    reference="Counted tensor by tensor: what gets a gradient; of a tied head only what it doesn't share with the embedding",
    symbols={
        "layers": Symbol("P_l", "term.trained_layers"),
        "embedding": Symbol("P_e", "term.trained_embedding"),
        "head": Symbol("P_h", "term.trained_head"),
    },
)
def trained_count(layers: Values, embedding: Values, head: Values) -> Values:
    """Parameters that are trained, of the whole model. [count]"""
    return layers + embedding + head


@formula(
    "training.checkpoint",
    result="K",
    text="P_t · (b_w + b_o)",
    unit=Unit.BYTES,
    reference="What a run needs to go on: trained weights and optimizer states; a frozen base isn't written again",
    symbols={
        "params": Symbol("P_t", "term.trained_whole"),
        "weight_bytes": Symbol("b_w", "term.weight_bytes", Unit.BYTES),
        "state_bytes": Symbol("b_o", "term.state_bytes", Unit.BYTES),
    },
)
def checkpoint_bytes(params: Values, weight_bytes: Values, state_bytes: Values) -> Values:
    """A checkpoint on disk. [B]"""
    return params * (weight_bytes + state_bytes)


@formula(
    "training.tokens_per_step",
    result="T_s",
    text="s · m · k · d",
    unit=Unit.TOKENS,
    reference="Tokens between two updates of the weights: micro-batches of all data-parallel copies",
    symbols={
        "length": Symbol("s", "term.sequence_length", Unit.TOKENS),
        "micro_batch": Symbol("m", "term.micro_batch"),
        "micro_batches": Symbol("k", "term.micro_batches"),
        "data": Symbol("d", "term.data_parallel"),
    },
)
def step_tokens(length: Values, micro_batch: Values, micro_batches: Values, data: Values) -> Values:
    """Tokens of a step. [tokens]"""
    return length * micro_batch * micro_batches * data


@dataclass(frozen=True, slots=True)
class Trained:
    """What of a whole model is trained: parameters by place, bytes of their weights and of the optimizer's states.

    ``length`` is tokens of a sequence, as the run or the model fixes them.
    """

    layers: float
    embedding: float
    head: float
    weight_bytes: float
    state_bytes: float
    length: float

    @property
    def params(self) -> float:
        """All trained parameters."""
        return float(trained_count(self.layers, self.embedding, self.head))


def trained(shape: Shape, setup: Setup) -> Trained:
    """Count what is trained, over all GPUs.

    Args:
        shape: the model.
        setup: of the run; its degrees don't count.

    Raises:
        NotTrainableError: for kinds of models that aren't modelled.
    """
    net = network(shape, profile_key(replace(setup, tensor_parallel=1, expert_parallel=1)))
    head = net.head_alone if net.tied else net.head.weights
    layers = [_sums(block.profile.weights, setup, block.count) for block in net.blocks]
    parts = (tuple(map(sum, zip(*layers, strict=True))), _sums(net.embedding, setup), _sums(head, setup))
    (in_layers, in_embedding, in_head), weights, optimizer = zip(*parts, strict=True)
    length = getattr(net, "tokens", None) or setup.tokens  # of vision models the resolution fixes it
    return Trained(in_layers, in_embedding, in_head, sum(weights), sum(optimizer), float(length))


def _sums(weights: tuple[Weight, ...], setup: Setup, count: int = 1) -> tuple[float, float, float]:
    """Trained parameters, bytes of their weights, bytes of the optimizer."""
    chosen = [weight for weight in weights if weight.trainable]
    found = states(chosen, setup)
    return count * float(found.trainable), count * float(found.weights), count * float(found.optimizer)


def figures(run: Trained, layout: TrainingPlan, gpus: int) -> dict[str, Quantity]:
    """What a run amounts to, as figures of its plan.

    Args:
        run: from :func:`trained`.
        layout: how a step is laid out.
        gpus: all of them.
    """
    tokens = step_tokens(run.length, layout.micro_batch, layout.micro_batches, layout.data_parallel)
    found = (
        ("gpus", float(gpus), Unit.COUNT),
        ("trained_params", run.params, Unit.COUNT),
        ("checkpoint", run.weight_bytes + run.state_bytes, Unit.BYTES),
        ("tokens_per_step", float(tokens), Unit.TOKENS),
    )
    return {key: Quantity(key, value, unit, provenance=Provenance.EXACT) for key, value, unit in found}
