"""Language models with towers: the parts of the config read apart, and what joins them by the whole's ``model_type``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.catalog.schema.shape_blocks import Linear, Piece, Vector
from gpuplanner.catalog.schema.shape_towers import MultimodalShape, Tower
from gpuplanner.engine.architecture.readers.bridges import BRIDGES
from gpuplanner.engine.architecture.readers.decoders import read_decoder
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.tower_kinds import tower_of

_TEXT: Final = ("text_config", "llm_config", "language_config")
_SEEING: Final = ("vision_config", "visual", "vision_tower_config")
_HEARING: Final = ("audio_config", "encoder_config")
_NOT_WRITING: Final = ("clip", "siglip", "siglip2", "blip", "altclip", "chinese_clip", "align", "clipseg", "metaclip_2")

Bridge = tuple[Piece, ...]


def looks_multimodal(fields: Fields) -> bool:
    """Whether a config has a part for a tower beside one for a language model that writes."""
    if fields.word("model_type") in _NOT_WRITING or fields.raw("is_encoder_decoder") is True:
        return False
    if any(isinstance(fields.raw(name), dict) for name in _TEXT):
        return True
    seeing = any(isinstance(fields.raw(name), dict) for name in (*_SEEING, *_HEARING))
    return seeing and fields.has("num_hidden_layers")


def read_multimodal(fields: Fields) -> tuple[MultimodalShape, bool]:
    """The shape, and whether a part of it was read as the nearest known kind.

    Raises:
        UnsupportedArchitecture: a part is missing values, or the language model isn't read.
    """
    text, assumed = read_decoder(_text(fields))
    kind = fields.word("model_type")
    towers: list[Tower] = []
    for names in (_SEEING, _HEARING):
        name = next((name for name in names if isinstance(fields.raw(name), dict)), None)
        if name is not None:
            tower, unknown = tower_of(fields.part(name, kind), kind)
            towers.append(tower)
            assumed = assumed or unknown
    bridge = _BY_TYPE.get(kind)
    pieces = (bridge or _projector)(fields, towers, text) if towers else ()
    return MultimodalShape(text=text, towers=tuple(towers), bridge=pieces), assumed or bridge is None


def _text(fields: Fields) -> Fields:
    """The language model's part; older configs have its fields at the top. The head is tied as the whole says, if it does."""
    name = next((name for name in _TEXT if isinstance(fields.raw(name), dict)), None)
    text = fields.part(name) if name else fields
    return text.over(tie_word_embeddings=fields.raw("tie_word_embeddings")) if fields.has("tie_word_embeddings") else text


def _linear(name: str, rows: int, columns: int, bias: bool = True, scale: float = 1.0) -> Linear:
    return Linear(name=name, rows_in=rows, cols_out=columns, bias=bias, scale=scale)


def _projector(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:
    """LLaVA's: two matrices with a nonlinearity between, for each tower."""
    bias = fields.flag("multimodal_projector_bias", default=True)
    taken = fields.raw("vision_feature_layer")
    levels = len(taken) if isinstance(taken, list) and taken else 1
    return tuple(
        piece
        for tower in towers
        for piece in (
            _linear("projector.in", tower.hidden * levels, text.hidden, bias),
            _linear("projector.out", text.hidden, text.hidden, bias),
        )
    )


def _with_newline(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:
    """LLaVA-NeXT and OneVision: a learned end of a row of patches."""
    return (*_projector(fields, towers, text), Vector(name="newline", params=text.hidden))


def _vip_llava(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:
    """ViP-LLaVA: several layers of the tower side by side, normed."""
    taken = fields.raw("vision_feature_layers")
    wide = towers[0].hidden * (len(taken) if isinstance(taken, list) and taken else 5)
    return (
        Vector(name="norm", params=2 * wide),
        _linear("projector.in", wide, text.hidden),
        _linear("projector.out", text.hidden, text.hidden),
    )


def _nothing(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:  # noqa: ARG001
    """Towers that end in a merger of the right size."""
    return ()


def _mistral3(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:
    """Mistral Small 3: a norm, patches merged by a matrix, then LLaVA's projector."""
    hidden, merged = towers[0].hidden, fields.size("spatial_merge_size", 2) ** 2
    merge = _linear("merger", hidden * merged, hidden, bias=False, scale=1 / merged)
    told = fields if fields.has("multimodal_projector_bias") else fields.over(multimodal_projector_bias=False)
    return (Vector(name="norm", params=hidden), merge, *_projector(told, towers, text))


def _gemma3(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:
    """Gemma 3: patches pooled, normed, one matrix."""
    hidden, seen = towers[0].hidden, towers[0].tokens or 4096
    less = min(fields.size("mm_tokens_per_image", 256) / seen, 1.0)
    return (Vector(name="norm", params=hidden), _linear("projector", hidden, text.hidden, bias=False, scale=less))


def _one_matrix(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:  # noqa: ARG001
    """Gemma 4: one matrix for each tower; what it sees is pooled three by three patches."""
    pooled = {"vision": 1 / 9}
    return tuple(
        _linear(f"{tower.name}.projector", tower.hidden, text.hidden, bias=False, scale=pooled.get(tower.name, 1.0))
        for tower in towers
    )


def _biased_matrix(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:  # noqa: ARG001
    """PaliGemma and Qwen2-Audio: one matrix with a bias."""
    return (_linear("projector", towers[0].hidden, text.hidden),)


def _mllama(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:  # noqa: ARG001
    """Llama 3.2 Vision: several layers of the tower side by side, one matrix."""
    return (_linear("projector", fields.part("vision_config").size("vision_output_dim"), text.hidden),)


def _llama4(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:  # noqa: ARG001
    vision = fields.part("vision_config")
    return (_linear("projector", vision.size("vision_output_dim"), text.hidden, bias=False, scale=0.25),)


def _shuffled(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:
    """Idefics 3 and SmolVLM: neighbouring patches side by side, one matrix."""
    merged = fields.size("scale_factor", 2) ** 2
    return (_linear("projector", towers[0].hidden * merged, text.hidden, bias=False, scale=1 / merged),)


def _internvl(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:
    """InternVL: neighbouring patches side by side, a norm, two matrices."""
    ratio = fields.raw("downsample_ratio")
    side = round(1 / ratio) if isinstance(ratio, int | float) and 0.05 < ratio <= 1 else 2
    wide = towers[0].hidden * side**2
    return (
        Vector(name="norm", params=2 * wide),
        _linear("projector.in", wide, text.hidden, scale=1 / side**2),
        _linear("projector.out", text.hidden, text.hidden, scale=1 / side**2),
    )


def _paddleocr(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:
    hidden, merged = towers[0].hidden, fields.part("vision_config").size("spatial_merge_size", 2) ** 2
    wide = hidden * merged
    return (
        Vector(name="norm", params=2 * hidden),
        _linear("projector.in", wide, wide, scale=1 / merged),
        _linear("projector.out", wide, text.hidden, scale=1 / merged),
    )


_BRIDGES: Final[tuple[tuple[Callable[[Fields, list[Tower], DecoderShape], Bridge], str], ...]] = (
    (_projector, "llava deepseek_vl"),
    (_with_newline, "llava_next llava_next_video llava_onevision"),
    (_vip_llava, "vipllava"),
    (_nothing, "qwen2_vl qwen2_5_vl qwen3_vl qwen3_vl_moe qwen3_5 qwen3_5_moe glm4v glm4v_moe glm46v glmga"),
    (_mistral3, "mistral3"),
    (_gemma3, "gemma3 shieldgemma2"),
    (_one_matrix, "gemma4"),
    (_biased_matrix, "paligemma qwen2_audio"),
    (_mllama, "mllama"),
    (_llama4, "llama4"),
    (_shuffled, "idefics3 smolvlm"),
    (_internvl, "internvl internvl_chat"),
    (_paddleocr, "paddleocr_vl"),
)

_BY_TYPE: Final = {kind: bridge for bridge, kinds in (*_BRIDGES, *BRIDGES) for kind in kinds.split()}
