"""Models that look, read or listen: Chinese-CLIP, LayoutLMv3, BLIP, Florence-2, Speech2Text; and xLSTM, which writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gpuplanner.catalog.schema.shape import Attention, DecoderShape, Layer, Mlp, StateMixer
from gpuplanner.catalog.schema.shape_blocks import Convolution, Linear, Piece, Vector
from gpuplanner.catalog.schema.shape_towers import Seq2SeqShape, Tower, TowersShape
from gpuplanner.engine.architecture.readers.encoder_heads import labels
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.seq2seq import read_bart, read_m2m
from gpuplanner.engine.architecture.readers.towers import clip, encoder_layer, grid, patches


def read_chinese_clip(fields: Fields) -> TowersShape:
    """Chinese-CLIP (arXiv 2211.01335): BERT reads, CLIP's tower looks."""
    part = fields.part("text_config", "chinese_clip_text_model")
    hidden = part.size("hidden_size", 768)
    layer = encoder_layer(
        hidden, part.size("num_attention_heads", 12), part.size("intermediate_size", 4 * hidden), count=part.layers()
    )
    rows = part.size("max_position_embeddings", 512) + part.size("type_vocab_size", 2)
    text = Tower(
        name="text", hidden=hidden, layers=(layer,), vocab=part.size("vocab_size", 30522), table_params=rows * hidden,
        final_params=2 * hidden,
    )  # fmt: skip
    vision = clip(fields.part("vision_config", "clip_vision_model"))
    size = fields.size("projection_dim", 512)
    bridge = (
        Linear(name="text.projection", rows_in=hidden, cols_out=size, bias=False, runs="once"),
        Linear(name="vision.projection", rows_in=vision.hidden, cols_out=size, bias=False, runs="once"),
        Vector(name="scale", params=1),
    )
    return TowersShape(towers=(text, vision), bridge=bridge)


def read_layoutlmv3(fields: Fields) -> TowersShape:
    """LayoutLMv3 (arXiv 2204.08387): words, where they stand, and patches of the page in one encoder."""
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size")
    hidden, heads = fields.size("hidden_size"), fields.size("num_attention_heads")
    layer = encoder_layer(hidden, heads, fields.size("intermediate_size", 4 * hidden), count=fields.layers())
    places = (
        2
        * fields.size("max_2d_position_embeddings", 1024)
        * (fields.size("coordinate_size", 128) + fields.size("shape_size", 128))
    )
    bins = (fields.size("rel_pos_bins", 32) + 2 * fields.size("rel_2d_pos_bins", 64)) * heads
    seen = grid(fields.over(image_size=fields.size("input_size", 224)))
    rows = fields.size("max_position_embeddings", 512) + fields.size("type_vocab_size", 2) + seen + 2
    names = fields.items("architectures")
    ends: tuple[Piece, ...] = ()
    if names and "For" in str(names[0]):
        out = labels(fields)
        ends = (Linear(name="classifier", rows_in=hidden, cols_out=out),)
        if not (str(names[0]).endswith("TokenClassification") and out < _DENSE_FROM):
            ends = (Linear(name="dense", rows_in=hidden, cols_out=hidden), *ends)
    tower = Tower(
        name="text", hidden=hidden, layers=(layer,), vocab=fields.size("vocab_size"),
        table_params=rows * hidden + places + bins, final_params=6 * hidden, stem=(patches(fields, hidden),), ends=ends,
    )  # fmt: skip
    return TowersShape(towers=(tower,))


_DENSE_FROM: Final = 10  # classes from which its heads are two matrices


def read_blip(fields: Fields) -> Seq2SeqShape:
    """BLIP (arXiv 2201.12086): a vision transformer, and BERT that writes and looks in every layer."""
    part = fields.part("vision_config")
    wide = part.size("hidden_size", 768)
    seen = grid(part.over(image_size=part.size("image_size", 384), patch_size=part.size("patch_size", 16))) + 1
    layer = encoder_layer(
        wide, part.size("num_attention_heads", 12), part.size("intermediate_size", 4 * wide),
        count=part.size("num_hidden_layers", 12),
    )  # fmt: skip
    encoder = Tower(
        name="vision", hidden=wide, layers=(layer,), table_params=(seen + 1) * wide, final_params=2 * wide, tokens=seen,
        stem=(patches(part.over(patch_size=part.size("patch_size", 16)), wide),),
    )  # fmt: skip
    text = fields.part("text_config")
    hidden, longest = text.size("hidden_size", 768), text.size("max_position_embeddings", 512)
    inner = encoder_layer(
        hidden, text.size("num_attention_heads", 8), text.size("intermediate_size", 3072),
        count=text.size("num_hidden_layers", 12), norm_params=6 * hidden,
    )  # fmt: skip
    if isinstance(inner.attention, Attention):
        inner = inner.model_copy(update={"cross": inner.attention, "extra_params": _wider_keys(hidden, text, wide)})
    vocab = text.size("vocab_size", 30524)
    head = (Linear(name="dense", rows_in=hidden, cols_out=hidden), Vector(name="norm", params=2 * hidden + vocab))
    decoder = Tower(
        name="decoder", hidden=hidden, layers=(inner,), vocab=vocab, table_params=longest * hidden, final_params=2 * hidden,
        ends=head,
    )  # fmt: skip
    return Seq2SeqShape(encoder=encoder, decoder=decoder, tied=True, max_context=longest)


def _wider_keys(hidden: int, text: Fields, wide: int) -> int:
    """Parameters that keys and values of a wider image need beyond those of the text's own width."""
    return max(0, 2 * hidden * (text.size("encoder_hidden_size", wide) - hidden))


def read_florence2(fields: Fields) -> Seq2SeqShape:
    """Florence-2 (arXiv 2311.06242): DaViT looks, BART reads what is asked and writes."""
    shape = read_bart(fields.part("text_config", "bart"))
    part = fields.part("vision_config")
    widths, depths = part.sizes("embed_dim", (128, 256, 512, 1024)), part.sizes("depths", (1, 1, 9, 1))
    kernels, strides = part.sizes("patch_size", (7, 3, 3, 3)), part.sizes("patch_stride", (4, 2, 2, 2))
    prenorm = [bool(item) for item in part.items("patch_prenorm")] or [False, True, True, True]
    ratio, into, scale = 4, part.size("in_channels", 3), 1.0
    pieces: list[Piece] = []
    for stage, (width, depth) in enumerate(zip(widths, depths, strict=False)):
        scale /= strides[stage]
        kernel = kernels[stage]
        pieces.append(
            Convolution(
                name=f"stage{stage}.patches", channels_in=into, channels_out=width, kernel=(kernel, kernel),
                stride=(strides[stage],), scale=scale,
            )
        )  # fmt: skip
        pieces.append(Vector(name=f"stage{stage}.norm", params=2 * (into if prenorm[stage] else width)))
        for kind in ("spatial", "channel"):
            pieces += _davit(f"stage{stage}.{kind}", width, ratio, depth, scale)
        into = width
    projected = part.size("projection_dim", shape.encoder.hidden)
    pieces += [
        Linear(name="projection", rows_in=into, cols_out=projected, bias=False, scale=scale**2),
        Vector(name="projection.norm", params=2 * projected),
        Vector(
            name="positions",
            params=part.size("max_position_embeddings", 50) * into,
        ),
    ]
    encoder = shape.encoder.model_copy(update={"stem": tuple(pieces)})
    return shape.model_copy(update={"encoder": encoder})


def _davit(name: str, width: int, ratio: int, depth: int, scale: float) -> list[Piece]:
    """One kind of block of DaViT (arXiv 2204.03645), ``depth`` times."""
    tokens = scale**2
    return [
        Convolution(
            name=f"{name}.near", channels_in=width, channels_out=width, kernel=(3, 3), groups=width, scale=scale, count=2 * depth
        ),
        Linear(name=f"{name}.qkv", rows_in=width, cols_out=3 * width, scale=tokens, count=depth),
        Linear(name=f"{name}.out", rows_in=width, cols_out=width, scale=tokens, count=depth),
        Linear(name=f"{name}.mlp.in", rows_in=width, cols_out=ratio * width, scale=tokens, count=depth),
        Linear(name=f"{name}.mlp.out", rows_in=ratio * width, cols_out=width, scale=tokens, count=depth),
        Vector(name=f"{name}.norms", params=4 * width, count=depth),
    ]


def read_speech_to_text(fields: Fields) -> Seq2SeqShape:
    """Speech2Text (arXiv 2010.05171): gated convolutions make the frames fewer, then as M2M."""
    shape = read_m2m(fields)
    hidden, channels = shape.encoder.hidden, fields.size("conv_channels", 1024)
    kernels = fields.sizes("conv_kernel_sizes", (5, 5))
    into, scale = fields.size("input_feat_per_channel", 80) * fields.size("input_channels", 1), 1.0
    stem: list[Piece] = []
    for number, kernel in enumerate(kernels):
        scale /= 2
        out = channels if number < len(kernels) - 1 else 2 * hidden
        stem.append(
            Convolution(
                name=f"frames{number}", channels_in=into, channels_out=out, kernel=(kernel,), stride=(2,), scale=scale
            )
        )  # fmt: skip
        into = out // 2
    tokens = max(1, fields.size("max_source_positions", 6000) >> len(kernels))
    encoder = shape.encoder.model_copy(update={"name": "audio", "stem": tuple(stem), "tokens": tokens})
    return shape.model_copy(update={"encoder": encoder, "max_context": fields.size("max_target_positions", 1024)})


def read_xlstm(fields: Fields) -> DecoderShape:
    """The xLSTM (arXiv 2405.04517, the 7B of 2503.13427): a matrix of memory a head, input, forget and output gates."""
    fields.require("vocab_size", "hidden_size")
    hidden, heads = fields.size("hidden_size"), fields.size("num_heads", 8)
    keys, values = _share(fields, "qk_dim_factor", 0.5, hidden), _share(fields, "v_dim_factor", 1.0, hidden)
    multiple = fields.size("ffn_round_up_to_multiple_of", 64)
    wide = -(-_share(fields, "ffn_proj_factor", 2.667, hidden) // multiple) * multiple
    mixer = StateMixer(
        form="recurrence", heads=heads, into=2 * keys + 2 * values + 2 * heads, out_of=values, small_params=values + 2 * heads,
        state_elements=keys * values // heads + keys + heads, state_bytes=4, state_products=4,
    )  # fmt: skip
    layer = Layer(
        count=fields.size("num_blocks", fields.layers()), mixer=mixer, feed_forward=Mlp(intermediate=wide), norm_params=2 * hidden
    )
    return DecoderShape(
        hidden=hidden, vocab=fields.size("vocab_size"), layers=(layer,), tied=fields.flag("tie_word_embeddings"),
        max_context=fields.size("max_position_embeddings", 8192), final_params=hidden,
    )  # fmt: skip


def _share(fields: Fields, name: str, usual: float, hidden: int) -> int:
    value = fields.raw(name)
    factor = float(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 64 else usual
    return int(factor * hidden)


LOOKING: Final[dict[str, Callable[[Fields], TowersShape | Seq2SeqShape | DecoderShape]]] = {
    "chinese_clip": read_chinese_clip,
    "layoutlmv3": read_layoutlmv3,
    "blip": read_blip,
    "florence2": read_florence2,
    "speech_to_text": read_speech_to_text,
    "xlstm": read_xlstm,
}
