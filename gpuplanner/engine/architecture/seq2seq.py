"""Encoder-decoders: two towers, the second of which attends to the first and writes."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape_towers import Seq2SeqShape
from gpuplanner.engine.architecture.decoder import layer_states
from gpuplanner.engine.architecture.operator import Cut, Operator, OperatorList, Part
from gpuplanner.engine.architecture.towers import tower_operators, widest


def seq2seq_list(shape: Seq2SeqShape) -> OperatorList:
    """Encoder, decoder and head; the states are the decoder's own and those of the encoder's output."""
    decoder = shape.decoder
    width = decoder.embedding_dim or decoder.hidden
    head = (0 if shape.tied else decoder.vocab * width) + (decoder.vocab if shape.head_bias else 0)
    ops = [
        *tower_operators(shape.encoder),
        *tower_operators(decoder),
        Operator("head", Part.HEAD, Cut.VOCAB, 1, head, width, decoder.vocab),
    ]
    return OperatorList(
        tuple(ops),
        tuple(state for layer in decoder.layers for state in layer_states(layer)),
        max(shape.encoder.hidden, decoder.hidden),
        decoder.vocab,
        shape.encoder.layer_count + decoder.layer_count,
        max((layer.heads for layer in (*shape.encoder.layers, *decoder.layers)), default=1),
        max(widest(shape.encoder), widest(decoder)),
    )
