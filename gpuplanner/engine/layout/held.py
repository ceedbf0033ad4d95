"""What of a model lies on the fullest GPU of each layout: weights, what stands beside them, cached elements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.architecture.shares import kv_elements_per_gpu
from gpuplanner.engine.arrays import distinct
from gpuplanner.engine.layout.workspace import embedding_params
from gpuplanner.engine.memory import formulas as memory
from gpuplanner.engine.memory.beside import beside_bytes
from gpuplanner.engine.request import Request

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_MOST_RANKS = 1 << 20


@dataclass(frozen=True, slots=True)
class Held:
    """What of a model lies on each layout's fullest GPU: parameters, their bytes, cached elements per token."""

    stage: Floats
    quantised: Floats
    kept: Floats
    weights: Floats
    elements: Floats


def held(request: Request, cut: Ints, tp: Ints, pp: Ints, copies: Ints) -> Held:
    """Of layouts by their degrees: of the dense parts, of the experts, of the pipeline, and the copies of attention."""
    ops = request.operators
    pairs, index = pairs_of(cut, tp)
    shares = [request.share(degree, experts) for degree, experts in pairs]
    degrees = [degree for degree, _ in pairs]

    def of(name: str) -> Floats:
        return np.array([getattr(item, name) for item in shares])[index]

    stage = np.ceil(ops.layers / pp) / ops.layers
    edge = np.where((pp > 1) & (not tied(request)), 0.5, 1.0)
    on_gpu, edge = stage * request.on_gpu, edge * request.ends_on_gpu
    quantised = of("layer_quantised") * on_gpu + of("edge_quantised") * edge
    kept = of("layer_kept") * on_gpu + of("edge_kept") * edge
    if request.profile.embedding_on_host and not tied(request):
        on_host = np.array([embedding_params(request, degree) for degree in degrees])[index]
        quantised, kept = quantised - on_host[:, 0] * edge, kept - on_host[:, 1] * edge
    beside, size = beside_the_model(request, cut, stage), request.weight_bytes
    weights = memory.weights_bytes(quantised, size.quantised, kept, size.kept, beside)
    elements = (_kv_elements(request, degrees)[index] * on_gpu + _draft_elements(request, degrees)[index]) / copies
    # with all layers in host memory, too, what is read at the moment lies on the card
    return Held(stage, quantised, kept, weights, np.maximum(elements, 1.0))


def pairs_of(cut: Ints, experts: Ints) -> tuple[list[tuple[int, int]], Ints]:
    """The distinct pairs of degrees, of the dense parts and of the experts, and where each layout finds its own."""
    keys = cut * _MOST_RANKS + experts
    pairs = distinct(keys)
    return [divmod(pair, _MOST_RANKS) for pair in pairs.tolist()], np.searchsorted(pairs, keys)


def _kv_elements(request: Request, degrees: Sequence[int]) -> Floats:
    """Cached elements per token of a full-length request on one GPU, at each tensor degree."""
    ops, tokens = request.operators, request.full_tokens
    return np.array([kv_elements_per_gpu(ops, degree, tokens, kv_bytes=request.kv_bytes) for degree in degrees])


def beside_the_model(request: Request, tensor_parallel: Any, stage: Any) -> Any:
    """Bytes of adapters, draft model and images on one GPU."""
    found = request.beside
    return beside_bytes(
        found.adapters, found.adapter_whole, found.adapter_cut, tensor_parallel, stage, found.draft_params, found.draft_bytes,
        found.image_bytes,
    )  # fmt: skip


def _draft_elements(request: Request, degrees: Sequence[int]) -> Floats:
    """Cached elements per token of the draft on one GPU, at each tensor degree."""
    ops, tokens, kv_bytes = request.operators, request.full_tokens, request.kv_bytes
    return np.array([request.beside.kv_elements(ops, degree, tokens, kv_bytes) for degree in degrees])


def tied(request: Request) -> bool:
    """Whether the output head shares the embedding; both ends of a pipeline then hold it."""
    return bool(request.model.language and request.model.language.tied)
