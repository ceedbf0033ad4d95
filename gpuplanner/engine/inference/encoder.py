"""Encoders, vision transformers and speech models: weights, one layer's activations, what a decoder keeps."""

from __future__ import annotations

from dataclasses import dataclass

from gpuplanner.engine.inference.formulas import layer_workspace_bytes, speech_cache_bytes
from gpuplanner.engine.result import MemoryPart

HIDDEN_TENSORS = 1.0
MLP_TENSORS = 2.0
SCORE_TENSORS = 2.0  # before and after the softmax
CONTEXT_BYTES = 0.85 * 2**30  # driver context with the libraries' workspaces, as the whole card's counter sees it
SPOKEN_TOKENS = 64  # of a 30 s window, on average


@dataclass(frozen=True, slots=True)
class EncoderSize:
    """What a model's memory follows from. ``decoder_layers`` and ``source_tokens`` of encoder-decoders, 0 otherwise."""

    params: float
    hidden: int
    mlp_width: int
    heads: int
    decoder_layers: int = 0
    source_tokens: int = 0


@dataclass(frozen=True, slots=True)
class EncoderLoad:
    """What is run. ``written_scores``: attention without a fused kernel. ``tokens`` of one sample."""

    batch: int
    tokens: int
    weight_bytes: float = 2.0  # of a parameter, scales included
    element_bytes: float = 2.0
    written_scores: bool = False
    beams: int = 1


def encoder_memory(size: EncoderSize, load: EncoderLoad) -> dict[MemoryPart, float]:
    """Memory of an encoder or an encoder-decoder on one GPU.

    Args:
        size: of the model.
        load: batch, lengths and number formats.

    Returns:
        Bytes of each part. The context is the driver's; an allocator's counter doesn't see it.
    """
    tokens = size.source_tokens or load.tokens
    workspace = layer_workspace_bytes(
        load.batch, load.element_bytes, tokens, HIDDEN_TENSORS, size.hidden, MLP_TENSORS, size.mlp_width,
        SCORE_TENSORS if load.written_scores else 0.0, size.heads,
    )  # fmt: skip
    cache = 0.0
    if size.decoder_layers:
        cache = speech_cache_bytes(
            load.batch, size.decoder_layers, size.hidden, load.element_bytes, tokens, load.beams, SPOKEN_TOKENS
        )
    return {
        MemoryPart.WEIGHTS: size.params * load.weight_bytes,
        MemoryPart.KV_CACHE: float(cache),
        MemoryPart.ACTIVATIONS: float(workspace),
        MemoryPart.ENGINE: CONTEXT_BYTES,
        MemoryPart.COMMUNICATION: 0.0,
    }
