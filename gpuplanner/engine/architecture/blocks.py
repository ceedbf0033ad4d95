"""Networks of blocks: convolutional networks, denoisers, autoencoders; and the pieces at the ends of towers."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from gpuplanner.catalog.schema.shape_blocks import BlocksShape, Convolution, Linear, Piece, Scores, Vector
from gpuplanner.engine.architecture.operator import Cut, Kernel, Operator, OperatorList, Part, Runs


def blocks_list(shape: BlocksShape) -> OperatorList:
    """The operators of a network, block by block."""
    ops = [op for block in shape.blocks for op in piece_operators(block.pieces, f"{block.name}.", block.count)]
    heads = max((op.heads for op in ops), default=0)
    return OperatorList(tuple(ops), (), shape.hidden, 0, sum(block.count for block in shape.blocks), max(heads, 1), shape.hidden)


def piece_operators(pieces: Iterable[Piece], prefix: str = "", count: int = 1) -> list[Operator]:
    """One operator a piece; ``count`` multiplies how often each occurs."""
    return [_operator(piece, prefix + piece.name, count * piece.count) for piece in pieces]


def _operator(piece: Piece, name: str, occurs: int) -> Operator:
    match piece:
        case Linear():
            params = piece.rows_in * piece.cols_out + (piece.cols_out if piece.bias else 0)
            part = Part.ATTENTION if "attention" in name else Part.MLP
            return Operator(
                name, part, Cut.EVEN, occurs, params, piece.rows_in, piece.cols_out, runs=Runs(piece.runs), scale=piece.scale
            )
        case Convolution():
            inputs = piece.channels_in // piece.groups * prod(piece.kernel)
            params = inputs * piece.channels_out + (piece.channels_out if piece.bias else 0)
            kernel = Kernel(piece.kernel, piece.stride, piece.groups)
            return Operator(
                name,
                Part.CONVOLUTION,
                Cut.REPLICATED,
                occurs,
                params,
                inputs,
                piece.channels_out,
                scale=piece.scale,
                kernel=kernel,
            )
        case Scores():
            return Operator(
                name, Part.ATTENTION, Cut.EVEN, occurs, 0, piece.head_dim, 0, heads=piece.heads, window=piece.window,
                runs=Runs.CONTEXT if piece.context else Runs.TOKEN, scale=piece.scale, joint=piece.joint,
            )  # fmt: skip
        case Vector():
            return Operator(name, Part.NORM, Cut.REPLICATED, occurs, piece.params, scale=piece.scale)
