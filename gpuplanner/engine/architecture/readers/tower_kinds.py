"""Which function reads which tower of a model, by the tower's own type or its whole's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gpuplanner.catalog.schema.shape_towers import Tower
from gpuplanner.engine.architecture.readers import hearing, sam, seeing, towers
from gpuplanner.engine.architecture.readers.fields import Fields

_READERS: Final[tuple[tuple[Callable[[Fields], Tower], str], ...]] = (
    (towers.clip, "clip_vision_model clip"),
    (towers.siglip, "siglip_vision_model siglip"),
    (towers.siglip2, "siglip2_vision_model siglip2"),
    (
        towers.plain,
        "gemma3 paligemma idefics2_vision idefics3_vision smolvlm_vision idefics2 idefics3 smolvlm "
        "paddleocr_vl_vision paddleocr_vl",
    ),
    (towers.pixtral, "pixtral"),
    (towers.qwen2, "qwen2_vl_vision qwen2_vl"),
    (towers.qwen25, "qwen2_5_vl_vision qwen2_5_vl"),
    (
        towers.qwen3,
        "qwen3_vl_vision qwen3_vl qwen3_vl_moe_vision qwen3_vl_moe qwen3_5_vision qwen3_5 qwen3_5_moe_vision qwen3_5_moe",
    ),
    (towers.glm4v, "glm4v_vision glm4v glm4v_moe_vision glm4v_moe glm46v"),
    (towers.gemma4, "gemma4_vision gemma4"),
    (towers.mllama, "mllama_vision_model mllama"),
    (towers.llama4, "llama4_vision_model llama4"),
    (towers.internvl, "internvl_vision intern_vit_6b internvl internvl_chat"),
    (towers.qwen25, "qwen2_5_omni_vision_encoder"),
    (towers.qwen3, "qwen3_omni_moe_vision_encoder"),
    (seeing.glm_ocr, "glm_ocr_vision"),
    (seeing.aimv2, "aimv2_vision_model ovis2_vision aimv2"),
    (seeing.glimmer, "muse_glimmer_vision"),
    (seeing.blip, "blip_vision_model blip_2_vision_model instructblip_vision_model blip-2 instructblip"),
    (sam.vision, "sam_vision_model got_ocr2_vision got_ocr2"),
    (hearing.omni, "qwen3_omni_moe_audio_encoder qwen3_asr_encoder qwen3_asr_audio_encoder"),
    (hearing.omni_first, "qwen2_5_omni_audio_encoder"),
    (hearing.parakeet, "parakeet_encoder"),
    (towers.whisper, "whisper qwen2_audio_encoder voxtral_encoder"),
)

_BY_TYPE: Final = {kind: reader for reader, kinds in _READERS for kind in kinds.split()}


def tower_of(fields: Fields, whole: str = "") -> tuple[Tower, bool]:
    """A tower from its part of a config, and whether its family was unknown and it was read as a plain vision transformer.

    Args:
        fields: the tower's own part.
        whole: the type of the model it belongs to, where its own is missing.
    """
    kind = fields.word("model_type") or whole
    reader = _BY_TYPE.get(kind)
    if reader is not None:
        return reader(fields), False
    if fields.has("d_model", "encoder_layers") and fields.has("num_mel_bins"):
        return towers.whisper(fields), True
    if fields.has("depth") and not fields.has("num_hidden_layers"):
        fields = fields.over(
            num_hidden_layers=fields.raw("depth"),
            num_attention_heads=fields.raw("num_heads") or fields.raw("num_attention_heads"),
        )
    return towers.plain(fields), True
