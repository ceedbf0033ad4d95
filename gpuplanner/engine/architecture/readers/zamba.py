"""Zamba: Mamba layers, and one or two blocks of attention whose weights serve again every few layers."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import Attention, DecoderShape, Layer, Mlp
from gpuplanner.engine.architecture.readers import mixers
from gpuplanner.engine.architecture.readers.fields import MAX_LAYERS, Fields, UnsupportedArchitecture
from gpuplanner.engine.architecture.readers.parts import Family, assemble


def read_first(fields: Fields) -> DecoderShape:
    """Zamba 1 (arXiv 2405.16712): Mamba 1 in heads, one shared block that sees stream and embedding side by side."""
    hidden, heads = fields.size("hidden_size"), fields.size("n_mamba_heads", 2)
    state, rank = fields.size("ssm_state", 16), fields.size("ssm_rank", -(-hidden // 16))
    inner = fields.size("ssm_expand", 2) * hidden
    each = max(inner // heads, 1)
    one = mixers.mamba(fields.over(mamba_dt_rank=rank))
    mixer = one.model_copy(
        update={"inner": ((each * heads, rank + 2 * state), (rank, each * heads)), "conv_bias": True, "heads": heads}
    )
    return _with_shared(fields, Layer(count=1, mixer=mixer, norm_params=hidden), adapters=0)


def read_second(fields: Fields) -> DecoderShape:
    """Zamba 2 (arXiv 2411.15242): Mamba 2; each use of a shared block has low-rank adapters of its own."""
    hidden, heads = fields.size("hidden_size"), fields.size("n_mamba_heads", 8)
    inner = fields.size("ssm_expand", 2) * hidden
    values = {"mamba_headdim": fields.raw("mamba_headdim") or inner // heads or 1, "mamba_n_heads": heads}
    mixer = mixers.mamba2(fields.over(**values))
    rank, wide = fields.size("adapter_rank", 128), fields.size("intermediate_size", 4 * hidden)
    adapters = rank * (hidden + 2 * wide)
    if fields.flag("use_shared_attention_adapter"):
        adapters += 3 * rank * 2 * (2 * hidden)
    return _with_shared(fields, Layer(count=1, mixer=mixer, norm_params=hidden), adapters)


def _with_shared(fields: Fields, plain: Layer, adapters: int) -> DecoderShape:
    """Layers of state alone, those where the shared block comes first, and the shared block at its later uses."""
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size")
    hidden, count, heads = fields.size("hidden_size"), fields.layers(), fields.size("num_attention_heads")
    width = 2 * hidden  # stream and embedding side by side
    attention = Attention(
        heads=heads, kv_heads=fields.size("num_key_value_heads", heads), context_dim=width,
        head_dim=fields.size("attention_head_dim", width // heads),
    )  # fmt: skip
    wide = fields.size("intermediate_size", 4 * hidden)
    queries = hidden * attention.heads * attention.head_dim  # the queries, too, are made from both
    shared = Layer(
        count=1, attention=attention, feed_forward=Mlp(intermediate=wide), norm_params=width + hidden, extra_params=queries
    )
    if 2 * count > MAX_LAYERS:
        raise UnsupportedArchitecture("bad_value", field="num_hidden_layers", value=str(count))
    found, blocks = _uses(fields, count), fields.few("num_mem_blocks", 1)
    again = shared.model_copy(update={"copies_params": True})
    layers: list[Layer] = []
    for index in range(count):
        if index in found:
            layers.append(shared if found.index(index) < blocks else again)
            layers.append(plain.model_copy(update={"extra_params": hidden * hidden + adapters}))
        else:
            layers.append(plain)
    return assemble(fields, Family(tied=True), layers)


def _uses(fields: Fields, count: int) -> list[int]:
    """Layers in which a shared block works."""
    listed = fields.items("layers_block_type", count)
    if listed:
        return [index for index, kind in enumerate(listed) if kind == "hybrid"]
    named = [index for index in fields.items("hybrid_layer_ids") if isinstance(index, int)]
    if named:
        return named
    period, offset = fields.size("attn_layer_period", 6), fields.count("attn_layer_offset", 4)
    return [index for index in range(count) if index % period == offset]
