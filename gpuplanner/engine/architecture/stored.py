"""Bytes of a weight: by the precision, or by the model's own files where it is served as they hold it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gpuplanner.catalog.schema.precision import Precision
from gpuplanner.catalog.schema.stored import StoredWeights
from gpuplanner.engine.architecture.operators import OperatorList, Part
from gpuplanner.engine.architecture.shares import KEPT_BYTES, stays

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
    plain = WeightBytes(precision.bytes_per_weight_effective or KEPT_BYTES, KEPT_BYTES)
    if stored is None or stored.precision != precision.id or not stored.total_bytes:
        return plain
    if not stored.parts:
        scale = stored.total_bytes / formula_bytes(operators, precision, kept)
        return WeightBytes(plain.quantised * scale, plain.kept * scale, as_stored=True)
    return _from_parts(operators, kept, stored, plain)


def formula_bytes(operators: OperatorList, precision: Precision, kept: frozenset[str]) -> float:
    """All weights by the formula: parameters times the bytes of the precision. [B]"""
    size = precision.bytes_per_weight_effective or KEPT_BYTES
    return sum(op.total_params * (KEPT_BYTES if stays(op, kept) else size) for op in operators.operators)


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
