"""Encoders, vision transformers and speech models: weights, one layer's activations, what a decoder keeps."""

from __future__ import annotations

from dataclasses import dataclass

from gpuplanner.engine.inference.constants import ComponentConstants
from gpuplanner.engine.inference.formulas import layer_workspace_bytes, speech_cache_bytes
from gpuplanner.engine.result import MemoryPart

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
    vocab: int = 0


@dataclass(frozen=True, slots=True)
class EncoderLoad:
    """What is run. ``written_scores``: attention without a fused kernel. ``tokens`` of one sample.

    ``predicts_words``: with the head of a masked language model, as such checkpoints are published.
    """

    batch: int
    tokens: int
    weight_bytes: float = 2.0  # of a parameter, scales included
    element_bytes: float = 2.0
    written_scores: bool = False
    beams: int = 1
    predicts_words: bool = False


def encoder_memory(size: EncoderSize, load: EncoderLoad, constants: ComponentConstants) -> dict[MemoryPart, float]:
    """Memory of an encoder or an encoder-decoder on one GPU.

    Args:
        size: of the model.
        load: batch, lengths and number formats.
        constants: of the calibration.

    Returns:
        Bytes of each part. The context is the driver's; an allocator's counter doesn't see it.
    """
    tokens = size.source_tokens or load.tokens
    workspace = layer_workspace_bytes(
        load.batch, load.element_bytes, tokens, constants.hidden_tensors, size.hidden, constants.mlp_tensors, size.mlp_width,
        constants.score_tensors if load.written_scores else 0.0, size.heads,
        constants.logit_tensors if load.predicts_words else 0.0, size.vocab,
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
        MemoryPart.ENGINE: constants.context_bytes,
        MemoryPart.COMMUNICATION: 0.0,
    }
