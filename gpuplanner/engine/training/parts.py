"""The parts that a model is cut into for training: blocks of equal layers, what comes before and after them."""

from __future__ import annotations

from dataclasses import dataclass, field

from gpuplanner.engine.training.states import States
from gpuplanner.engine.training.tape import Profile, Weight


class NotTrainableError(Exception):
    """The shape is of a kind whose training isn't modelled; ``code`` is a text key."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Block:
    """Equal layers in a row. ``first`` is the profile of the very first layer where it differs."""

    count: int
    profile: Profile
    first: Profile | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """A model's blocks on one GPU of a tensor-parallel group, over all pipeline stages.

    ``embedding`` are the weights before the first layer, ``looked_up`` the bytes their lookup leaves per token; ``head`` the end
    with the loss. ``tied``: the head's weight is the embedding's; ``head_alone`` are the head's weights without it. ``sums``
    keeps what was summed over weights. ``tokens`` and ``context_tokens`` are set where the model fixes them, not the run;
    ``same_length``: the other sequence is as long as this one where the run doesn't say.
    """

    embedding: tuple[Weight, ...]
    embedding_out: float
    blocks: tuple[Block, ...]
    head: Profile
    tied: bool
    layers: int
    heads: int
    vocab: float
    head_alone: tuple[Weight, ...] = ()
    tokens: float | None = None
    context_tokens: float | None = None
    same_length: bool = False
    sums: dict[tuple[object, ...], States] = field(default_factory=dict, compare=False, repr=False)
