"""One picture or clip over several GPUs: which part of a step each computes, and what they send each other."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import Final

import numpy as np

from gpuplanner.catalog.schema.model import Model
from gpuplanner.catalog.schema.shape_towers import DiffusionShape
from gpuplanner.engine.architecture.blocks import blocks_list
from gpuplanner.engine.architecture.operator import Operator, Runs
from gpuplanner.engine.passes import spread_formulas as f
from gpuplanner.engine.passes.defaults import denoises_tokens, latent_grid
from gpuplanner.engine.passes.work import Floats
from gpuplanner.engine.result import Code
from gpuplanner.engine.wiring import Wiring
from gpuplanner.scenario.passes import GenerationChoice

EXCHANGES: Final = 4  # all-to-alls of Ulysses in a layer: queries, keys, values, and what attention found
HALVES: Final = 2
OF_TEXT: Final = ("text.", "context_refiner.", "refiner.", "layer.audio.")  # blocks that see no image token


@dataclass(frozen=True, slots=True)
class Spread:
    """How a request lies on GPUs: ``cfg`` halves of guidance, each on ``sequence`` GPUs that share out the tokens.

    ``ulysses`` of the ``sequence`` GPUs swap heads for tokens, the rest pass keys and values round in a ring. Of one step:
    ``layers`` with attention between ``tokens`` of ``width`` elements; ``latent`` elements that the halves join.
    """

    cfg: int = 1
    sequence: int = 1
    ulysses: int = 1
    layers: float = 0.0
    tokens: float = 0.0
    width: float = 0.0
    latent: float = 0.0

    @property
    def gpus(self) -> int:
        """GPUs of a replica."""
        return self.cfg * self.sequence

    @property
    def ring(self) -> int:
        """GPUs of a ring."""
        return self.sequence // self.ulysses

    @property
    def operations(self) -> int:
        """Exchanges of a layer that follow one another."""
        return (EXCHANGES if self.ulysses > 1 else 0) + self.ring - 1


ALONE: Final = Spread()


@dataclass(frozen=True, slots=True)
class Links:
    """Links between a replica's GPUs, one entry a GPU: latency in seconds, reachable rate in B/s; 0 where there is no link."""

    latency: Floats
    rate: Floats
    share: Floats


def spread_of(model: Model, choice: GenerationChoice, guided: bool, size: tuple[int, int, int], context: float) -> Spread:
    """How a request is spread, as far as the model allows.

    Args:
        model: a pipeline. Denoisers that follow one another are taken as alike.
        choice: what was asked for.
        guided: whether a step asks the denoiser twice.
        size: width, height and frames.
        context: tokens of the conditioning text.
    """
    shape = model.shape
    cfg = HALVES if choice.cfg_parallel and guided else 1
    sequence = choice.sequence_parallel if denoises_tokens(model) else 1
    if cfg * sequence == 1 or not isinstance(shape, DiffusionShape) or not shape.denoisers:
        return ALONE
    denoiser, grid = shape.denoisers[0], latent_grid(model, *size)
    latent = grid.tokens(denoiser) * denoiser.patch**2 * (denoiser.channels_in or 1)
    if sequence == 1:
        return Spread(cfg, latent=latent)
    looking = [op for op in blocks_list(denoiser).operators if _looks(op)]
    layers = float(sum(op.occurs for op in looking))
    tokens = grid.tokens(denoiser)
    seen = sum(op.occurs * (tokens * op.scale + (context if _with_text(op) else 0.0)) for op in looking) / layers
    width = sum(op.occurs * op.heads * op.rows_in for op in looking) / layers
    ulysses = gcd(sequence, *(op.heads for op in looking))
    return Spread(cfg, sequence, ulysses, layers, seen, width, latent)


def notes(model: Model, choice: GenerationChoice, spread: Spread) -> tuple[Code, ...]:
    """What of the wish has no effect, and why."""
    codes = []
    if choice.cfg_parallel and spread.cfg == 1:
        codes.append(Code("warning.cfg_unguided"))
    if choice.sequence_parallel > 1 and spread.sequence == 1:
        codes.append(Code("warning.sequence_maps", {"model": model.name}))
    if spread.ring > 1:
        codes.append(Code("warning.ring", {"gpus": spread.sequence, "heads": spread.ulysses, "ring": spread.ring}))
    return tuple(codes)


def links(every: Wiring, places: tuple[int, ...], gpus: int) -> Links:
    """Links that join so many GPUs: the fast one where it reaches them all, else the slot's."""
    at = list(places)
    fast = every.domain[at] >= gpus
    hops = np.log2(max(gpus, 2))
    return Links(
        latency=np.where(fast, every.fast_latency[at], every.slow_latency[at]) * hops,
        rate=np.where(fast, every.fast_link[at], every.slow_link[at]),
        share=np.where(fast, every.fast_link_share[at], every.slow_link_share[at]),
    )


def joins(every: Wiring, places: tuple[int, ...], spread: Spread) -> Floats:
    """Where a server holds a replica's GPUs and a link of known rate joins them: 1, else 0."""
    if spread.gpus == 1:
        return np.ones(len(places))
    found: Floats = ((every.node[list(places)] >= spread.gpus) & (links(every, places, spread.gpus).rate > 0)).astype(float)
    return found


def exchange_times(
    spread: Spread, steps: float, samples: Floats, element: float, every: Wiring, places: tuple[int, ...]
) -> Floats:
    """Seconds that all steps' exchanges take, of shape (gpus, batches); nothing where no link joins the GPUs.

    Args:
        spread: of a replica.
        steps: of the denoiser.
        samples: of one half of guidance, by batch.
        element: bytes of an activation.
        every: links of all GPUs.
        places: of those that compute.
    """
    swap, join = links(every, places, spread.sequence), links(every, places, spread.gpus)
    moved = f.exchanged_bytes(samples, spread.tokens, spread.width, element, spread.sequence, spread.ulysses, spread.ring)
    halves = float(spread.cfg > 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        times: Floats = f.exchange_time_s(
            steps, spread.layers, spread.operations, swap.latency[:, None], moved[None, :], swap.rate[:, None],
            swap.share[:, None], halves * join.latency[:, None], halves * samples[None, :] * spread.latent * element,
            join.rate[:, None], join.share[:, None],
        )  # fmt: skip
    return np.where(joins(every, places, spread)[:, None] > 0, times, 0.0)


def _looks(operator: Operator) -> bool:
    """Attention between image tokens, whose queries, keys and values lie on different GPUs."""
    own = operator.heads and not operator.params and operator.runs is Runs.TOKEN
    return bool(own) and not operator.name.startswith(OF_TEXT) and ".text.attention" not in operator.name


def _with_text(operator: Operator) -> bool:
    return operator.joint or ".single." in f".{operator.name}"
