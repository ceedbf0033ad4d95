"""More speech encoders: conformers behind wav2vec 2's convolutions or a spectrogram."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gpuplanner.catalog.schema.shape import Layer
from gpuplanner.catalog.schema.shape_blocks import Linear, Piece, Vector
from gpuplanner.catalog.schema.shape_towers import Tower, TowersShape
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.hearing import conformer_layers, parakeet
from gpuplanner.engine.architecture.readers.speech import letters, read_wav2vec


def read_conformer(fields: Fields) -> TowersShape:
    """wav2vec 2 with conformer layers in place of transformer ones."""
    plain = read_wav2vec(fields).towers[0]
    relative = fields.word("position_embeddings_type") in ("", "relative")
    tower = plain.model_copy(update={"layers": _layers(fields, plain.hidden, relative=relative, extra=0)})
    return TowersShape(towers=(tower,))


def read_bert(fields: Fields) -> TowersShape:
    """w2v-BERT 2: conformer layers over a spectrogram of two frames a token."""
    hidden, into = fields.size("hidden_size"), fields.size("feature_projection_input_dim", 160)
    head_dim = max(hidden // fields.size("num_attention_heads"), 1)
    span = fields.count("left_max_position_embeddings", 64) + fields.count("right_max_position_embeddings", 8) + 1
    near = fields.word("position_embeddings_type") in ("", "relative_key")
    masked = hidden if fields.raw("mask_time_prob") != 0.0 else 0
    stem: tuple[Piece, ...] = (
        Vector(name="projection.norm", params=2 * into),
        Linear(name="projection", rows_in=into, cols_out=hidden),
    )
    tower = Tower(
        name="audio", hidden=hidden, layers=_layers(fields, hidden, relative=False, extra=span * head_dim if near else 0),
        table_params=masked, stem=stem, ends=letters(fields, hidden),
    )  # fmt: skip
    return TowersShape(towers=(tower,))


def _layers(fields: Fields, hidden: int, *, relative: bool, extra: int) -> tuple[Layer, ...]:
    return conformer_layers(
        fields, hidden, fields.size("num_attention_heads"), fields.size("intermediate_size", 4 * hidden), fields.layers(),
        kernel=fields.size("conv_depthwise_kernel_size", 31), conv_bias=False, bias=True, relative=relative, extra=extra,
    )  # fmt: skip


def read_parakeet(fields: Fields) -> TowersShape:
    """Parakeet with a head of letters."""
    tower = parakeet(fields.part("encoder_config", "parakeet_encoder"))
    head = Linear(name="letters", rows_in=tower.hidden, cols_out=fields.size("vocab_size", 1025))
    return TowersShape(towers=(tower.model_copy(update={"ends": (head,)}),))


SOUNDS: Final[dict[str, Callable[[Fields], TowersShape]]] = {
    "wav2vec2-conformer": read_conformer,
    "wav2vec2-bert": read_bert,
    "parakeet_ctc": read_parakeet,
}
