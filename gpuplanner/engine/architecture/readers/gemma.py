"""Gemma 1 to 3: gated GELU, the head always the embedding, and from 2 on windows and four norms a layer."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.parts import Family, decoder, with_flags


def read_first(fields: Fields) -> DecoderShape:
    """Gemma 1."""
    return decoder(fields, with_flags(fields, Family(tied=True)))


def read_second(fields: Fields) -> DecoderShape:
    """Gemma 2: every second layer looks back over the whole context."""
    return decoder(fields, with_flags(fields, Family(tied=True, norms=4, pattern=2)))


def read_third(fields: Fields) -> DecoderShape:
    """Gemma 3, text only: every sixth layer looks back over the whole context."""
    return decoder(fields, with_flags(fields, Family(tied=True, norms=4, pattern=6, qk_norm="head")))
