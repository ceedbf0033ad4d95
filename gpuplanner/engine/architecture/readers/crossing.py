"""More encoder-decoders: LED, FSMT, T5Gemma, Moonshine, and those whose feed-forward blocks are experts here and there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gpuplanner.catalog.schema.shape import Attention, Experts, Layer, Mlp
from gpuplanner.catalog.schema.shape_blocks import Convolution, Vector
from gpuplanner.catalog.schema.shape_towers import Seq2SeqShape, Tower
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.parts import Family, grouped, grouped_heads, windows
from gpuplanner.engine.architecture.readers.seq2seq import read_bart, read_m2m, read_t5
from gpuplanner.engine.architecture.readers.towers import encoder_layer

_SUMMARY: Final = 16  # tokens that one of LongT5's global tokens stands for


def read_longt5(fields: Fields) -> Seq2SeqShape:
    """LongT5 (arXiv 2112.07916): as T5; with global tokens, each encoder layer norms them and the first places them."""
    shape = read_t5(fields)
    if fields.word("encoder_attention_type") != "transient-global":
        return shape
    tower, heads = shape.encoder, fields.size("num_heads")
    layers = tuple(layer.model_copy(update={"norm_params": layer.norm_params + tower.hidden}) for layer in tower.layers)
    tables = tower.table_params + fields.size("relative_attention_num_buckets", 32) * heads
    return shape.model_copy(update={"encoder": tower.model_copy(update={"layers": layers, "table_params": tables})})


def read_switch(fields: Fields) -> Seq2SeqShape:
    """Switch Transformers (arXiv 2101.03961): in every n-th layer one expert a token."""
    shape = read_t5(fields)
    encoder, decoder = fields.size("num_layers"), fields.size("num_decoder_layers", fields.size("num_layers"))
    steps = (
        fields.size("encoder_sparse_step", max(encoder // fields.size("num_sparse_encoder_layers", 3), 1)),
        fields.size("decoder_sparse_step", max(decoder // fields.size("num_sparse_decoder_layers", 3), 1)),
    )
    return _sparse(fields, shape, steps, chosen=1)


def read_nllb_moe(fields: Fields) -> Seq2SeqShape:
    """NLLB's mixture (arXiv 2207.04672): two experts a token in every n-th layer."""
    steps = (fields.size("encoder_sparse_step", 4), fields.size("decoder_sparse_step", 4))
    return _sparse(fields, read_m2m(fields), steps, chosen=2)


def _sparse(fields: Fields, shape: Seq2SeqShape, steps: tuple[int, int], chosen: int) -> Seq2SeqShape:
    count = fields.size("num_experts")
    towers = []
    for tower, step in zip((shape.encoder, shape.decoder), steps, strict=True):
        layer = tower.layers[0]
        plain = layer.feed_forward
        if not isinstance(plain, Mlp):
            return shape
        experts = Experts(
            experts=count, top_k=min(chosen, count), intermediate=plain.intermediate, gated=plain.gated, bias=plain.bias_in
        )
        # where a step is 1 every layer is sparse, otherwise the second of each group is
        sparse = sum(1 for index in range(layer.count) if step == 1 or index % step == 1)
        kinds = [layer.model_copy(update={"count": layer.count - sparse})] if layer.count > sparse else []
        if sparse:
            kinds.append(layer.model_copy(update={"count": sparse, "feed_forward": experts}))
        towers.append(tower.model_copy(update={"layers": tuple(kinds)}))
    return shape.model_copy(update={"encoder": towers[0], "decoder": towers[1]})


def read_led(fields: Fields) -> Seq2SeqShape:
    """LED (arXiv 2004.05150): a long encoder that looks at a window, and with matrices of their own from chosen tokens at all."""
    shape = read_bart(fields)
    hidden = shape.encoder.hidden
    layer = shape.encoder.layers[0].model_copy(update={"extra_params": 3 * (hidden * hidden + hidden)})
    encoder = shape.encoder.model_copy(
        update={"layers": (layer,), "table_params": fields.size("max_encoder_position_embeddings", 16384) * hidden}
    )
    decoder = shape.decoder.model_copy(update={"table_params": fields.size("max_decoder_position_embeddings", 1024) * hidden})
    return shape.model_copy(update={"encoder": encoder, "decoder": decoder})


def read_fsmt(fields: Fields) -> Seq2SeqShape:
    """FSMT: two vocabularies, norms after the blocks."""
    shape = read_bart(fields.over(vocab_size=fields.size("tgt_vocab_size")))
    tower = shape.encoder.model_copy(update={"vocab": fields.size("src_vocab_size"), "final_params": 0})
    tied = fields.flag("tie_word_embeddings", default=False)
    return shape.model_copy(
        update={"encoder": tower, "decoder": shape.decoder.model_copy(update={"final_params": 0}), "tied": tied}
    )


def read_mvp(fields: Fields) -> Seq2SeqShape:
    """MVP: as BART."""
    return read_bart(fields)


def read_t5gemma(fields: Fields) -> Seq2SeqShape:
    """T5Gemma: Gemma 2's layers as encoder and, with attention to it, as decoder."""
    into, out = fields.part("encoder", "t5_gemma_module"), fields.part("decoder", "t5_gemma_module")
    encoder, decoder = _gemma(into, None), _gemma(out, into.size("hidden_size"))
    return Seq2SeqShape(
        encoder=encoder, decoder=decoder, tied=fields.flag("tie_word_embeddings", default=True),
        max_context=out.size("max_position_embeddings", 8192),
    )  # fmt: skip


def _gemma(fields: Fields, context: int | None) -> Tower:
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "intermediate_size")
    hidden, family = fields.size("hidden_size"), Family(pattern=2)
    feed, layers = Mlp(intermediate=fields.size("intermediate_size")), []
    for window in windows(fields, family, fields.layers()):
        attention = grouped_heads(fields, family, window)
        cross = None if context is None else attention.model_copy(update={"window": None, "context_dim": context})
        norms = (4 if cross is None else 6) * hidden
        layers.append(Layer(count=1, attention=attention, cross=cross, feed_forward=feed, norm_params=norms))
    return Tower(
        name="encoder" if context is None else "decoder", hidden=hidden, layers=grouped(layers), vocab=fields.size("vocab_size"),
        final_params=hidden,
    )  # fmt: skip


def read_moonshine(fields: Fields) -> Seq2SeqShape:
    """Moonshine (arXiv 2410.15608): three convolutions over raw sound, rotary positions, a gated decoder."""
    hidden, wide = fields.size("hidden_size"), fields.size("intermediate_size")
    heads, out_heads = fields.size("encoder_num_attention_heads", 8), fields.size("decoder_num_attention_heads", 8)
    bias = fields.flag("attention_bias")
    layer = encoder_layer(
        hidden, heads, wide, count=fields.size("encoder_num_hidden_layers"), bias=bias, mlp_bias=True, norm_params=2 * hidden
    )
    stem = (
        Convolution(name="conv1", channels_in=1, channels_out=hidden, kernel=(127,), stride=(64,), bias=False, scale=1 / 64),
        Vector(name="norm", params=2 * hidden),
        Convolution(name="conv2", channels_in=hidden, channels_out=2 * hidden, kernel=(7,), stride=(3,), scale=1 / 192),
        Convolution(name="conv3", channels_in=2 * hidden, channels_out=hidden, kernel=(3,), stride=(2,), scale=1 / 384),
    )
    encoder = Tower(name="audio", hidden=hidden, layers=(layer,), final_params=hidden, stem=stem)
    attention = Attention(
        heads=out_heads, kv_heads=fields.size("decoder_num_key_value_heads", out_heads), head_dim=max(hidden // out_heads, 1),
        bias_q=bias, bias_kv=bias, bias_o=bias,
    )  # fmt: skip
    crossing = Layer(
        count=fields.size("decoder_num_hidden_layers"), attention=attention, cross=attention, norm_params=3 * hidden,
        feed_forward=Mlp(intermediate=wide, bias_in=True, bias_out=True),
    )  # fmt: skip
    decoder = Tower(name="decoder", hidden=hidden, layers=(crossing,), vocab=fields.size("vocab_size"), final_params=hidden)
    return Seq2SeqShape(
        encoder=encoder, decoder=decoder, tied=fields.flag("tie_word_embeddings", default=True),
        max_context=fields.size("max_position_embeddings", 512),
    )  # fmt: skip


CROSSING: Final[dict[str, Callable[[Fields], Seq2SeqShape]]] = {
    "longt5": read_longt5,
    "switch_transformers": read_switch,
    "nllb-moe": read_nllb_moe,
    "led": read_led,
    "fsmt": read_fsmt,
    "mvp": read_mvp,
    "t5gemma": read_t5gemma,
    "moonshine": read_moonshine,
}
