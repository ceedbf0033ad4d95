"""Memory of models that write no long text: encoders, vision, speech, diffusion. Sizes in bytes; numbers or arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit

Values = Any  # a number, or an array of them


@formula(
    "memory.layer_workspace",
    result="A",
    text="B · b · (T · max(n_h · h + n_m · m, n_l · V) + n_s · a · T ^ 2)",
    unit=Unit.BYTES,
    reference=(
        "One layer without gradients: the two halves of the feed-forward block and the residual, or the logits of a masked "
        "language model's head; and the attention scores where they are written out. Checked on published memory of BERT and BEiT"
    ),
    symbols={
        "batch": Symbol("B", "term.batch"),
        "element_bytes": Symbol("b", "term.element_bytes", Unit.BYTES),
        "tokens": Symbol("T", "term.tokens_per_sample", Unit.TOKENS),
        "hidden_tensors": Symbol("n_h", "term.hidden_tensors"),
        "hidden": Symbol("h", "term.hidden"),
        "mlp_tensors": Symbol("n_m", "term.mlp_tensors"),
        "mlp_width": Symbol("m", "term.mlp_width"),
        "score_tensors": Symbol("n_s", "term.score_tensors"),
        "heads": Symbol("a", "term.attention_heads"),
        "logit_tensors": Symbol("n_l", "term.logit_tensors"),
        "vocab": Symbol("V", "term.vocab"),
    },
)
def layer_workspace_bytes(
    batch: Values, element_bytes: Values, tokens: Values, hidden_tensors: Values, hidden: Values, mlp_tensors: Values,
    mlp_width: Values, score_tensors: Values, heads: Values, logit_tensors: Values, vocab: Values,
) -> Values:  # fmt: skip
    """Activations of the widest moment of a transformer, over the whole batch. [B]"""
    layer = tokens * np.maximum(hidden_tensors * hidden + mlp_tensors * mlp_width, logit_tensors * vocab)
    return batch * element_bytes * (layer + score_tensors * heads * tokens**2)


@formula(
    "memory.map_workspace",
    result="A",
    text="B · b · n_e · E",
    unit=Unit.BYTES,
    reference="A convolution's input, output and the shortcut around it lie in memory together, at the network's largest map",
    symbols={
        "batch": Symbol("B", "term.batch"),
        "element_bytes": Symbol("b", "term.element_bytes", Unit.BYTES),
        "maps": Symbol("n_e", "term.map_tensors"),
        "elements": Symbol("E", "term.largest_map"),
    },
)
def map_workspace_bytes(batch: Values, element_bytes: Values, maps: Values, elements: Values) -> Values:
    """Activations of a convolutional network at its largest map. [B]"""
    return batch * element_bytes * maps * elements


@formula(
    "memory.speech_cache",
    result="KV",
    text="B · L · 2 · h · b · (T_e + w · T_d)",
    unit=Unit.BYTES,
    reference="Each decoder layer keeps the encoder's keys and values, and its own for every beam (Whisper, arXiv 2212.04356)",
    symbols={
        "batch": Symbol("B", "term.batch"),
        "layers": Symbol("L", "term.decoder_layers"),
        "hidden": Symbol("h", "term.hidden"),
        "element_bytes": Symbol("b", "term.element_bytes", Unit.BYTES),
        "source_tokens": Symbol("T_e", "term.source_tokens", Unit.TOKENS),
        "beams": Symbol("w", "term.beams"),
        "target_tokens": Symbol("T_d", "term.target_tokens", Unit.TOKENS),
    },
)
def speech_cache_bytes(
    batch: Values, layers: Values, hidden: Values, element_bytes: Values, source_tokens: Values, beams: Values,
    target_tokens: Values,
) -> Values:  # fmt: skip
    """Cross-attention and decoder cache of an encoder-decoder. [B]"""
    return batch * layers * 2 * hidden * element_bytes * (source_tokens + beams * target_tokens)


@formula(
    "memory.decode_workspace",
    result="A_d",
    text="B · n_c · c · X · Y · F · b + w",
    unit=Unit.BYTES,
    reference=(
        "The autoencoder's last block at full resolution, in maps of its narrowest width, and the convolution's workspace; "
        "checked on published memory of Stable Diffusion, SDXL, FLUX and CogVideoX"
    ),
    symbols={
        "batch": Symbol("B", "term.decoded_at_once"),
        "maps": Symbol("n_c", "term.decoder_maps"),
        "channels": Symbol("c", "term.decoder_channels"),
        "width": Symbol("X", "term.image_width"),
        "height": Symbol("Y", "term.image_height"),
        "frames": Symbol("F", "term.frames_at_once"),
        "element_bytes": Symbol("b", "term.element_bytes", Unit.BYTES),
        "workspace": Symbol("w", "term.convolution_workspace", Unit.BYTES),
    },
)
def decode_workspace_bytes(
    batch: Values, maps: Values, channels: Values, width: Values, height: Values, frames: Values, element_bytes: Values,
    workspace: Values,
) -> Values:  # fmt: skip
    """Peak of turning latents into pixels. [B]"""
    return batch * maps * channels * width * height * frames * element_bytes + workspace


@formula(
    "memory.pipeline",
    result="M_p",
    text="max(W_l, R + A)",
    unit=Unit.BYTES,
    reference="What lies on the GPU while a stage runs, or what loading needed before the weights were quantised",
    symbols={
        "loading": Symbol("W_l", "term.loading_bytes", Unit.BYTES),
        "resident": Symbol("R", "term.resident_bytes", Unit.BYTES),
        "workspace": Symbol("A", "part.activations", Unit.BYTES),
    },
)
def pipeline_bytes(loading: Values, resident: Values, workspace: Values) -> Values:
    """Weights and workspace of a pipeline at its peak. [B]"""
    return np.maximum(loading, resident + workspace)
