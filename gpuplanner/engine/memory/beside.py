"""What lies on a GPU beside the model that is served: adapters, a draft model, what looks at images."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from gpuplanner.catalog.schema.model import Model
from gpuplanner.catalog.schema.shape_blocks import Linear
from gpuplanner.catalog.schema.shape_towers import MultimodalShape, Tower
from gpuplanner.engine.architecture.operators import Operator, OperatorList, Part
from gpuplanner.engine.architecture.shares import EDGES, kv_elements_per_gpu
from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit

_ADAPTED: Final = (Part.ATTENTION, Part.MIXER, Part.MLP, Part.SHARED_EXPERT)
ADAPTER_BYTES: Final = 2.0  # adapters and drafts are kept in 16 bit
_TENSORS: Final = 4.2  # tensors as wide as the stream that a tower's layer holds at once; as a decoder's
_WIDE_TENSORS: Final = 2.0  # and as wide as its feed-forward block


@dataclass(frozen=True, slots=True)
class Beside:
    """All of it, as sums of the whole model; nothing where none was asked for.

    ``adapter_whole`` and ``adapter_cut`` are parameters of one adapter that every rank holds, and that ranks share.
    ``draft_params`` of a draft model or of heads on the model itself, in ``draft_bytes`` each; ``draft`` its operators where it
    is a model of its own, ``draft_layers`` the share of the model's own layers that heads come to. ``image_tokens`` an image
    becomes, ``image_bytes`` that looking at it takes.
    """

    adapters: int = 0
    adapter_whole: float = 0.0
    adapter_cut: float = 0.0
    draft_params: float = 0.0
    draft_bytes: float = ADAPTER_BYTES
    draft: OperatorList | None = None
    draft_layers: float = 0.0
    image_tokens: int = 0
    image_bytes: float = 0.0

    def kv_elements(self, own: OperatorList, tensor_parallel: int, tokens: float, kv_bytes: float) -> float:
        """Cached elements per token on one GPU that the draft keeps."""
        if self.draft is not None:
            return kv_elements_per_gpu(self.draft, tensor_parallel, tokens, kv_bytes=kv_bytes)
        if not self.draft_layers:
            return 0.0
        return self.draft_layers * kv_elements_per_gpu(own, tensor_parallel, tokens, kv_bytes=kv_bytes)


NOTHING: Final = Beside()


@formula(
    "memory.beside",
    result="B",
    text="2 · N_a · (a + a_t ÷ TP) · s + P_d · b_d ÷ TP + I",
    unit=Unit.BYTES,
    reference=(
        "LoRA (arXiv 2106.09685): two narrow matrices beside each of the model's, in 16 bit; of a product that is cut over the "
        "GPUs one of the two is cut too. Draft model (arXiv 2211.17192) and vision tower by their own operators"
    ),
    symbols={
        "adapters": Symbol("N_a", "term.adapters"),
        "whole": Symbol("a", "term.adapter_whole"),
        "cut": Symbol("a_t", "term.adapter_cut"),
        "tensor_parallel": Symbol("TP", "term.tensor_parallel"),
        "stage": Symbol("s", "term.stage_share"),
        "draft_params": Symbol("P_d", "term.draft_params"),
        "draft_bytes": Symbol("b_d", "term.draft_bytes", Unit.BYTES),
        "images": Symbol("I", "term.image_bytes", Unit.BYTES),
    },
)
def beside_bytes(
    adapters: Any, whole: Any, cut: Any, tensor_parallel: Any, stage: Any, draft_params: Any, draft_bytes: Any, images: Any
) -> Any:
    """Adapters, draft model and what images need on one GPU. [B]"""
    return 2 * adapters * (whole + cut / tensor_parallel) * stage + draft_params * draft_bytes / tensor_parallel + images


def adapter_params(operators: OperatorList, rank: int) -> tuple[float, float]:
    """Parameters of an adapter on every matrix of attention and dense feed-forward: those all ranks hold, those they share.

    Args:
        operators: the model.
        rank: of the adapter; no matrix has one wider than itself.
    """
    whole = cut = 0.0
    found = [op for op in operators.operators if op.part in _ADAPTED and op.rows_in > 1]
    widths = {op.name: op.rows_in for op in found}
    for op in found:
        narrow = min(rank, op.rows_in, op.cols_out)
        joined = _joined(op, widths)
        if op.name.endswith((".out", "_down")):
            cut += op.occurs * narrow * op.rows_in
            whole += op.occurs * narrow * op.cols_out
        else:  # each of the joined matrices reads the same input with a narrow one of its own
            whole += op.occurs * narrow * op.rows_in * joined
            cut += op.occurs * narrow * op.cols_out
    return whole, cut


def _joined(op: Operator, widths: dict[str, int]) -> int:
    """Matrices that an operator stands for: keys and values, or a gate beside what it gates."""
    if op.name.endswith(".kv"):
        return 2
    out = widths.get(op.name.removesuffix(".in") + ".out", 0)
    return max(1, round(op.cols_out / out)) if op.name.endswith(".in") and out else 1


def one_layer_params(operators: OperatorList) -> float:
    """Parameters of a mean layer, with the matrix that joins a prediction to it: what a head for further tokens is made of."""
    layers = sum(op.total_params for op in operators.operators if op.part not in EDGES)
    return layers / operators.layers + 2.0 * operators.hidden**2


def image_tokens(model: Model, width: int, height: int) -> int:
    """Tokens of the language model that an image becomes; 0 where the model doesn't look at any."""
    tower = _vision(model)
    if tower is None or not isinstance(model.shape, MultimodalShape):
        return 0
    return max(1, round(_patches(tower, width, height) * _merged((*tower.ends, *model.shape.bridge))))


def image_bytes(model: Model, width: int, height: int, batched_tokens: float, hidden: int) -> float:
    """What a step takes that looks at as many images as its token budget allows, and keeps what it saw. [B]"""
    tower, tokens = _vision(model), image_tokens(model, width, height)
    if tower is None or not tokens:
        return 0.0
    at_once = max(1, math.floor(batched_tokens / tokens))
    widest = max((layer.feed_forward.intermediate for layer in tower.layers if layer.feed_forward is not None), default=0)
    patches = at_once * _patches(tower, width, height)
    return 2.0 * patches * (_TENSORS * tower.hidden + _WIDE_TENSORS * widest) + 2.0 * at_once * tokens * hidden


def _vision(model: Model) -> Tower | None:
    shape = model.shape
    towers = shape.towers if isinstance(shape, MultimodalShape) else ()
    return next((tower for tower in towers if tower.name == "vision"), None)


def _patches(tower: Tower, width: int, height: int) -> float:
    """Tokens of the tower: as many as it was made for, or as the image has patches."""
    if tower.tokens is not None:
        return float(tower.tokens)
    for piece in tower.stem:
        if piece.kind == "conv":
            return max(1.0, math.floor(width / piece.kernel[-1]) * math.floor(height / piece.kernel[-1]))
        if piece.kind == "linear":
            side = max(1, round(math.sqrt(piece.rows_in / 3)))
            return max(1.0, math.floor(width / side) * math.floor(height / side))
    return 1.0


def _merged(pieces: Iterable[object]) -> float:
    """How many tokens leave for each patch, after the last matrix that says so."""
    scales = [piece.scale for piece in pieces if isinstance(piece, Linear) and piece.runs == "token"]
    return min(scales, default=1.0)
