"""Bytes of a stored weight and of an activation, after the words of a source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from gpuplanner.catalog.schema.precision import Precision
from gpuplanner.evidence.formats import weight_precision

# Widths that measurements name beside the catalogue's formats; scales included where they have a usual group.
_BITS: Final = (
    ("fits fp32", 32.0),
    ("nf4", 4.5),
    ("fp4", 4.5),
    ("int4", 4.5),
    ("sparsify", 4.5),
    ("fp6", 6.0),
    ("float8", 8.0),
    ("fp8", 8.0),
    ("int8", 8.0),
    ("8-bit", 8.0),
)


def weight_bytes(word: str, precisions: Mapping[str, Precision]) -> float | None:
    """Bytes of a weight; 2 where nothing is said, None for words that mean no format."""
    text = word.casefold()
    narrow = next((bits for mark, bits in _BITS if mark in text), None)
    if narrow is not None:
        return narrow / 8
    if "autoquant" in text or not text.strip():
        return 2.0
    found = weight_precision(word, precisions)
    known = precisions[found].bytes_per_weight_effective if found is not None else None
    return float(known) if known else None


def element_bytes(word: str) -> float:
    """Bytes of an activation: 4 where everything runs in FP32, 2 otherwise."""
    text = word.casefold()
    return 4.0 if re.search(r"fp32|float32|tf32", text) and not re.search(r"bf16|int[48]", text) else 2.0
