"""Bytes of a weight: by the precision, or by the model's own files where it is served as they hold it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gpuplanner.catalog.schema.precision import Precision
from gpuplanner.catalog.schema.stored import StoredWeights
from gpuplanner.engine.architecture.operators import OperatorList, Part
from gpuplanner.engine.architecture.shares import KEPT_BYTES, stays

HEAD_BITS: Final = 6.5625  # Q6_K, which llama.cpp quantises heads to in all smaller formats
MEASURED_HEAD: Final = 0.0654  # the head's share of Llama 3.1 8B, on whose files the bits of the formats were measured
NOT_SERVED: Final = "next_token"  # layers that predict further tokens are loaded for speculative decoding only


@dataclass(frozen=True, slots=True)
class WeightBytes:
    """Bytes of one quantised parameter and of one that stays in 16 bit; ``as_stored``: they are those of the model's files."""

    quantised: float
    kept: float
    as_stored: bool = False


def weight_bytes(
    operators: OperatorList, precision: Precision, kept: frozenset[str], stored: StoredWeights | None
) -> WeightBytes:
    """Bytes of a weight, such that the sum over all operators is what lies in the files where these are served as they are.

    Args:
        operators: the model.
        precision: asked for.
        kept: parts that it leaves in 16 bit.
        stored: what the model's files hold, if known.
    """
    plain = WeightBytes(mean_bytes(operators, precision), kept_bytes(operators, precision, kept))
    if stored is None or stored.precision != precision.id or not stored.total_bytes:
        return plain
    if not stored.parts:
        scale = stored.total_bytes / formula_bytes(operators, precision, kept)
        return WeightBytes(plain.quantised * scale, plain.kept * scale, as_stored=True)
    return _from_parts(operators, kept, stored, plain)


def kept_bytes(operators: OperatorList, precision: Precision, kept: frozenset[str]) -> float:
    """Bytes of a parameter that isn't quantised like the rest, in the mean over a model: 16 bit but for parts of another size."""
    if not precision.kept_bits:
        return KEPT_BYTES
    own = {str(part): bits / 8 for part, bits in precision.kept_bits.items()}
    params = [(op.total_params, own.get(op.part, KEPT_BYTES)) for op in operators.operators if stays(op, kept)]
    total = sum(count for count, _ in params)
    return sum(count * size for count, size in params) / total if total else KEPT_BYTES


def mean_bytes(operators: OperatorList, precision: Precision) -> float:
    """Bytes of a quantised parameter in the mean over a model.

    GGUF files hold the output head (the embedding, where it serves as head) in more bits than the rest, and their bits were
    measured over whole files of one model; how much the head counts differs from model to model.
    """
    bits = precision.bits_per_weight_effective
    if not precision.whole_model or bits is None or bits >= HEAD_BITS:
        return precision.bytes_per_weight_effective or KEPT_BYTES
    rest = (bits - MEASURED_HEAD * HEAD_BITS) / (1 - MEASURED_HEAD)
    head = max((op.cols_out * op.rows_in for op in operators.operators if op.part is Part.HEAD), default=0)
    share = min(head / max(operators.total_params, 1), 1.0)
    return (rest + share * (HEAD_BITS - rest)) / 8


def formula_bytes(operators: OperatorList, precision: Precision, kept: frozenset[str]) -> float:
    """All weights by the formula: parameters times the bytes of the precision. [B]"""
    size, other = mean_bytes(operators, precision), kept_bytes(operators, precision, kept)
    return sum(op.total_params * (other if stays(op, kept) else size) for op in operators.operators)


def _from_parts(operators: OperatorList, kept: frozenset[str], stored: StoredWeights, plain: WeightBytes) -> WeightBytes:
    params = {True: 0, False: 0}
    group: dict[str, bool] = {}
    for op in operators.operators:
        if op.total_params:
            params[stays(op, kept)] += op.total_params
            group[op.part] = stays(op, kept)
    # What the operators have no part for lies beside the embedding; a head that they don't have is the embedding once more.
    beside = group.get(Part.EMBEDDING, True)
    held = {True: 0, False: 0}
    for name, part in stored.parts.items():
        if name in group:
            held[group[name]] += part.bytes
        elif name not in {NOT_SERVED, Part.HEAD}:
            held[beside] += part.bytes
    if not any(held.values()):
        return plain
    return WeightBytes(
        held[False] / params[False] if params[False] else plain.quantised,
        held[True] / params[True] if params[True] else plain.kept,
        as_stored=True,
    )
