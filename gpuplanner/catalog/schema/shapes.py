"""Any shape a model may have, told apart by ``kind``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Discriminator, Tag

from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.catalog.schema.shape_blocks import BlocksShape
from gpuplanner.catalog.schema.shape_towers import DiffusionShape, MultimodalShape, Seq2SeqShape, TowersShape


def _kind(value: object) -> str:
    """Records from before there were other kinds have none: they are decoders."""
    kind = value.get("kind", "decoder") if isinstance(value, Mapping) else getattr(value, "kind", "")
    return kind if isinstance(kind, str) else ""


Shape = Annotated[
    Annotated[DecoderShape, Tag("decoder")]
    | Annotated[TowersShape, Tag("towers")]
    | Annotated[Seq2SeqShape, Tag("seq2seq")]
    | Annotated[MultimodalShape, Tag("multimodal")]
    | Annotated[BlocksShape, Tag("blocks")]
    | Annotated[DiffusionShape, Tag("diffusion")],
    Discriminator(_kind),
]


def language_part(shape: Shape | None) -> DecoderShape | None:
    """The part that writes text token by token; None where there is none."""
    if isinstance(shape, MultimodalShape):
        return shape.text
    return shape if isinstance(shape, DecoderShape) else None
