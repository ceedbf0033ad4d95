"""Tensors as the headers of weight files describe them, and their sums by part."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Final, NamedTuple

from gpuplanner.catalog.schema.stored import StoredPart, StoredWeights

OTHER: Final = "other"
TOWER: Final = "tower"
NEXT_TOKEN: Final = "next_token"
_LEAF_ENDS: Final = re.compile(
    r"(\.(weight|bias|scales?|qweight|qzeros|g_idx|perm|SCB|gamma|beta|weight_\w+|input_(?:global_)?scale|absmax|quant_map|nested_\w+"
    r"|quant_state|bitsandbytes__\w+|[kvq]_scale|e_score_correction_bias))+$"
)
_NUMBER: Final = re.compile(r"\.\d+\.")
_LAYER: Final = re.compile(r"(?:^|\.)(?:layers|blk|h|blocks)\.(\d{1,6})\.")
# The first pattern that is found decides; the leaf is the module itself, the name all of its path.
_BESIDE: Final = re.compile(
    r"(?:^|\.)(?:vision\w*|visual|image_\w+|mm\w*|multi_modal_projector|v\.blk|v\.patch\w*|audio\w*|speech\w*|connector|mtp_head)\."
)
_NEXT: Final = re.compile(r"(?:^|[._])(?:mtp|nextn|eagle|medusa)(?:[._]|$)")
_NORM_LEAF: Final = re.compile(r"norm(?:\d+|_[fqkv1-9])?$|^ln|_ln\d*$|^ln_\w+$|layernorm|sinks?$", re.IGNORECASE)
_BY_NAME: Final = (
    (
        "router",
        re.compile(r"ffn_gate_inp|exp_probs|(?:mlp|moe|feed_forward|ffn)\.(?:gate|router)$|\.router|shared_expert_gate|gate\.wg"),
    ),
    ("shared_expert", re.compile(r"shared_expert|_shexp|shared_mlp|shared_head\.experts")),
    ("experts", re.compile(r"experts|_exps$|\.ffn_(?:gate|up|down)\.\d+$")),
    ("embedding", re.compile(r"embed|(?:^|\.)w[tp]e$|token_embd|tok_embeddings|position_embd|token_types|(?:^|\.)shared$")),
    ("head", re.compile(r"lm_head|(?:^|\.)output$|embed_out|output_layer$|(?:^|\.)score$")),
    ("mixer", re.compile(r"linear_attn|ssm|mamba|mixer\.(?!(?:[qkvo]|q[kv]+)_proj)|time_mix", re.IGNORECASE)),
    ("attention", re.compile(r"attn|attention|query_key_value|wqkv|mixer|indexer", re.IGNORECASE)),
    ("mlp", re.compile(r"mlp|feed_forward|ffn|fc[12_]|dense_|channel_mix|DenseReluDense|(?:intermediate|output)\.dense$")),
)
_HEAD_FIRST: Final = re.compile(r"embed_out|lm_head")


class Tensor(NamedTuple):
    """One tensor: ``shape`` with the slowest dimension first, ``dtype`` as the file names it, ``size`` in bytes."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    size: int

    @property
    def elements(self) -> int:
        """Elements as the file counts them; packed formats hold several weights in one."""
        return prod(self.shape)


@dataclass(frozen=True, slots=True)
class Counted:
    """What a tensor stands for: parameters, and the precision id of these; none for scales and buffers."""

    tensor: Tensor
    params: int
    precision: str | None = None


def part_of(name: str, layers: int | None = None) -> str:
    """The part of the operator list that a tensor belongs to, by its name in a Hugging Face or GGUF file.

    Args:
        name: as in the file.
        layers: how many layers the decoder has; those beyond are for multi-token prediction.
    """
    part = _part_by_words(_NUMBER.sub(".0.", name))
    if layers is None or part == TOWER:
        return part
    layer = _LAYER.search(name)
    return NEXT_TOKEN if layer and int(layer[1]) >= layers else part


@lru_cache(maxsize=4096)
def _part_by_words(name: str) -> str:
    """The part by the words of a name; the numbers of layers and experts are all the same here, so few names are left."""
    if _BESIDE.search(name):
        return TOWER
    if _NEXT.search(name):
        return NEXT_TOKEN
    module = _LEAF_ENDS.sub("", name)
    if _NORM_LEAF.search(module.rpartition(".")[2]):
        return "norm"
    if _HEAD_FIRST.search(module):
        return "head"
    return next((part for part, pattern in _BY_NAME if pattern.search(module)), OTHER)


def summed(
    counted: Collection[Counted], files: int, *, layers: int | None = None, precision: str | None = None, part: str | None = None
) -> StoredWeights:
    """All tensors of a model as sums.

    Args:
        counted: the tensors.
        files: how many files they lie in.
        layers: of the decoder, see :func:`part_of`.
        precision: what the model says of its own format; that of most parameters when None.
        part: puts all tensors into one part of this name.
    """
    sizes: Counter[str] = Counter()
    params: Counter[str] = Counter()
    dtypes: Counter[str] = Counter()
    formats: Counter[str] = Counter()
    for item in counted:
        place = part or part_of(item.tensor.name, layers)
        sizes[place] += item.tensor.size
        params[place] += item.params
        dtypes[item.tensor.dtype] += item.tensor.size
        if item.precision:
            formats[item.precision] += item.params
    return StoredWeights(
        total_bytes=sizes.total(),
        params=params.total(),
        parts={place: StoredPart(bytes=size, params=params[place]) for place, size in sorted(sizes.items())},
        tensors=len(counted),
        files=files,
        dtypes=dict(dtypes.most_common()),
        precision=precision or next((name for name, _ in formats.most_common(1)), None),
    )


def together(several: Iterable[StoredWeights]) -> StoredWeights:
    """Weights of a model that consists of several; its precision is that of the largest."""
    parts: Counter[str] = Counter()
    params: Counter[str] = Counter()
    dtypes: Counter[str] = Counter()
    each = sorted(several, key=lambda stored: -stored.total_bytes)
    for stored in each:
        dtypes.update(stored.dtypes)
        for name, part in stored.parts.items():
            parts[name] += part.bytes
            params[name] += part.params
    return StoredWeights(
        total_bytes=sum(stored.total_bytes for stored in each),
        params=sum(stored.params or 0 for stored in each),
        parts={name: StoredPart(bytes=size, params=params[name]) for name, size in sorted(parts.items())},
        tensors=sum(stored.tensors for stored in each),
        files=sum(stored.files for stored in each),
        dtypes=dict(dtypes.most_common()),
        precision=each[0].precision if each else None,
    )
