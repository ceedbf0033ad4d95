"""Text encoders: BERT and its line, DeBERTa, ModernBERT; their heads by the name of the class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gpuplanner.catalog.schema.shape import Attention, Layer
from gpuplanner.catalog.schema.shape_blocks import Linear, Piece, Vector
from gpuplanner.catalog.schema.shape_towers import Tower, TowersShape
from gpuplanner.engine.architecture.readers.encoder_heads import Style, classifier, deberta_ends, ends_of, head_of, labels, square
from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture
from gpuplanner.engine.architecture.readers.towers import encoder_layer

_TASKS: Final = 3  # rows of ERNIE's task table

_BERT: Final = Style()
_ROBERTA: Final = Style(pools_class=False, wide_class=True)


def read_bert(fields: Fields) -> TowersShape:
    """BERT, and bge, gte, m3e, MiniLM and others made from it."""
    return read_styled(fields, _BERT)


def read_roberta(fields: Fields) -> TowersShape:
    """RoBERTa, XLM-R, CamemBERT, bge-m3."""
    return read_styled(fields, _ROBERTA)


def read_ernie(fields: Fields) -> TowersShape:
    """ERNIE: as BERT, with a table of tasks where ``use_task_id`` is on."""
    tasks = fields.size("task_type_vocab_size", _TASKS) * fields.size("hidden_size") if fields.flag("use_task_id") else 0
    return read_styled(fields, _BERT, extra_tables=tasks)


def read_distilbert(fields: Fields) -> TowersShape:
    """DistilBERT: no token types, no pooler; its own spelling of the sizes."""
    renamed = fields.over(
        hidden_size=fields.size("dim", 768), num_hidden_layers=fields.size("n_layers", 6),
        num_attention_heads=fields.size("n_heads", 12), intermediate_size=fields.size("hidden_dim", 3072), type_vocab_size=0,
    )  # fmt: skip
    shape = read_styled(renamed, Style(pools=False, pools_class=False, types=0))
    if head_of(fields) != "classes":
        return shape
    hidden = renamed.size("hidden_size")
    return _ending(shape, (square(hidden, "pre_classifier"), *shape.towers[0].ends))


def read_mpnet(fields: Fields) -> TowersShape:
    """MPNet: positions also as a bias of the scores, shared by all layers; the class adds one to no table."""
    scores = fields.size("relative_attention_num_buckets", 32) * fields.size("num_attention_heads")
    return read_styled(fields, Style(types=0, pools_class=False, wide_class=True), extra_tables=scores)


def read_electra(fields: Fields) -> TowersShape:
    """ELECTRA: a narrower embedding, and a discriminator in place of a masked head."""
    hidden, width = fields.size("hidden_size"), fields.size("embedding_size", 128)
    shape = read_styled(fields, Style(pools=False, pools_class=False, wide_class=True), width=width)
    head = head_of(fields)
    if head == "pretraining":
        return _ending(shape, (square(hidden, "discriminator"), Linear(name="verdict", rows_in=hidden, cols_out=1)))
    if head == "masked":
        vocab = fields.size("vocab_size")
        dense = Linear(name="masked.dense", rows_in=hidden, cols_out=width)
        return _ending(shape, (dense, Vector(name="masked.norm", params=2 * width), Vector(name="masked.bias", params=vocab)))
    return shape


def read_albert(fields: Fields) -> TowersShape:
    """ALBERT: all layers share one set of weights; a narrow embedding."""
    hidden, width, vocab = fields.size("hidden_size"), fields.size("embedding_size", 128), fields.size("vocab_size")
    count, groups = fields.layers(), fields.size("num_hidden_groups", 1)
    layer = encoder_layer(hidden, fields.size("num_attention_heads"), fields.size("intermediate_size", 4 * hidden), count=groups)
    layers: tuple[Layer, ...] = (layer,)
    if count > groups:
        layers += (layer.model_copy(update={"count": count - groups, "copies_params": True}),)
    tables = (fields.size("max_position_embeddings", 512) + fields.size("type_vocab_size", 2)) * width
    head = head_of(fields)
    pooler: tuple[Piece, ...] = (square(hidden, "pooler"),)
    masked: tuple[Piece, ...] = (
        Linear(name="masked.dense", rows_in=hidden, cols_out=width),
        Vector(name="masked.norm", params=2 * width),
        Vector(name="masked.bias", params=vocab),
    )
    ends = masked if head == "masked" else pooler if head in ("pooler", "pretraining") else (*pooler, *classifier(fields, hidden))
    tower = Tower(
        name="text", hidden=hidden, layers=layers, vocab=vocab, embedding_dim=width, table_params=tables,
        final_params=2 * width, stem=(Linear(name="widen", rows_in=width, cols_out=hidden),), ends=ends,
    )  # fmt: skip
    return TowersShape(towers=(tower,))


def read_deberta(fields: Fields) -> TowersShape:
    """DeBERTa 2 and 3: relative positions in a table of their own, projected by queries and keys too; no pooler."""
    hidden, heads = fields.size("hidden_size"), fields.size("num_attention_heads")
    relative = fields.flag("relative_attention")
    raw = fields.raw("pos_att_type")
    kinds = "|".join(map(str, raw)) if isinstance(raw, list) else str(raw or "")
    buckets = fields.raw("position_buckets")
    span = buckets if isinstance(buckets, int) and buckets > 0 else fields.raw("max_relative_positions")
    span = span if isinstance(span, int) and span > 0 else fields.size("max_position_embeddings", 512)
    tables = 0 if fields.raw("position_biased_input") is False else fields.size("max_position_embeddings", 512) * hidden
    tables += fields.count("type_vocab_size") * hidden
    final = 2 * hidden
    extra = 0
    if relative:
        tables += 2 * span * hidden
        final += 2 * hidden if "layer_norm" in fields.word("norm_rel_ebd") else 0
        if not fields.flag("share_att_key"):
            extra = ("c2p" in kinds) * (hidden * hidden + hidden) + ("p2c" in kinds) * (hidden * hidden + hidden)
    kernel = fields.count("conv_kernel_size")
    if kernel:
        final += kernel * hidden * hidden // fields.size("conv_groups", 1) + hidden + 2 * hidden
    layer = encoder_layer(hidden, heads, fields.size("intermediate_size", 4 * hidden), count=fields.layers(), extra_params=extra)
    tower = Tower(
        name="text", hidden=hidden, layers=(layer,), vocab=fields.size("vocab_size"), table_params=tables, final_params=final,
        ends=deberta_ends(fields, hidden),
    )  # fmt: skip
    return TowersShape(towers=(tower,))


def read_deberta_first(fields: Fields) -> TowersShape:
    """DeBERTa 1: queries and values have a bias, keys none; positions are projected without one for keys."""
    shape = read_deberta(fields.over(relative_attention=False))
    hidden, raw = fields.size("hidden_size"), fields.raw("pos_att_type")
    kinds = "|".join(map(str, raw)) if isinstance(raw, list) else str(raw or "")
    layer, tower = shape.towers[0].layers[0], shape.towers[0]
    attention = layer.attention
    extra = 0
    tables = tower.table_params
    if fields.flag("relative_attention"):
        span = fields.raw("max_relative_positions")
        span = span if isinstance(span, int) and span > 0 else fields.size("max_position_embeddings", 512)
        tables += 2 * span * hidden
        extra = ("c2p" in kinds) * hidden * hidden + ("p2c" in kinds) * (hidden * hidden + hidden)
    if isinstance(attention, Attention):
        attention = attention.model_copy(update={"bias_v_alone": True})
    layer = layer.model_copy(update={"attention": attention, "extra_params": extra})
    return TowersShape(towers=(tower.model_copy(update={"layers": (layer,), "table_params": tables}),))


def read_modernbert(fields: Fields) -> TowersShape:
    """ModernBERT: gated feed-forward, rotary positions, no biases, two windowed layers to each full one."""
    hidden, heads, count = fields.size("hidden_size"), fields.size("num_attention_heads"), fields.layers()
    bias, mlp_bias = fields.flag("attention_bias"), fields.flag("mlp_bias")
    norm = hidden * (2 if fields.flag("norm_bias") else 1)
    layer = encoder_layer(
        hidden, heads, fields.size("intermediate_size"), gated=True, bias=bias, mlp_bias=mlp_bias, norm_params=2 * norm
    )
    window, every = fields.count("local_attention"), fields.size("global_attn_every_n_layers", 3)
    full = -(-count // every)
    first = layer.model_copy(update={"norm_params": norm})
    layers = [first]
    if full > 1:
        layers.append(layer.model_copy(update={"count": full - 1}))
    if count > full and isinstance(layer.attention, Attention):
        near = layer.attention.model_copy(update={"window": window or None})
        layers.append(layer.model_copy(update={"count": count - full, "attention": near}))
    head = head_of(fields)
    dense = Linear(name="head.dense", rows_in=hidden, cols_out=hidden, bias=fields.flag("classifier_bias"))
    ends: tuple[Piece, ...] = ()
    if head != "pooler":
        ends = (dense, Vector(name="head.norm", params=norm))
    if head == "masked":
        ends += (Vector(name="masked.bias", params=fields.size("vocab_size") if fields.flag("decoder_bias", True) else 0),)
    elif head in ("classes", "tokens"):
        ends += (Linear(name="classifier", rows_in=hidden, cols_out=labels(fields), runs="once"),)
    tower = Tower(
        name="text", hidden=hidden, layers=tuple(layers), vocab=fields.size("vocab_size"), final_params=2 * norm, ends=ends
    )
    return TowersShape(towers=(tower,))


def read_nomic(fields: Fields) -> TowersShape:
    """Nomic BERT: gated feed-forward, rotary positions, no biases; GPT-2's spelling of the sizes."""
    style = Style(positions=False, gated=True, bias=False, mlp_bias_in=False, mlp_bias_out=False, pools=False)
    return read_styled(fields, style)


def read_gte(fields: Fields) -> TowersShape:
    """GTE 1.5 ("new"): gated feed-forward with one bias, rotary positions."""
    style = Style(
        positions=fields.word("position_embedding_type") == "absolute", gated=True, mlp_bias_in=False, types=1, pools_class=True,
        pools=fields.flag("add_pooling_layer", default=True) and fields.word("model_type") == "new",
    )  # fmt: skip
    return read_styled(fields, style)


def read_styled(fields: Fields, style: Style, extra_tables: int = 0, width: int | None = None) -> TowersShape:
    """An encoder of BERT's form with the habits of ``style``; ``width`` of its embedding where that is narrower."""
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size")
    if fields.flag("add_cross_attention"):
        raise UnsupportedArchitecture("encoder_decoder")
    hidden = fields.size("hidden_size")
    layer = encoder_layer(
        hidden, fields.size("num_attention_heads"), fields.size("intermediate_size", 4 * hidden), count=fields.layers(),
        gated=style.gated, bias=style.bias,
    )  # fmt: skip
    if layer.feed_forward is not None:
        biases = {"bias_in": style.mlp_bias_in, "bias_out": style.mlp_bias_out}
        layer = layer.model_copy(update={"feed_forward": layer.feed_forward.model_copy(update=biases)})
    row = width or hidden
    rows = fields.count("type_vocab_size", style.types)
    rows += fields.size("max_position_embeddings", 512) if style.positions else 0
    widen = (Linear(name="widen", rows_in=row, cols_out=hidden),) if row != hidden else ()
    tower = Tower(
        name="text", hidden=hidden, layers=(layer,), vocab=fields.size("vocab_size"), embedding_dim=width,
        table_params=rows * row + extra_tables, final_params=2 * row, stem=widen, ends=ends_of(fields, style, hidden),
    )  # fmt: skip
    return TowersShape(towers=(tower,))


def _ending(shape: TowersShape, ends: tuple[Piece, ...]) -> TowersShape:
    return TowersShape(towers=(shape.towers[0].model_copy(update={"ends": ends}), *shape.towers[1:]))


_READERS: Final[tuple[tuple[Callable[[Fields], TowersShape], str], ...]] = (
    (read_bert, "bert megatron-bert layoutlm roc_bert"),
    (read_roberta, "roberta xlm-roberta camembert data2vec-text"),
    (read_ernie, "ernie"),
    (read_distilbert, "distilbert"),
    (read_mpnet, "mpnet"),
    (read_electra, "electra"),
    (read_albert, "albert"),
    (read_deberta, "deberta-v2"),
    (read_deberta_first, "deberta"),
    (read_modernbert, "modernbert"),
    (read_nomic, "nomic_bert"),
    (read_gte, "new gte"),
)

ENCODERS: Final = {kind: reader for reader, kinds in _READERS for kind in kinds.split()}


def looks_encoder(fields: Fields) -> bool:
    """Whether a config of no known type reads as BERT's: its own fields, and a class that writes nothing."""
    names = fields.items("architectures")
    name = names[0] if names and isinstance(names[0], str) else ""
    writes = name.endswith(("ForCausalLM", "LMHeadModel", "ForConditionalGeneration"))
    return fields.has("type_vocab_size") and fields.has("hidden_size") and not writes and fields.raw("is_decoder") is not True
