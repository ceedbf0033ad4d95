"""Towers: stacks of transformer layers behind a stem, with pieces at their ends."""

from __future__ import annotations

from dataclasses import replace

from gpuplanner.catalog.schema.shape import Experts
from gpuplanner.catalog.schema.shape_towers import Tower, TowersShape
from gpuplanner.engine.architecture.blocks import piece_operators
from gpuplanner.engine.architecture.decoder import layer_operators
from gpuplanner.engine.architecture.operator import Cut, Operator, OperatorList, Part


def towers_list(shape: TowersShape) -> OperatorList:
    """The operators of an encoder, a vision transformer or a dual encoder."""
    ops = [op for tower in shape.towers for op in tower_operators(tower)]
    ops += piece_operators(shape.bridge, "bridge.")
    return OperatorList(
        tuple(ops),
        (),
        max(tower.hidden for tower in shape.towers),
        max(tower.vocab for tower in shape.towers),
        sum(tower.layer_count for tower in shape.towers),
        max((layer.heads for tower in shape.towers for layer in tower.layers), default=1),
        max((widest(tower) for tower in shape.towers), default=1),
    )


def tower_operators(tower: Tower) -> list[Operator]:
    """Stem, embeddings, layers and ends of a tower; each name starts with the tower's."""
    ops = piece_operators(tower.stem, "stem.")
    width = tower.embedding_dim or tower.hidden
    if tower.vocab:
        ops.append(Operator("embedding", Part.EMBEDDING, Cut.VOCAB, 1, tower.vocab * width))
    if tower.table_params:
        ops.append(Operator("positions", Part.EMBEDDING, Cut.REPLICATED, 1, tower.table_params))
    for layer in tower.layers:
        ops += layer_operators(tower.hidden, layer)
    ops.append(Operator("final_norm", Part.NORM, Cut.REPLICATED, 1, tower.final_params))
    ops += piece_operators(tower.ends, "ends.")
    return [replace(op, name=f"{tower.name}.{op.name}") for op in ops]


def widest(tower: Tower) -> int:
    """The widest feed-forward block of a tower."""
    feeds = [layer.feed_forward for layer in tower.layers if layer.feed_forward is not None]
    return max(
        (max(feed.intermediate, feed.shared_intermediate if isinstance(feed, Experts) else 0) for feed in feeds), default=1
    )
