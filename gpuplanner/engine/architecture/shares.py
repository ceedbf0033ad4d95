"""What of a model lies on one GPU at each tensor-parallel degree: sums over the operator list."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from gpuplanner.engine.architecture.operator import AttentionState, Cut, Operator, OperatorList, Part

VOCAB_PADDING = 64  # engines pad the vocabulary to a multiple of this before cutting it
KEPT_BYTES = 2.0  # what a precision leaves alone stays in 16 bit
SCAN_COST = 8  # a state is carried through a prompt at an eighth of attention's rate: both take as long at 2,048 tokens, where
# attention does eight times the work (Mamba-2, arXiv 2405.21060, section 9.3)
NORM_PASSES = 6  # a layer's two norms and residual sums: each reads twice and writes once
_LAST, _INSIDE = "out", (".inner", ".convolution", ".out_down")  # names of a block's last product, and of those within it
EDGES = (Part.EMBEDDING, Part.HEAD, Part.TOWER)


@dataclass(frozen=True, slots=True)
class Share:
    """One GPU's part at one tensor-parallel degree, over all layers (pipeline stages cut it further).

    Parameter counts are what lies in memory; ``*_flops`` what one token costs on this GPU; ``*_bytes`` what a step reads at most.
    ``layer`` is all decoder layers, ``edge`` embedding and head. ``experts_*`` are the routed experts alone (they are in
    the layer counts of memory, not in ``dense_*``). ``*_moved`` are the elements of activations that a token's products read and
    write.
    """

    tensor_parallel: int
    layer_quantised: float
    layer_kept: float
    edge_quantised: float
    edge_kept: float
    dense_flops: float
    dense_bytes: float
    experts_flops: float
    experts_bytes: float
    head_flops: float
    head_bytes: float
    dense_moved: float
    experts_moved: float


@lru_cache(maxsize=256)
def share(
    operators: OperatorList, bytes_per_param: float, kept: frozenset[str], tensor_parallel: int, kept_bytes: float = KEPT_BYTES,
    expert_degree: int | None = None,
) -> Share:  # fmt: skip
    """Sum the operators of a model as one of ``tensor_parallel`` GPUs holds them.

    Args:
        operators: the model.
        bytes_per_param: of quantised weights, scales included.
        kept: parts that stay in 16 bit; norms always do.
        tensor_parallel: degree, 1 or more.
        kept_bytes: of a parameter that stays.
        expert_degree: GPUs that share the routed experts; as many as share the rest when None.
    """
    layers = [op for op in operators.operators if op.part not in EDGES]
    edges = [op for op in operators.operators if op.part in EDGES]
    dense = [op for op in layers if op.part is not Part.EXPERTS]
    experts = [op for op in layers if op.part is Part.EXPERTS]
    head = next(op for op in operators.operators if op.part is Part.HEAD)
    sums = _Sums(bytes_per_param, kept, tensor_parallel, kept_bytes, expert_degree)
    head_share = padded_vocab(operators.vocab, tensor_parallel) / operators.vocab
    head_elements = head.rows_in * head.cols_out * head_share
    return Share(
        tensor_parallel=tensor_parallel,
        layer_quantised=sums.params(layers, left=False),
        layer_kept=sums.params(layers, left=True),
        edge_quantised=sums.params(edges, left=False),
        edge_kept=sums.params(edges, left=True),
        dense_flops=sums.flops(dense),
        dense_bytes=sums.stored(dense),
        experts_flops=sums.flops(experts),
        experts_bytes=sums.stored(experts),
        dense_moved=sums.moved(dense) + NORM_PASSES * operators.hidden * operators.layers,
        experts_moved=sums.moved(experts),
        head_flops=2 * head_elements,
        head_bytes=head_elements * (kept_bytes if stays(head, kept) else bytes_per_param),
    )


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums over operators as one GPU holds them; the arguments of :func:`share`."""

    bytes_per_param: float
    kept: frozenset[str]
    tensor_parallel: int
    kept_bytes: float
    expert_degree: int | None

    def degree(self, op: Operator) -> int:
        """Among how many GPUs an operator is cut."""
        return self.expert_degree if self.expert_degree and op.part is Part.EXPERTS else self.tensor_parallel

    def params(self, ops: Iterable[Operator], *, left: bool) -> float:
        """Parameters that are left in 16 bit, or that aren't."""
        return sum(held(op, self.degree(op)) for op in ops if stays(op, self.kept) is left)

    def stored(self, ops: Iterable[Operator]) -> float:
        """Bytes of the parameters."""
        return sum(held(op, self.degree(op)) * (self.kept_bytes if stays(op, self.kept) else self.bytes_per_param) for op in ops)

    def flops(self, ops: Iterable[Operator]) -> float:
        """What a token costs."""
        return sum(op.flops_per_token * held_share(op, self.degree(op)) for op in ops)

    def moved(self, ops: Iterable[Operator]) -> float:
        """Elements of activations that a token's products read and write."""
        whole = self.expert_degree is not None and self.expert_degree != self.tensor_parallel
        return sum(op.occurs * op.active * _moved(op, self.degree(op), whole) for op in ops)


def padded_vocab(vocab: int, tensor_parallel: int) -> float:
    """Vocabulary entries on one GPU, after padding."""
    return math.ceil(vocab / VOCAB_PADDING) * VOCAB_PADDING / tensor_parallel


def held(op: Operator, tensor_parallel: int) -> float:
    """Parameters of an operator that one GPU holds, over all its occurrences."""
    return op.total_params * held_share(op, tensor_parallel)


def held_share(op: Operator, tensor_parallel: int) -> float:
    """The part of an operator that one GPU holds and works through."""
    if tensor_parallel == 1 or op.cut is Cut.REPLICATED:
        return 1.0
    if op.cut is Cut.KV:
        return math.ceil(op.kv_heads / tensor_parallel) / op.kv_heads
    if op.cut is Cut.VOCAB and op.cols_out:
        return padded_vocab(op.cols_out, tensor_parallel) / op.cols_out
    return 1 / tensor_parallel


def _moved(op: Operator, tensor_parallel: int, whole_experts: bool) -> float:
    """Activations that one GPU reads and writes for a product.

    A matrix is cut along what lies inside its block: what goes into the first ones and comes out of the last is there on
    every GPU (Shoeybi et al., Megatron-LM, arXiv 1909.08053, section 3). Experts that lie whole on a GPU see their own tokens.
    """
    part = held_share(op, tensor_parallel)
    if (op.part is Part.EXPERTS and whole_experts) or op.name.endswith(_INSIDE):
        return (op.rows_in + op.cols_out) * part
    last = op.name.endswith(_LAST)
    return op.rows_in * (part if last else 1.0) + op.cols_out * (1.0 if last else part)


def stays(op: Operator, kept: frozenset[str]) -> bool:
    """Whether an operator's weights are left in 16 bit."""
    return op.part in (Part.NORM, Part.TOWER) or op.part in kept


def kv_elements_per_gpu(
    operators: OperatorList, tensor_parallel: int, tokens: float, *, read: bool = False, kv_bytes: float = 2.0
) -> float:
    """Cached elements one GPU holds for one request of ``tokens`` tokens, divided by the tokens.

    Windowed layers keep at most their window; latent state isn't divided; kv heads are replicated once the degree exceeds them.
    A state of fixed size counts as the elements of ``kv_bytes`` that would take its place.
    ``read``: what a decode step reads instead, which is less where a query attends to a selection of tokens only, and twice a
    fixed state, which is written back.
    """
    total = 0.0
    for state in operators.states:
        if state.context or not (state.stores or read):
            continue
        heads = 1.0 if state.latent else math.ceil(state.kv_heads / tensor_parallel) / state.kv_heads
        total += state.layers * state.kv_elements * heads * _seen(state, tokens, attended=read) / tokens
        total += state.layers * state.state_bytes * heads / kv_bytes / tokens * (2 if read else 1)
    return total


def state_bytes_per_gpu(operators: OperatorList, tensor_parallel: int) -> float:
    """Bytes of fixed-size state that one GPU holds for one request, however long it is."""
    return sum(
        state.layers * state.state_bytes * math.ceil(state.kv_heads / tensor_parallel) / state.kv_heads
        for state in operators.states
    )


def score_flops(operators: OperatorList, tensor_parallel: int, tokens: float, *, absorbed: bool = False) -> float:
    """FLOPs of attention scores and values on one GPU for one new token that looks back on ``tokens`` tokens.

    ``absorbed``: latent attention works on the compressed state directly, as engines do in decode (arXiv 2405.04434,
    section 2.1): scores and values of all heads over the latent width. An indexer has scores alone and no values. A fixed state
    costs the same whatever the length.
    """
    total = 0.0
    for state in operators.states:
        if state.context:
            continue
        compressed = absorbed and state.latent and state.score_flops != 2 * state.heads * state.kv_elements
        per_pair = 4 * state.heads * state.kv_elements if compressed else state.score_flops
        carried = state.token_flops * (1 if absorbed else SCAN_COST)
        total += state.layers * (per_pair * _seen(state, tokens, attended=True) + carried)
    return total / min(tensor_parallel, operators.heads)


def _seen(state: AttentionState, tokens: float, *, attended: bool) -> float:
    seen = tokens if state.window is None else min(tokens, state.window)
    return min(seen, state.selected) if attended and state.selected else seen
