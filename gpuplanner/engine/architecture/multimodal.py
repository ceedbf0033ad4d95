"""A language model with towers: its own operators and theirs."""

from __future__ import annotations

from dataclasses import replace

from gpuplanner.catalog.schema.shape_towers import MultimodalShape
from gpuplanner.engine.architecture.blocks import piece_operators
from gpuplanner.engine.architecture.decoder import decoder_list
from gpuplanner.engine.architecture.operator import OperatorList, Part
from gpuplanner.engine.architecture.towers import tower_operators


def multimodal_list(shape: MultimodalShape) -> OperatorList:
    """The language model's list, and all of the towers as parts of their own kind, which no text token passes through."""
    beside = [op for tower in shape.towers for op in tower_operators(tower)] + piece_operators(shape.bridge, "bridge.")
    text = decoder_list(shape.text)
    return replace(text, operators=(*(replace(op, part=Part.TOWER) for op in beside), *text.operators))
