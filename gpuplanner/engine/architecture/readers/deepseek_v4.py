"""DeepSeek-V4: one key-value vector for all heads, compressed along the sequence, and several streams between the blocks."""

from __future__ import annotations

from typing import Final

from gpuplanner.catalog.schema.shape import DecoderShape, LatentAttention, Layer
from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture
from gpuplanner.engine.architecture.readers.parts import Family, assemble, experts_of

_KINDS: Final = {"sliding_attention": 0, "compressed_sparse_attention": 4, "heavily_compressed_attention": 128}
_SPARSE: Final = 4  # at this stride and below, queries select among the compressed vectors, whose windows overlap


def read(fields: Fields) -> DecoderShape:
    """Experts throughout, the first few chosen by a table of the vocabulary instead of a router."""
    fields.require(
        "hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "head_dim", "q_lora_rank", "o_lora_rank",
        "qk_rope_head_dim", "num_experts", "num_experts_per_tok",
    )  # fmt: skip
    hidden, streams = fields.size("hidden_size"), fields.few("hc_mult", 4)
    experts = experts_of(fields, Family())
    mixing = (streams + 2) * streams  # what is read from, written to and carried over between the streams
    around = 2 * (mixing * streams * hidden + mixing + 3)
    kinds = []
    for stride in _strides(fields):
        attention = _attention(fields, stride)
        extra = around + attention.heads + _compressor(fields, stride)
        kinds.append(Layer(count=1, attention=attention, feed_forward=experts, norm_params=2 * hidden, extra_params=extra))
    return assemble(fields, Family(), kinds, final_params=hidden + streams * streams * hidden + streams + 1)


def _strides(fields: Fields) -> list[int]:
    layers = fields.layers()
    listed = fields.items("compress_ratios")
    if listed:  # layers that predict further tokens may follow
        if len(listed) < layers:
            raise UnsupportedArchitecture("wrong_length", field="compress_ratios", found=len(listed), expected=layers)
        return [Fields({"compress_ratios": item}).count("compress_ratios") for item in listed[:layers]]
    rates = fields.part("compress_rates")
    found = []
    for kind in fields.items("layer_types", layers) or ["heavily_compressed_attention"] * layers:
        if kind not in _KINDS:
            raise UnsupportedArchitecture("hybrid_attention", kind=str(kind)[:40])
        found.append(rates.count(str(kind), _KINDS[str(kind)]))
    return found


def _attention(fields: Fields, stride: int) -> LatentAttention:
    head_dim, rope = fields.size("head_dim"), fields.size("qk_rope_head_dim")
    if rope >= head_dim:
        raise UnsupportedArchitecture("bad_value", field="qk_rope_head_dim", value=str(rope))
    selects = 0 < stride <= _SPARSE
    return LatentAttention(
        heads=fields.size("num_attention_heads"),
        q_lora_rank=fields.size("q_lora_rank"),
        kv_lora_rank=head_dim - rope,
        qk_nope_head_dim=head_dim - rope,
        qk_rope_head_dim=rope,
        v_head_dim=head_dim,
        direct=True,
        stride=stride,
        window=fields.size("sliding_window", 128),
        out_rank=fields.size("o_lora_rank"),
        out_groups=fields.size("o_groups", 8),
        index_heads=fields.count("index_n_heads") if selects else 0,
        index_head_dim=fields.count("index_head_dim") if selects else 0,
        index_top_k=fields.count("index_topk") if selects else 0,
    )


def _compressor(fields: Fields, stride: int) -> int:
    """Parameters that make one vector of ``stride`` tokens, beyond those the indexer's operator counts."""
    if not stride:
        return 0
    hidden, head_dim = fields.size("hidden_size"), fields.size("head_dim")
    overlap = 2 if stride <= _SPARSE else 1
    own = overlap * head_dim * (2 * hidden + stride) + head_dim
    if stride > _SPARSE:
        return own
    index = fields.count("index_head_dim")
    # the indexer's operator has one matrix for its keys and a norm with a bias; here there are keys and gates, twice as wide
    return own + overlap * index * (2 * hidden + stride) + index - (hidden * index + 2 * index)
