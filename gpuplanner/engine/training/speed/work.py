"""What one sample costs to train on: operations and elements moved, summed over the one list of operators."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from gpuplanner.catalog.schema.shape_blocks import BlocksShape
from gpuplanner.catalog.schema.shape_towers import DiffusionShape, MultimodalShape, TowersShape
from gpuplanner.catalog.schema.shapes import Shape
from gpuplanner.engine.architecture.blocks import blocks_list
from gpuplanner.engine.architecture.decoder import layer_states
from gpuplanner.engine.architecture.operator import AttentionState, Operator, OperatorList, Part, Runs
from gpuplanner.engine.architecture.operators import operator_list

PRODUCT = 2  # operations of a multiply and an add
USUAL_SIDE = 224.0  # of a picture, in pixels


@dataclass(frozen=True, slots=True)
class Sample:
    """The size of a sample: tokens of a sequence, or the side of an image (None: the model's own)."""

    tokens: float = 2048
    side: float | None = None
    context_tokens: float = 256  # of the text that conditions a picture


@dataclass(frozen=True, slots=True)
class Work:
    """One sample's forward pass through the whole model.

    ``dense``, ``experts``, ``head``, ``convolutions``: operations of matrix products. ``attention``: of scores and values, as
    far as they are computed (half of the pairs under a causal mask); ``pairs``: of all pairs. ``moved``: elements that enter
    and leave the products of the layers; ``maps``: elements of the maps that convolutions make; ``logits``: elements before the
    loss; ``scan``: operations of recurrent states, part of ``attention``; ``grid``: elements of the scores of all pairs.
    ``dense_params`` and ``expert_params`` lie in layers, ``end_params`` in embedding and head.
    """

    tokens: float
    dense: float
    experts: float
    head: float
    convolutions: float
    attention: float
    pairs: float
    moved: float
    maps: float
    logits: float
    dense_params: float
    expert_params: float
    end_params: float
    layers: int
    expert_layers: int
    top_k: int
    hidden: int
    keys: float  # elements of keys and values of a token, all layers
    routed: int = 1  # experts of a layer
    expert_width: int = 0  # the narrow side of an expert's products
    scan: float = 0.0
    grid: float = 0.0

    @property
    def linear(self) -> float:
        """Operations of all products with weights."""
        return self.dense + self.experts + self.head + self.convolutions

    @property
    def params(self) -> float:
        """All parameters."""
        return self.dense_params + self.expert_params + self.end_params

    def model_flops(self, share: float = 3.0) -> float:
        """Operations a sample needs for training, nothing computed twice: forward and twice that backward. [FLOP]"""
        return share * (self.linear + self.attention)


@lru_cache(maxsize=128)
def work(shape: Shape, sample: Sample) -> Work:
    """Sum a model's operators over one sample.

    Args:
        shape: the model; of a diffusion pipeline its denoiser, the part that is trained.
        sample: how large.
    """
    found = blocks_list(shape.denoisers[0]) if isinstance(shape, DiffusionShape) else operator_list(shape)
    inner = shape.denoisers[0] if isinstance(shape, DiffusionShape) else shape
    if isinstance(inner, BlocksShape):
        return _of_blocks(found, inner, sample)
    if isinstance(shape, TowersShape):
        return _of_towers(found, shape, sample)
    operators = found.operators
    states: Iterable[AttentionState] = found.states
    if isinstance(shape, MultimodalShape):  # towers stay frozen and see few tokens beside the text's
        operators = tuple(op for op in operators if op.part is not Part.TOWER)
    return _of_tokens(found, operators, states, sample.tokens, causal=True)


def _of_tokens(
    found: OperatorList, operators: Iterable[Operator], states: Iterable[AttentionState], tokens: float, *, causal: bool
) -> Work:
    ops, states = tuple(operators), tuple(states)
    experts = [op for op in ops if op.part is Part.EXPERTS]
    head = [op for op in ops if op.part is Part.HEAD]
    ends = [op for op in ops if op.part in (Part.HEAD, Part.EMBEDDING)]
    dense = [op for op in ops if op.part not in (Part.EXPERTS, Part.HEAD)]
    computed, pairs = _scores(states, tokens, causal=causal)
    scanned = tokens * float(sum(state.layers * state.token_flops for state in states))
    return Work(
        tokens=tokens,
        dense=tokens * sum(op.flops_per_token * op.scale for op in dense),
        experts=tokens * sum(op.flops_per_token for op in experts),
        head=tokens * sum(op.flops_per_token for op in head),
        convolutions=0.0,
        attention=computed,
        pairs=pairs,
        moved=tokens * sum(_moved(op) for op in dense) + tokens * sum(_moved(op) for op in experts),
        maps=0.0,
        logits=tokens * sum(op.cols_out for op in head),
        dense_params=float(sum(op.total_params for op in dense if op.part is not Part.EMBEDDING)),
        expert_params=float(sum(op.total_params for op in experts)),
        end_params=float(sum(op.total_params for op in ends)),
        layers=found.layers,
        expert_layers=sum(op.occurs for op in experts) // 2,
        top_k=max((op.active for op in experts), default=0),
        hidden=found.hidden,
        keys=float(sum(state.layers * state.kv_elements for state in states)),
        routed=max((op.copies for op in experts), default=1),
        expert_width=min((min(op.rows_in, op.cols_out) for op in experts), default=0),
        scan=scanned,
        grid=tokens * tokens * float(sum(state.layers * state.heads for state in states if state.score_flops)),
    )


def _moved(op: Operator) -> float:
    """Elements a token brings to a product and takes away."""
    return float((op.rows_in + op.cols_out) * op.active * op.occurs * op.scale) if op.rows_in and op.cols_out else 0.0


def _scores(states: Iterable[AttentionState], tokens: float, *, causal: bool) -> tuple[float, float]:
    """Operations of attention over a sequence: as computed, and as if every token saw every other."""
    computed = pairs = 0.0
    for state in states:
        seen = tokens / 2 if causal else tokens
        for limit in (state.window, state.selected):
            if limit and limit < tokens:
                seen = min(seen, limit * (1 - limit / (2 * tokens)) if causal else float(limit))
        computed += state.layers * (state.score_flops * tokens * seen + state.token_flops * tokens)
        pairs += state.layers * (state.score_flops * tokens * tokens + state.token_flops * tokens)
    return computed, pairs


def _of_towers(found: OperatorList, shape: TowersShape, sample: Sample) -> Work:
    """An encoder: its tokens see each other both ways. A head over the vocabulary guesses the masked tenths."""
    tower = shape.towers[0]
    tokens = float(tower.tokens or sample.tokens)
    states = [state for layer in tower.layers for state in layer_states(layer)]
    ops = [op for op in found.operators if op.name.startswith(f"{tower.name}.") and op.runs is Runs.TOKEN]
    return _of_tokens(found, ops, states, tokens, causal=False)


def _of_blocks(found: OperatorList, shape: BlocksShape, sample: Sample) -> Work:
    """A network of blocks. Streams named "single" carry picture and text together, "text" the text alone."""
    side = sample.side or shape.input_size or USUAL_SIDE
    tokens, context = (side / shape.patch) ** 2, sample.context_tokens
    joint = any(op.name.startswith("joint.") for op in found.operators)
    convolutions = dense = attention = moved = maps = grid = 0.0
    for op in found.operators:
        passing = _passing(op, tokens, context)
        if op.kernel is not None:
            cells = max(1.0, side * op.scale) ** len(op.kernel.size)
            convolutions += op.flops_per_token * cells
            maps += op.cols_out * op.occurs * cells
        elif op.heads:
            queries = tokens * op.scale if op.runs is Runs.CONTEXT else passing
            keys = context if op.runs is Runs.CONTEXT else tokens + context if joint else passing
            seen = op.heads * op.occurs * queries * min(keys, op.window or keys)
            attention, grid = attention + 2 * PRODUCT * op.rows_in * seen, grid + seen
        elif op.rows_in and op.cols_out:
            dense += PRODUCT * op.rows_in * op.cols_out * op.occurs * passing
            moved += (op.rows_in + op.cols_out) * op.occurs * passing
    return Work(
        tokens=tokens, dense=dense, experts=0.0, head=0.0, convolutions=convolutions, attention=attention, pairs=attention,
        moved=moved, maps=maps, logits=0.0, dense_params=float(found.total_params), expert_params=0.0, end_params=0.0,
        layers=max(1, found.layers), expert_layers=0, top_k=0, hidden=found.hidden, keys=0.0,
        grid=grid,
    )  # fmt: skip


def _passing(op: Operator, tokens: float, context: float) -> float:
    """How many tokens of a sample pass an operator."""
    if op.runs is Runs.ONCE:
        return 1.0
    if op.runs is Runs.CONTEXT or ".text." in op.name:
        return context
    return tokens * op.scale + (context if op.name.startswith("single.") else 0.0)
