"""Bytes a parameter: weights, gradients and what the optimizer keeps, by recipe."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.tape import Weight
from gpuplanner.scenario.document import Optimizer, TrainingPrecision

FP32 = 4.0
BLOCK_SCALE = 4.0 / 256  # 8-bit states carry an FP32 scale for 256 elements (arXiv 2110.02861)
GALORE_RANK = 128


@dataclass(frozen=True, slots=True)
class States:
    """Bytes of a set of weights on one GPU before they are shared out; numbers, or arrays over layouts.

    ``expert_*`` are the routed experts' part, which other GPUs share out among them. ``gathered`` are the weights as they are
    computed with, ``largest`` is elements of the largest trained tensor.
    """

    weights: Any = 0.0
    trainable: Any = 0.0
    gradients: Any = 0.0
    optimizer: Any = 0.0
    elements: Any = 0.0
    gathered: Any = 0.0
    expert_weights: Any = 0.0
    expert_gradients: Any = 0.0
    expert_optimizer: Any = 0.0
    largest: Any = 0.0


def states(weights: Iterable[Weight], setup: Setup) -> States:
    """Sum what weights take, their gradients and their optimizer's states.

    Args:
        weights: tensors on one GPU, frozen ones included.
        setup: recipe, optimizer.
    """
    compute = setup.arithmetic.compute
    sums = dict.fromkeys((item.name for item in fields(States)), 0.0)
    for weight in weights:
        count = weight.elements
        found = {"weights": count * weight.bytes, "elements": count, "gathered": count * min(compute, weight.bytes)}
        if weight.trainable:
            sums["largest"] = max(sums["largest"], count)
            found |= {
                "trainable": count,
                "gradients": count * gradient_bytes(weight, setup),
                "optimizer": optimizer_bytes(weight, setup),
            }
        if weight.copies > 1:
            found |= {f"expert_{name}": found.get(name, 0.0) for name in ("weights", "gradients", "optimizer")}
        for name, value in found.items():
            sums[name] += value
    return States(**sums)


def gradient_bytes(weight: Weight, setup: Setup) -> float:
    """Bytes an element of a gradient: the weight's own format unless the framework sums in another."""
    return setup.gradient_bytes or weight.bytes


def optimizer_bytes(weight: Weight, setup: Setup) -> float:
    """Bytes the optimizer keeps for one tensor, master copy included."""
    count = weight.elements
    master = setup.precision in (TrainingPrecision.MIXED, TrainingPrecision.FP8) and not weight.adapter
    size = FP32 if master else weight.bytes
    kept = FP32 * count if master else 0.0
    match setup.optimizer:
        case None | Optimizer.SGD:
            return kept
        case Optimizer.ADAMW | Optimizer.ADAMW_FOREACH:
            return kept + 2 * size * count
        case Optimizer.LION | Optimizer.SGD_MOMENTUM:
            return kept + size * count
        case Optimizer.MUON:
            return kept + (1 if weight.matrix and weight.name not in {"embedding", "head"} else 2) * size * count
        case Optimizer.ADAMW_8BIT:
            return kept + 2 * (1 + BLOCK_SCALE) * count
        case Optimizer.ADAFACTOR:
            factors = (weight.rows + weight.cols) * weight.copies if weight.matrix else count
            return kept + FP32 * factors
        case Optimizer.GALORE:
            if not weight.matrix:
                return kept + 2 * size * count
            short, long = sorted((weight.rows, weight.cols))
            rank = min(GALORE_RANK, short)
            return kept + size * weight.copies * (2 * rank * long + rank * short)


def step_bytes(total: States, setup: Setup) -> Any:
    """What the optimizer's step needs for a moment: copies of all weights, or of the largest."""
    match setup.optimizer:
        case Optimizer.ADAMW_FOREACH:
            return total.trainable * setup.arithmetic.weight
        case Optimizer.ADAFACTOR:
            return total.largest * (16.0 if setup.arithmetic.weight < FP32 else 8.0)
        case Optimizer.MUON | Optimizer.GALORE:
            return total.largest * 8.0
        case _:
            return 0.0
