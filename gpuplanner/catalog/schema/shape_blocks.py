"""What isn't a stack of equal layers: convolutional networks, diffusion's denoisers and autoencoders, and the ends of towers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gpuplanner.catalog.schema.common import Record
from gpuplanner.catalog.schema.shape import Count, Dim

Scale = Annotated[float, Field(gt=0, le=1024)]


class Linear(Record):
    """A matrix. ``runs``: on every token, on every token of the conditioning text ("context"), or once a sample.

    ``scale``: how many tokens pass for each token of the model's own sequence (1/4 behind a 2 x 2 merger).
    """

    kind: Literal["linear"] = "linear"
    name: str
    rows_in: Dim
    cols_out: Dim
    bias: bool = True
    runs: Literal["token", "context", "once"] = "token"
    scale: Scale = 1.0
    count: Dim = 1


class Convolution(Record):
    """A convolution over 1 to 3 dimensions. ``scale``: side of its output over the side of the model's own input."""

    kind: Literal["conv"] = "conv"
    name: str
    channels_in: Dim
    channels_out: Dim
    kernel: Annotated[tuple[Dim, ...], Field(min_length=1, max_length=3)]
    stride: Annotated[tuple[Dim, ...], Field(min_length=1, max_length=3)] = (1,)
    groups: Dim = 1
    bias: bool = True
    scale: Scale = 1.0
    count: Dim = 1


class Vector(Record):
    """Parameters without a matrix product: norms, positions, class tokens, scales."""

    kind: Literal["vector"] = "vector"
    name: str
    params: Count
    scale: Scale = 1.0
    count: Dim = 1


class Scores(Record):
    """Scores and values of attention; its projections are ``Linear``. ``context``: keys are the conditioning text.

    ``joint``: keys are text and image together. ``window``: keys a query looks at, None for all.
    """

    kind: Literal["scores"] = "scores"
    name: str
    heads: Dim
    head_dim: Dim
    context: bool = False
    joint: bool = False
    window: Dim | None = None
    scale: Scale = 1.0
    count: Dim = 1


Piece = Annotated[Linear | Convolution | Vector | Scores, Field(discriminator="kind")]
Pieces = Annotated[tuple[Piece, ...], Field(max_length=2000)]


class Block(Record):
    """Pieces that occur together ``count`` times, one such group after another."""

    name: str
    count: Dim = 1
    pieces: Pieces


class BlocksShape(Record):
    """A network as its blocks, in the order in which data meets them.

    ``input_size`` is the side of the square input it was made for (pixels, or latents of a denoiser); None where it has none.
    ``patch``: side of the input that makes one token, 1 for maps. ``hidden``: widest token or map.
    """

    kind: Literal["blocks"] = "blocks"
    role: Literal["vision", "denoiser", "autoencoder", "speech"]
    blocks: Annotated[tuple[Block, ...], Field(min_length=1, max_length=2000)]
    hidden: Dim
    channels_in: Dim = 3
    input_size: Dim | None = None
    patch: Dim = 1
