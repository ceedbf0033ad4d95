"""GPT-2 and its line: full layer norms, plain feed-forward of four times the width, learned or rotary positions."""

from __future__ import annotations

from dataclasses import replace

from gpuplanner.catalog.schema.shape import DecoderShape, Layer
from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture
from gpuplanner.engine.architecture.readers.parts import Family, assemble, dense, grouped_heads

_SECOND = Family(bias_q=True, bias_kv=True, bias_o=True, bias_in=True, bias_out=True, gated=False, norm_bias=True, tied=True)
_NEOX = replace(_SECOND, tied=False)
_J = replace(_NEOX, bias_q=False, bias_kv=False, bias_o=False, bias_head=True, norms=1)
_NEO = replace(_SECOND, bias_q=False, bias_kv=False)


def read_second(fields: Fields) -> DecoderShape:
    """GPT-2 and GPT-3."""
    return _read(fields, _SECOND, learned_positions=True)


def read_bigcode(fields: Fields) -> DecoderShape:
    """StarCoder 1 and SantaCoder: GPT-2 with one key-value head."""
    kv_heads = 1 if fields.flag("multi_query", default=True) else None
    return _read(fields, _SECOND, learned_positions=True, kv_heads=kv_heads)


def read_neo(fields: Fields) -> DecoderShape:
    """GPT-Neo: no biases on queries, keys and values; ``attention_layers`` says which layers are windowed."""
    fields = fields.over(num_attention_heads=fields.raw("num_attention_heads") or fields.raw("num_heads"))
    kinds = [str(kind) for kind in fields.items("attention_layers", fields.layers())] or ["global"] * fields.layers()
    window = fields.size("window_size", 256)
    return _read(fields, _NEO, learned_positions=True, windows=[window if kind == "local" else None for kind in kinds])


def read_neox(fields: Fields) -> DecoderShape:
    """GPT-NeoX and Pythia."""
    bias = fields.flag("attention_bias", default=True)
    return _read(fields, replace(_NEOX, bias_q=bias, bias_kv=bias, bias_o=bias))


def read_j(fields: Fields) -> DecoderShape:
    """GPT-J and CodeGen: one norm a layer, biases on feed-forward and head only."""
    return _read(fields, _J)


def _read(
    fields: Fields,
    family: Family,
    learned_positions: bool = False,
    kv_heads: int | None = None,
    windows: list[int | None] | None = None,
) -> DecoderShape:
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size")
    if fields.flag("add_cross_attention"):
        raise UnsupportedArchitecture("encoder_decoder")
    hidden = fields.size("hidden_size")
    feed = dense(fields, family, fields.size("intermediate_size", 4 * hidden))
    norms = family.norms * family.norm_size(hidden)
    kinds = [
        Layer(count=1, attention=grouped_heads(fields, family, window, kv_heads), feed_forward=feed, norm_params=norms)
        for window in windows or [None] * fields.layers()
    ]
    positions = fields.size("max_position_embeddings", 1024) * hidden if learned_positions else 0
    return assemble(fields, family, kinds, position_params=positions)
