"""Which parts a quantised checkpoint leaves in 16 bit, by the modules that its configuration says were left out."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final

from gpuplanner.catalog.schema.precision import PartName
from gpuplanner.engine.architecture.readers.fields import Fields

_LISTS: Final = ("ignore", "modules_to_not_convert", "exclude_modules", "ignored_layers", "llm_int8_skip_modules")
_MOST: Final = 50_000
_LONGEST: Final = 300
_LAYER: Final = re.compile(r"(?<=\.)\d+(?=\.|$)")
_PREFIXES: Final = ("model.", "model.language_model.", "language_model.model.", "backbone.", "")
_MATRICES: Final[Mapping[PartName, tuple[str, ...]]] = {
    "attention": (
        "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "self_attn.q_b_proj",
        "self_attn.kv_b_proj", "mixer.q_proj", "mixer.k_proj", "attn.qkv",
    ),
    "mixer": ("linear_attn.in_proj_qkv", "linear_attn.in_proj_qkvz", "linear_attn.out_proj", "mixer.in_proj", "mamba.in_proj"),
    "mlp": ("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"),
    "shared_expert": (
        "mlp.shared_expert.gate_proj", "mlp.shared_experts.gate_proj", "mlp.shared_experts.up_proj", "ffn.shared_experts.w1",
    ),
    "experts": ("mlp.experts.0.gate_proj", "mlp.experts.0.down_proj", "block_sparse_moe.experts.0.w1"),
    "router": ("mlp.gate", "block_sparse_moe.gate", "mixer.gate", "router"),
    "head": ("lm_head",),
}  # fmt: skip


def kept_parts_of(config: Mapping[str, object], layers: int) -> tuple[PartName, ...] | None:
    """Parts that stay in 16 bit.

    Args:
        config: the fields of a ``config.json``.
        layers: of the decoder; a part stays where it does in at least half of them.

    Returns:
        None where the configuration has no such list; embedding and norms always stay.
    """
    fields = Fields(config)
    stored = fields.part("quantization_config" if fields.has("quantization_config") else "compression_config")
    named = [raw for name in _LISTS if isinstance(raw := stored.raw(name), list) and raw]
    if not named:
        return None
    patterns = _patterns(item for raw in named for item in raw)
    kept = [part for part, leaves in _MATRICES.items() if any(_stays(leaf, patterns, layers) for leaf in leaves)]
    return ("embedding", "norm", *kept)


def _patterns(items: Iterable[object]) -> dict[str, set[str]]:
    """Patterns with their layers taken out, and the layers they were named for; none for all."""
    found: dict[str, set[str]] = {}
    for item in islice(items, _MOST):
        if isinstance(item, str) and item and len(item) <= _LONGEST:
            numbers = _LAYER.findall(item)
            layers = found.setdefault(_LAYER.sub("0", item), set())
            layers.add(numbers[0] if numbers else "")
    return found


def _stays(leaf: str, patterns: Mapping[str, set[str]], layers: int) -> bool:
    named: set[str] = set()
    for pattern, own in patterns.items():
        if any(_meets(name, pattern) for name in _names(leaf)):
            if "" in own:
                return True
            named |= own
    return bool(named) and 2 * len(named) >= layers


def _names(leaf: str) -> Iterator[str]:
    """What a matrix is called in the first layer."""
    if leaf == "lm_head":
        yield from (leaf, "model.lm_head", "language_model.lm_head")
    else:
        yield from (f"{prefix}layers.0.{leaf}" for prefix in _PREFIXES)


def _meets(name: str, pattern: str) -> bool:
    if pattern.startswith("re:"):
        return _searches(pattern.removeprefix("re:"), name)
    if any(sign in pattern for sign in "*?["):
        return fnmatch.fnmatchcase(name, pattern) or fnmatch.fnmatchcase(name, f"{pattern}.*")
    # a module stands for all within it; a bare word for every module so called
    return name == pattern or name.startswith(f"{pattern}.") or ("." not in pattern and pattern in name.split("."))


def _searches(pattern: str, name: str) -> bool:
    """A regular expression of the file's, as far as it is one of plain words: others could take for ever."""
    plain = re.sub(r"\\\.|\.\*|[\^$]", "", pattern)
    if not re.fullmatch(r"[\w.\-()|]*", plain) or re.search(r"\)[*+{]", pattern):
        return False
    try:
        return re.match(pattern, name) is not None
    except re.error:
        return False
