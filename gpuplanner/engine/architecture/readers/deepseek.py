"""DeepSeek V2 to V3.2 and what is built on them (Kimi K2, Moonlight, GLM-4.7 Flash, GLM-5): latent attention and experts."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import DecoderShape, LatentAttention, Layer
from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture
from gpuplanner.engine.architecture.readers.parts import Family, assemble, decoder


def read(fields: Fields) -> DecoderShape:
    """Leading dense layers, then routed and shared experts. Layers for multi-token prediction aren't part of the count."""
    if fields.raw("use_mla") is False:  # DeepSeek-OCR
        return read_first(fields)
    fields.require("kv_lora_rank")
    return decoder(fields, Family())


def read_first(fields: Fields) -> DecoderShape:
    """DeepSeek-MoE 16B and DeepSeek-OCR: the same experts under ordinary attention."""
    return decoder(fields, Family())


def read_shared_indexer(fields: Fields) -> DecoderShape:
    """GLM-5: as DeepSeek-V3.2; from 5.2 on, ``indexer_types`` names the layers that take over another layer's selection."""
    shape = read(fields)
    kinds = fields.items("indexer_types", fields.layers())
    if not kinds:
        return shape
    if not set(map(str, kinds)) <= {"full", "shared"}:
        raise UnsupportedArchitecture("bad_value", field="indexer_types", value=str(kinds[0])[:40])
    layers = [layer for layer in shape.layers for _ in range(layer.count)]
    return assemble(fields, Family(), [_indexed(layer, kind == "full") for layer, kind in zip(layers, kinds, strict=True)])


def _indexed(layer: Layer, own: bool) -> Layer:
    attention = layer.attention
    if own or not isinstance(attention, LatentAttention):
        return layer.model_copy(update={"count": 1})
    return layer.model_copy(update={"count": 1, "attention": attention.model_copy(update={"index_heads": 0})})
