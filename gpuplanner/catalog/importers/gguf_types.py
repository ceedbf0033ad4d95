"""Tensor types of GGUF files: how many elements a block holds, in how many bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class BlockType:
    """A block of ``elements`` in ``size`` bytes, scales included; ``counts``: its elements are parameters."""

    name: str
    elements: int
    size: int
    counts: bool = True


# Sizes: structs of ggml (llama.cpp, ggml-common.h); half-precision scales are 2 bytes.
TYPES: Final = {
    0: BlockType("F32", 1, 4),
    1: BlockType("F16", 1, 2),
    2: BlockType("Q4_0", 32, 2 + 16),
    3: BlockType("Q4_1", 32, 4 + 16),
    6: BlockType("Q5_0", 32, 2 + 4 + 16),
    7: BlockType("Q5_1", 32, 4 + 4 + 16),
    8: BlockType("Q8_0", 32, 2 + 32),
    9: BlockType("Q8_1", 32, 4 + 32),
    10: BlockType("Q2_K", 256, 16 + 64 + 4),
    11: BlockType("Q3_K", 256, 32 + 64 + 12 + 2),
    12: BlockType("Q4_K", 256, 4 + 12 + 128),
    13: BlockType("Q5_K", 256, 4 + 12 + 32 + 128),
    14: BlockType("Q6_K", 256, 128 + 64 + 16 + 2),
    15: BlockType("Q8_K", 256, 4 + 256 + 32),
    16: BlockType("IQ2_XXS", 256, 2 + 64),
    17: BlockType("IQ2_XS", 256, 2 + 64 + 8),
    18: BlockType("IQ3_XXS", 256, 2 + 96),
    19: BlockType("IQ1_S", 256, 2 + 32 + 16),
    20: BlockType("IQ4_NL", 32, 2 + 16),
    21: BlockType("IQ3_S", 256, 2 + 64 + 8 + 32 + 4),
    22: BlockType("IQ2_S", 256, 2 + 64 + 8 + 8),
    23: BlockType("IQ4_XS", 256, 2 + 2 + 4 + 128),
    24: BlockType("I8", 1, 1, counts=False),
    25: BlockType("I16", 1, 2, counts=False),
    26: BlockType("I32", 1, 4, counts=False),
    27: BlockType("I64", 1, 8, counts=False),
    28: BlockType("F64", 1, 8),
    29: BlockType("IQ1_M", 256, 32 + 16 + 8),
    30: BlockType("BF16", 1, 2),
    34: BlockType("TQ1_0", 256, 48 + 4 + 2),
    35: BlockType("TQ2_0", 256, 64 + 2),
    39: BlockType("MXFP4", 32, 1 + 16),
    40: BlockType("NVFP4", 64, 4 + 32),
    41: BlockType("Q1_0", 128, 2 + 16),
    42: BlockType("Q2_0", 64, 2 + 16),
}

# general.file_type (llama.h, llama_ftype) and the precision that the catalogue has for it.
PRECISION_OF_FILE: Final = {
    0: "fp32",
    1: "fp16",
    2: "gguf-q4-0",
    3: "gguf-q4-1",
    7: "gguf-q8-0",
    8: "gguf-q5-0",
    9: "gguf-q5-1",
    10: "gguf-q2-k",
    11: "gguf-q3-k-s",
    12: "gguf-q3-k-m",
    13: "gguf-q3-k-l",
    14: "gguf-q4-k-s",
    15: "gguf-q4-k-m",
    16: "gguf-q5-k-s",
    17: "gguf-q5-k-m",
    18: "gguf-q6-k",
    19: "gguf-iq2-xxs",
    20: "gguf-iq2-xs",
    21: "gguf-q2-k-s",
    22: "gguf-iq3-xs",
    23: "gguf-iq3-xxs",
    24: "gguf-iq1-s",
    25: "gguf-iq4-nl",
    26: "gguf-iq3-s",
    27: "gguf-iq3-m",
    28: "gguf-iq2-s",
    29: "gguf-iq2-m",
    30: "gguf-iq4-xs",
    31: "gguf-iq1-m",
    32: "bf16",
    36: "gguf-tq1-0",
    37: "gguf-tq2-0",
    38: "mxfp4",
    39: "nvfp4",
}

# Where the file doesn't say its type: the usual file whose weights are mostly of a tensor type.
PRECISION_OF_TYPE: Final = {
    "F32": "fp32", "F16": "fp16", "BF16": "bf16", "Q4_0": "gguf-q4-0", "Q4_1": "gguf-q4-1", "Q5_0": "gguf-q5-0",
    "Q5_1": "gguf-q5-1", "Q8_0": "gguf-q8-0", "Q2_K": "gguf-q2-k", "Q3_K": "gguf-q3-k-m", "Q4_K": "gguf-q4-k-m",
    "Q5_K": "gguf-q5-k-m", "Q6_K": "gguf-q6-k", "IQ1_S": "gguf-iq1-s", "IQ1_M": "gguf-iq1-m", "IQ2_XXS": "gguf-iq2-xxs",
    "IQ2_XS": "gguf-iq2-xs", "IQ2_S": "gguf-iq2-s", "IQ3_XXS": "gguf-iq3-xxs", "IQ3_S": "gguf-iq3-s", "IQ4_NL": "gguf-iq4-nl",
    "IQ4_XS": "gguf-iq4-xs", "TQ1_0": "gguf-tq1-0", "TQ2_0": "gguf-tq2-0", "MXFP4": "mxfp4", "NVFP4": "nvfp4",
}  # fmt: skip
