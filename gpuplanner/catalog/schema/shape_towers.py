"""Shapes made of towers: encoders, dual encoders, encoder-decoders, vision-language models; and diffusion pipelines."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gpuplanner.catalog.schema.common import Record
from gpuplanner.catalog.schema.shape import Count, DecoderShape, Dim, Layer
from gpuplanner.catalog.schema.shape_blocks import BlocksShape, Pieces


class Tower(Record):
    """A stack of layers that turns text, an image or sound into vectors.

    ``vocab`` rows of ``embedding_dim`` (default: hidden) are looked up; ``table_params`` counts learned positions, token types
    and class tokens. ``stem`` makes tokens from pixels or samples; ``ends`` follow the last layer (pooler, head, merger).
    ``final_params``: norms beside the layers. ``tokens`` of the input it was made for; None: as many as come in.
    """

    name: Literal["text", "vision", "audio", "encoder", "decoder"]
    hidden: Dim
    layers: Annotated[tuple[Layer, ...], Field(max_length=2000)]
    vocab: Count = 0
    embedding_dim: Dim | None = None
    table_params: Annotated[int, Field(ge=0, le=10**10)] = 0
    final_params: Count = 0
    stem: Pieces = ()
    ends: Pieces = ()
    tokens: Dim | None = None

    @property
    def layer_count(self) -> int:
        """Number of layers."""
        return sum(layer.count for layer in self.layers)


Towers = Annotated[tuple[Tower, ...], Field(min_length=1, max_length=32)]


class TowersShape(Record):
    """Towers that write no text: an encoder, a vision transformer (a tower a stage), a dual encoder. ``bridge`` joins them."""

    kind: Literal["towers"] = "towers"
    towers: Towers
    bridge: Pieces = ()


class Seq2SeqShape(Record):
    """An encoder and a decoder that attends to it. ``tied``: the head is the decoder's embedding.

    A table that both look up stands in the decoder; the encoder's ``vocab`` is 0 then.
    """

    kind: Literal["seq2seq"] = "seq2seq"
    encoder: Tower
    decoder: Tower
    tied: bool
    head_bias: bool = False
    max_context: Dim | None = None


class MultimodalShape(Record):
    """A language model that looks or listens through towers; ``bridge`` brings what they see to its hidden size."""

    kind: Literal["multimodal"] = "multimodal"
    text: DecoderShape
    towers: Annotated[tuple[Tower, ...], Field(max_length=8)]
    bridge: Pieces = ()


class DiffusionShape(Record):
    """A pipeline: ``denoisers`` (two where one takes over from another), text encoders, autoencoder."""

    kind: Literal["diffusion"] = "diffusion"
    denoisers: Annotated[tuple[BlocksShape, ...], Field(min_length=1, max_length=4)]
    text_encoders: Annotated[
        tuple[Annotated[TowersShape | DecoderShape | MultimodalShape, Field(discriminator="kind")], ...], Field(max_length=6)
    ] = ()
    autoencoder: BlocksShape | None = None
