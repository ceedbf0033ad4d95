"""Dual encoders (CLIP, SigLIP) and their text towers alone."""

from __future__ import annotations

from typing import Final

from gpuplanner.catalog.schema.shape_blocks import Linear, Vector
from gpuplanner.catalog.schema.shape_towers import Tower, TowersShape
from gpuplanner.engine.architecture.readers.defaults import defaults_of
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.towers import clip, encoder_layer, siglip, siglip2

_CLIP_PROJECTION: Final = 512


def clip_text(fields: Fields) -> Tower:
    """CLIP's text tower: causal, learned positions."""
    hidden = fields.size("hidden_size")
    layer = encoder_layer(
        hidden, fields.size("num_attention_heads"), fields.size("intermediate_size", 4 * hidden), count=fields.layers()
    )
    longest = fields.size("max_position_embeddings", 77)
    return Tower(
        name="text", hidden=hidden, layers=(layer,), vocab=fields.size("vocab_size"), table_params=longest * hidden,
        final_params=2 * hidden, tokens=longest,
    )  # fmt: skip


def siglip_text(fields: Fields) -> Tower:
    """SigLIP's text tower: the last token through a matrix."""
    tower = clip_text(fields.over(max_position_embeddings=fields.size("max_position_embeddings", 64)))
    head = Linear(name="head", rows_in=tower.hidden, cols_out=fields.size("projection_size", tower.hidden), runs="once")
    return tower.model_copy(update={"ends": (head,)})


def read_clip(fields: Fields) -> TowersShape:
    """CLIP: both towers projected to one size, and a temperature."""
    text = clip_text(fields.part("text_config", "clip_text_model"))
    vision = clip(fields.part("vision_config", "clip_vision_model"))
    size = fields.size("projection_dim", _CLIP_PROJECTION)
    return TowersShape(
        towers=(text, vision),
        bridge=(
            Linear(name="text.projection", rows_in=text.hidden, cols_out=size, bias=False, runs="once"),
            Linear(name="vision.projection", rows_in=vision.hidden, cols_out=size, bias=False, runs="once"),
            Vector(name="scale", params=1),
        ),
    )


def read_siglip(fields: Fields) -> TowersShape:
    """SigLIP and SigLIP 2: a temperature and a bias."""
    second = fields.word("model_type") == "siglip2"
    text = siglip_text(fields.part("text_config", "siglip_text_model"))
    kind = "siglip2_vision_model" if second else "siglip_vision_model"
    vision = (siglip2 if second else siglip)(fields.part("vision_config", kind))
    return TowersShape(towers=(text, vision), bridge=(Vector(name="scale", params=2),))


def read_clip_text(fields: Fields) -> TowersShape:
    """The text tower alone, with its projection where the class has it."""
    filled = _filled(fields, "clip_text_model")
    tower = clip_text(filled)
    names = fields.items("architectures")
    if names and str(names[0]).endswith("WithProjection"):
        size = filled.size("projection_dim", _CLIP_PROJECTION)
        projection = Linear(name="projection", rows_in=tower.hidden, cols_out=size, bias=False, runs="once")
        tower = tower.model_copy(update={"ends": (projection,)})
    return TowersShape(towers=(tower,))


def read_clip_vision(fields: Fields) -> TowersShape:
    """The vision tower alone."""
    tower = clip(_filled(fields, "clip_vision_model"))
    names = fields.items("architectures")
    if names and str(names[0]).endswith("WithProjection"):
        projection = Linear(
            name="projection",
            rows_in=tower.hidden,
            cols_out=fields.size("projection_dim", _CLIP_PROJECTION),
            bias=False,
            runs="once",
        )
        tower = tower.model_copy(update={"ends": (projection,)})
    return TowersShape(towers=(tower,))


def read_siglip_text(fields: Fields) -> TowersShape:
    """SigLIP's text tower alone."""
    return TowersShape(towers=(siglip_text(_filled(fields, "siglip_text_model")),))


def read_siglip_vision(fields: Fields) -> TowersShape:
    """SigLIP's vision tower alone."""
    return TowersShape(towers=(siglip(_filled(fields, "siglip_vision_model")),))


def _filled(fields: Fields, kind: str) -> Fields:
    missing = {name: value for name, value in defaults_of(kind).items() if not fields.has(name)}
    return fields.over(**missing)


DUAL: Final = {
    "clip": read_clip,
    "siglip": read_siglip,
    "siglip2": read_siglip,
    "clip_text_model": read_clip_text,
    "clip_vision_model": read_clip_vision,
    "siglip_text_model": read_siglip_text,
    "siglip_vision_model": read_siglip_vision,
}
