"""How a family's code does what lies between its matrix products; where a shape doesn't say, the habit of its kind."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gpuplanner.catalog.schema.shape import DecoderShape, Experts, Layer, Mlp


class Norm(StrEnum):
    """Kinds of norms by what they keep."""

    RMS = "rms"  # written out in single operations
    LAYER = "layer"  # one operation


class Activation(StrEnum):
    """Activation functions by what they keep."""

    SILU = "silu"
    GELU = "gelu"
    RELU = "relu"
    RELU_SQUARED = "relu2"
    GELU_WRITTEN = "gelu_written"  # tanh approximation in single operations
    GELU_SCRIPT = "gelu_script"  # one operation with its own backward pass
    GELU_QUICK = "gelu_quick"  # x · sigmoid(1.702 x)


@dataclass(frozen=True, slots=True)
class Style:
    """What a layer does beside its matrix products.

    ``parallel``: attention and feed-forward read the same norm. ``rotary``: positions are turned into queries and keys.
    ``dropout``: of the residual branches while training. ``scores_bias``: a bias by distance is added to the scores (ALiBi).
    ``post_norm``: norms stand after the sums. ``native_softmax``: scores aren't brought to
    FP32. ``scaled_branches``: each branch is scaled by a vector before it is added.
    ``fused_qkv``: queries, keys and values are views of one product. ``partial_rotary``: only part of a head is turned, the rest
    joined on.
    """

    norm: Norm
    activation: Activation
    parallel: bool = False
    rotary: bool = True
    dropout: bool = False
    attention_dropout: bool = False
    scores_bias: bool = False
    post_norm: bool = False
    native_softmax: bool = False
    scaled_branches: bool = False
    fused_qkv: bool = False
    partial_rotary: bool = False


def decoder_style(shape: DecoderShape, layer: Layer) -> Style:
    """The habit of a decoder's layer.

    Gated feed-forwards came with RMS norms and SiLU, plain ones with layer norms and GELU. One norm a layer means that both
    branches read it. Learned positions stand for GPT-2's line, which also drops out; a plain block without rotary positions or a
    table takes distances into the scores.
    """
    feed, hidden = layer.feed_forward, shape.hidden
    gated = feed.gated if isinstance(feed, Mlp | Experts) else True
    per_norm = layer.norm_params / hidden
    plain = isinstance(feed, Mlp) and not feed.gated
    biased = isinstance(feed, Mlp) and feed.bias_in
    learned = shape.position_params > 0
    if gated or not plain:
        layered = per_norm == 4 and shape.final_params == 2 * hidden
        return Style(Norm.LAYER if layered else Norm.RMS, Activation.SILU, partial_rotary=layered)
    if learned:
        offset = shape.position_params // hidden % 64 == 2
        activation = Activation.RELU if offset else Activation.GELU_WRITTEN
        return Style(
            Norm.LAYER,
            activation,
            rotary=False,
            dropout=True,
            attention_dropout=not offset,
            native_softmax=True,
            fused_qkv=not offset,
        )
    if shape.head_bias:
        return Style(Norm.LAYER, Activation.GELU_WRITTEN, parallel=True, partial_rotary=True)
    if biased and shape.tied:
        return Style(Norm.LAYER, Activation.GELU_SCRIPT, rotary=False, scores_bias=True, fused_qkv=True)
    if biased:
        return Style(Norm.LAYER, Activation.GELU, parallel=True, fused_qkv=True, partial_rotary=True)
    table = shape.tied and shape.final_params == hidden  # norms without biases: MPT
    return Style(
        Norm.LAYER, Activation.GELU, parallel=per_norm <= 2 and not table, rotary=not table, scores_bias=table, fused_qkv=True
    )
