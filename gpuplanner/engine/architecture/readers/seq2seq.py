"""Encoder-decoders: T5 and its line, BART and its line, Whisper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gpuplanner.catalog.schema.shape import Attention, Layer, Mlp
from gpuplanner.catalog.schema.shape_towers import Seq2SeqShape, Tower, TowersShape
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.towers import encoder_layer, whisper


@dataclass(frozen=True, slots=True)
class Bart:
    """What one of BART's line does that its config doesn't say.

    ``offset`` rows of the position table beyond the longest input; None: positions aren't stored.
    """

    offset: int | None = 2
    embedding_norm: bool = True
    last_norm: bool = False
    decoder_offset: int | None = 2


_BART: Final = Bart()
_MBART: Final = Bart(last_norm=True)
_PEGASUS: Final = Bart(offset=0, decoder_offset=0, embedding_norm=False, last_norm=True)
_MARIAN: Final = Bart(offset=0, decoder_offset=0, embedding_norm=False)
_M2M: Final = Bart(offset=None, decoder_offset=None, embedding_norm=False, last_norm=True)
_BLENDERBOT: Final = Bart(offset=0, decoder_offset=0, embedding_norm=False, last_norm=True)
_BLENDERBOT_SMALL: Final = Bart(offset=0, decoder_offset=0)


def read_t5(fields: Fields) -> Seq2SeqShape:
    """T5, Flan-T5, mT5, LongT5's plain kin."""
    return _t5(fields, every_layer=False)


def read_umt5(fields: Fields) -> Seq2SeqShape:
    """UMT5: a table of relative positions in every layer."""
    return _t5(fields, every_layer=True)


def read_t5_encoder(fields: Fields) -> TowersShape:
    """The encoder alone, as pipelines use it to read prompts."""
    encoder = _t5(fields, every_layer=fields.word("model_type") == "umt5").encoder
    return TowersShape(towers=(encoder.model_copy(update={"name": "text", "vocab": fields.size("vocab_size")}),))


def _t5(fields: Fields, *, every_layer: bool) -> Seq2SeqShape:
    fields.require("d_model", "num_layers", "d_ff", "vocab_size")
    hidden, heads = fields.size("d_model"), fields.size("num_heads", fields.size("num_attention_heads", 8))
    count = fields.size("num_layers")
    gated = fields.flag("is_gated_act", default=fields.word("feed_forward_proj").startswith("gated"))
    attention = Attention(heads=heads, kv_heads=heads, head_dim=fields.size("d_kv", max(hidden // heads, 1)))
    feed = Mlp(intermediate=fields.size("d_ff"), gated=gated)
    buckets = fields.size("relative_attention_num_buckets", 32) * heads

    def stack(layers: int, norms: int, cross: Attention | None) -> tuple[int, tuple[Layer, ...]]:
        table = buckets * layers if every_layer else buckets
        return table, (Layer(count=layers, attention=attention, cross=cross, feed_forward=feed, norm_params=norms * hidden),)

    tables, layers = stack(count, 2, None)
    more_tables, more_layers = stack(fields.size("num_decoder_layers", count), 3, attention)
    return Seq2SeqShape(
        encoder=Tower(name="encoder", hidden=hidden, layers=layers, table_params=tables, final_params=hidden),
        decoder=Tower(
            name="decoder", hidden=hidden, layers=more_layers, vocab=fields.size("vocab_size"), table_params=more_tables,
            final_params=hidden,
        ),
        tied=fields.flag("tie_word_embeddings", default=True),
        max_context=fields.size("n_positions") if fields.has("n_positions") else None,
    )  # fmt: skip


def read_bart(fields: Fields) -> Seq2SeqShape:
    """BART."""
    return _bart(fields, _BART)


def read_mbart(fields: Fields) -> Seq2SeqShape:
    """mBART, PLBart's multilingual kin, MVP."""
    return _bart(fields, _MBART)


def read_pegasus(fields: Fields) -> Seq2SeqShape:
    """Pegasus."""
    return _bart(fields, _PEGASUS)


def read_marian(fields: Fields) -> Seq2SeqShape:
    """Marian's translation models."""
    return _bart(fields, _MARIAN)


def read_m2m(fields: Fields) -> Seq2SeqShape:
    """M2M-100 and NLLB: positions are computed."""
    return _bart(fields, _M2M)


def read_blenderbot(fields: Fields) -> Seq2SeqShape:
    """Blenderbot."""
    return _bart(fields, _BLENDERBOT)


def read_blenderbot_small(fields: Fields) -> Seq2SeqShape:
    """Blenderbot, the small one: norms as BART."""
    return _bart(fields, _BLENDERBOT_SMALL)


def _bart(fields: Fields, style: Bart) -> Seq2SeqShape:
    fields.require("d_model", "encoder_layers", "decoder_layers", "encoder_attention_heads", "vocab_size")
    hidden, longest = fields.size("d_model"), fields.size("max_position_embeddings", 1024)
    final = 2 * hidden * (int(style.embedding_norm) + int(style.last_norm))
    heads = fields.size("encoder_attention_heads")
    layer = encoder_layer(hidden, heads, fields.size("encoder_ffn_dim", 4 * hidden), count=fields.size("encoder_layers"))
    return Seq2SeqShape(
        encoder=Tower(
            name="encoder", hidden=hidden, layers=(layer,), final_params=final,
            table_params=0 if style.offset is None else (longest + style.offset) * hidden,
        ),
        decoder=Tower(
            name="decoder", hidden=hidden, layers=(_crossing(fields, hidden),), vocab=fields.size("vocab_size"),
            final_params=final,
            table_params=0 if style.decoder_offset is None else (longest + style.decoder_offset) * hidden,
        ),
        tied=fields.flag("tie_word_embeddings", default=True),
        max_context=longest,
    )  # fmt: skip


def _crossing(fields: Fields, hidden: int, keys_biased: bool = True) -> Layer:
    """A decoder layer that attends to the encoder, with three full layer norms."""
    heads = fields.size("decoder_attention_heads", fields.size("encoder_attention_heads"))
    wide = fields.size("decoder_ffn_dim", 4 * hidden)
    layer = encoder_layer(hidden, heads, wide, count=fields.size("decoder_layers"), norm_params=6 * hidden)
    attention = layer.attention
    if isinstance(attention, Attention):
        attention = attention.model_copy(update={"bias_v_alone": not keys_biased})
        layer = layer.model_copy(update={"attention": attention, "cross": attention})
    return layer


def read_whisper(fields: Fields) -> Seq2SeqShape:
    """Whisper and Distil-Whisper: convolutions over the mel spectrogram, keys without biases."""
    fields.require("d_model", "encoder_layers", "decoder_layers", "encoder_attention_heads", "vocab_size")
    hidden, longest = fields.size("d_model"), fields.size("max_target_positions", 448)
    decoder = Tower(
        name="decoder", hidden=hidden, layers=(_crossing(fields, hidden, keys_biased=False),), vocab=fields.size("vocab_size"),
        table_params=longest * hidden, final_params=2 * hidden,
    )  # fmt: skip
    return Seq2SeqShape(
        encoder=whisper(fields), decoder=decoder, tied=fields.flag("tie_word_embeddings", default=True), max_context=longest
    )


_READERS: Final[tuple[tuple[Callable[[Fields], Seq2SeqShape], str], ...]] = (
    (read_t5, "t5 mt5"),
    (read_umt5, "umt5"),
    (read_bart, "bart plbart"),
    (read_mbart, "mbart"),
    (read_pegasus, "pegasus"),
    (read_marian, "marian"),
    (read_m2m, "m2m_100 nllb"),
    (read_blenderbot, "blenderbot"),
    (read_blenderbot_small, "blenderbot-small"),
    (read_whisper, "whisper"),
)

SEQ2SEQ: Final = {kind: reader for reader, kinds in _READERS for kind in kinds.split()}


def read_unknown(fields: Fields) -> Seq2SeqShape:
    """An encoder-decoder of no known type: as Whisper, T5 or BART, by its fields."""
    if fields.has("num_mel_bins"):
        return read_whisper(fields)
    return read_t5(fields) if fields.has("d_kv", "d_ff") else read_mbart(fields)
