"""More text encoders: RoFormer, BigBird, Longformer, ESM, jina-embeddings-v3, XMOD's kin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gpuplanner.catalog.schema.shape_blocks import Linear, Piece, Vector
from gpuplanner.catalog.schema.shape_towers import Tower, TowersShape
from gpuplanner.engine.architecture.readers.encoder_heads import Style, head_of, labels
from gpuplanner.engine.architecture.readers.encoders import read_roberta, read_styled
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.towers import encoder_layer


def read_roformer(fields: Fields) -> TowersShape:
    """RoFormer (arXiv 2104.09864): rotary positions, kept as a table a head dimension wide."""
    table = fields.size("max_position_embeddings", 1536) * max(
        fields.size("hidden_size") // fields.size("num_attention_heads"), 1
    )
    return read_styled(fields, Style(positions=False, pools=False, pools_class=False, wide_class=True), table)


def read_big_bird(fields: Fields) -> TowersShape:
    """BigBird (arXiv 2007.14062): as BERT, and its masked head keeps the pooler."""
    shape = read_styled(fields, Style())
    if head_of(fields) != "masked":
        return shape
    tower = shape.towers[0]
    pooler = Linear(name="pooler", rows_in=tower.hidden, cols_out=tower.hidden, runs="once")
    return TowersShape(towers=(tower.model_copy(update={"ends": (pooler, *tower.ends)}),))


def read_longformer(fields: Fields) -> TowersShape:
    """Longformer (arXiv 2004.05150): windows, and matrices of their own for tokens that see everything."""
    shape = read_roberta(fields)
    tower = shape.towers[0]
    again = 3 * (tower.hidden * tower.hidden + tower.hidden)
    layers = tuple(layer.model_copy(update={"extra_params": layer.extra_params + again}) for layer in tower.layers)
    return TowersShape(towers=(tower.model_copy(update={"layers": layers}),))


def read_jina(fields: Fields) -> TowersShape:
    """jina-embeddings-v3: XLM-RoBERTa with rotary positions."""
    return read_styled(fields, Style(positions=False, types=1, pools_class=False, wide_class=True))


def read_esm(fields: Fields) -> TowersShape:
    """ESM-2: proteins; rotary positions unless told otherwise, norms before the blocks, and a map of contacts."""
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size")
    hidden, heads, count = fields.size("hidden_size"), fields.size("num_attention_heads"), fields.layers()
    layer = encoder_layer(hidden, heads, fields.size("intermediate_size", 4 * hidden), count=count)
    rows = fields.size("max_position_embeddings", 1026) if fields.word("position_embedding_type") == "absolute" else 0
    norms = 4 if fields.flag("emb_layer_norm_before") else 2
    ends: tuple[Piece, ...] = (Vector(name="contacts", params=count * heads + 1),)
    square = Linear(name="dense", rows_in=hidden, cols_out=hidden)
    match head_of(fields):
        case "masked":
            ends += (square, Vector(name="norm", params=2 * hidden), Vector(name="bias", params=fields.size("vocab_size")))
        case "classes":
            ends += (square, Linear(name="classifier", rows_in=hidden, cols_out=labels(fields), runs="once"))
        case "tokens":
            ends += (Linear(name="classifier", rows_in=hidden, cols_out=labels(fields)),)
        case _:
            ends += (square.model_copy(update={"name": "pooler", "runs": "once"}),)
    tower = Tower(
        name="text", hidden=hidden, layers=(layer,), vocab=fields.size("vocab_size"), table_params=rows * hidden,
        final_params=norms * hidden, ends=ends,
    )  # fmt: skip
    return TowersShape(towers=(tower,))


WRITING: Final[dict[str, Callable[[Fields], TowersShape]]] = {
    "roformer": read_roformer,
    "big_bird": read_big_bird,
    "longformer": read_longformer,
    "jina_embeddings_v3": read_jina,
    "esm": read_esm,
}
