"""What a model is turned into: operators, and the state that its attention keeps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """What an operator belongs to: precisions name the parts they leave unquantised by these words."""

    EMBEDDING = "embedding"
    ATTENTION = "attention"
    MIXER = "mixer"  # linear attention and state-space blocks
    MLP = "mlp"
    SHARED_EXPERT = "shared_expert"
    EXPERTS = "experts"
    ROUTER = "router"
    NORM = "norm"
    HEAD = "head"
    TOWER = "tower"  # what sees or hears for a language model; stays in 16 bit
    CONVOLUTION = "convolution"


class Cut(StrEnum):
    """How tensor parallelism divides an operator's parameters and work."""

    EVEN = "even"  # over the degree, padded up
    KV = "kv"  # over kv heads; replicated once the degree exceeds them
    REPLICATED = "replicated"
    VOCAB = "vocab"  # over the vocabulary, padded
    EXPERT = "expert"  # over the degree, or whole experts under expert parallelism


class Runs(StrEnum):
    """On what an operator works."""

    TOKEN = "token"  # every token of its own sequence
    CONTEXT = "context"  # every token of the conditioning text
    ONCE = "once"  # once a sample


@dataclass(frozen=True, slots=True)
class Kernel:
    """A convolution: its kernel and stride in each dimension, its groups."""

    size: tuple[int, ...]
    stride: tuple[int, ...]
    groups: int


@dataclass(frozen=True, slots=True)
class Operator:
    """Something a token passes through.

    ``params`` per occurrence; ``rows_in`` x ``cols_out`` is the matrix of one product (0 where there is none); ``copies``
    how many such products stand side by side (experts), ``active`` how many of them a token uses; ``occurs`` how often the
    operator stands in the model. ``kv_heads`` is set on operators cut by key-value heads. ``runs`` on what; ``scale``: tokens
    that pass for each of the sequence, for convolutions the side of the output over the side of the model's input. ``kernel``
    of a convolution,
    whose product has ``rows_in`` = inputs of one output value. ``heads`` of attention scores between the tokens (no parameters);
    ``joint``: their keys are the tokens and the conditioning text together.
    """

    name: str
    part: Part
    cut: Cut
    occurs: int
    params: int
    rows_in: int = 0
    cols_out: int = 0
    copies: int = 1
    active: int = 1
    kv_heads: int = 0
    runs: Runs = Runs.TOKEN
    scale: float = 1.0
    kernel: Kernel | None = None
    heads: int = 0
    window: int | None = None
    joint: bool = False

    @property
    def total_params(self) -> int:
        """Parameters over all occurrences."""
        return self.params * self.occurs

    @property
    def active_params(self) -> int:
        """Parameters a token passes through, over all occurrences."""
        return self.params // self.copies * self.active * self.occurs

    @property
    def flops_per_token(self) -> int:
        """2 per multiply-add of the matrix products; attention scores are counted by :class:`AttentionState`."""
        return 2 * self.rows_in * self.cols_out * self.active * self.occurs


@dataclass(frozen=True, slots=True)
class AttentionState:
    """What one kind of attention keeps per token and does per pair of tokens.

    ``kv_elements`` per token and layer at TP 1; ``latent`` state isn't divided by TP. ``score_flops`` per query token and
    key token and layer (2 for the scores, 2 for the values, per head dimension); ``window`` None for unbounded. ``stores`` False:
    reads another layer's. ``selected``: all tokens are kept, but a query attends to no more than so many of them; 0 for all.
    ``state_bytes`` are kept for each sequence and layer however long it is, ``token_flops`` done on them for each token.
    ``context``: the keys are an encoder's or an image's tokens, not the sequence's own.
    """

    layers: int
    kv_heads: int
    kv_elements: int
    latent: bool
    heads: int
    score_flops: int
    window: int | None
    stores: bool = True
    selected: int = 0
    state_bytes: int = 0
    token_flops: int = 0
    context: bool = False


@dataclass(frozen=True, slots=True)
class OperatorList:
    """All operators of a model, and the state its attention keeps."""

    operators: tuple[Operator, ...]
    states: tuple[AttentionState, ...]
    hidden: int
    vocab: int
    layers: int
    heads: int
    widest_mlp: int

    @property
    def total_params(self) -> int:
        """All parameters the checkpoint holds; a tied head counts once."""
        return sum(op.total_params for op in self.operators)

    @property
    def active_params(self) -> int:
        """Parameters one token passes through, embedding and head included."""
        return sum(op.active_params for op in self.operators)
