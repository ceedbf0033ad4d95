"""Cohere Command and Aya: one norm a layer, the head always the embedding."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.parts import Family, decoder, with_flags


def read(fields: Fields) -> DecoderShape:
    """Command R and R+, Aya 23; with ``use_qk_norm`` every head has a norm of its own."""
    family = Family(norms=1, tied=True, qk_norm="width" if fields.flag("use_qk_norm") else "none")
    return decoder(fields, with_flags(fields, family))


def read_second(fields: Fields) -> DecoderShape:
    """Command A and R7B: three windowed layers to each full one."""
    return decoder(fields, with_flags(fields, Family(norms=1, tied=True, pattern=4)))
