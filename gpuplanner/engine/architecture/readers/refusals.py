"""What isn't read, and why: recognised by the fields a config has, then by its names."""

from __future__ import annotations

from typing import Final

from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture

# Fields that only such a model has, in the order in which they are looked for.
_BY_FIELD: Final[tuple[tuple[str, str], ...]] = (
    ("diffusion", "_class_name _diffusers_version"),
    (
        "vision_language",
        "vision_cfg text_cfg mm_vision_tower visual",
    ),
    ("compressed_attention", "compress_ratios compress_ratio"),
    (
        "per_layer_design",
        "block_configs hidden_size_per_layer_input altup_num_inputs num_query_heads enable_moe_block zero_expert_num",
    ),
)

_BY_TYPE: Final[tuple[tuple[str, str], ...]] = (
    ("encoder_decoder", "prophetnet seamless_m4t seamless_m4t_v2"),
    ("state_space", "rwkv5 rwkv6 rwkv7"),
    ("hybrid_attention", "zaya plamo2"),
)


def refuse_others(fields: Fields, known: bool = False) -> None:
    """Raises UnsupportedArchitecture for what is recognised as something other than a decoder; ``known``: a reader is there."""
    kind = fields.word("model_type")
    for code, types in _BY_TYPE:
        if kind in types.split():
            raise UnsupportedArchitecture(code)
    for code, names in _BY_FIELD:
        if not known and fields.has(*names.split()):
            raise UnsupportedArchitecture(code)
