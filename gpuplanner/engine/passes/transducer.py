"""Recurrent transducers of speech (RNN-T: Graves, arXiv 1211.3711): a step for each frame, one after the other."""

from __future__ import annotations

from typing import Final

from gpuplanner.catalog.schema.shape_blocks import Block, BlocksShape
from gpuplanner.engine.architecture.blocks import piece_operators
from gpuplanner.engine.passes.work import Extent, Stage, work_of

SYMBOLS_PER_S: Final = 14.0  # letters of read English a second (LibriSpeech: 2.7 words a second)
MILLISECONDS: Final = 1000.0
PREDICTION, JOINT = "prediction", "joint"  # blocks that run for each symbol written, and for each frame and symbol


def transducer_stages(shape: BlocksShape, audio_s: float, symbols: float | None = None) -> tuple[Stage, ...]:
    """The steps of each block over an utterance.

    Args:
        shape: blocks in order; ``patch`` is the milliseconds of a frame, a block's scale its steps for each frame.
        audio_s: length of the utterance.
        symbols: that are written; as many as are usually spoken when None.
    """
    frames = audio_s * MILLISECONDS / shape.patch
    written = audio_s * SYMBOLS_PER_S if symbols is None else symbols
    heard = frames * min((_scale(block) for block in shape.blocks if not _writes(block)), default=1.0)
    steps = {PREDICTION: written, JOINT: heard + written}
    return tuple(
        Stage(
            "decoder" if _writes(block) else "encoder",
            work_of(piece_operators(block.pieces, f"{block.name}.", block.count), Extent(tokens=1.0 / _scale(block))),
            steps.get(block.name, frames * _scale(block)),
        )
        for block in shape.blocks
    )


def _writes(block: Block) -> bool:
    return block.name in (PREDICTION, JOINT)


def _scale(block: Block) -> float:
    return max(piece.scale for piece in block.pieces)
