"""What isn't read, and why: recognised by the fields a config has, then by its names."""

from __future__ import annotations

from typing import Final

from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture

# Fields that only such a model has, in the order in which they are looked for.
_BY_FIELD: Final[tuple[tuple[str, str], ...]] = (
    ("diffusion", "_class_name _diffusers_version"),
    (
        "vision_language",
        "vision_config text_config audio_config llm_config thinker_config encoder_config vision_cfg text_cfg "
        "vision_tower mm_vision_tower visual",
    ),
    ("compressed_attention", "compress_ratios compress_ratio"),
    (
        "per_layer_design",
        "block_configs hidden_size_per_layer_input altup_num_inputs num_query_heads enable_moe_block zero_expert_num",
    ),
)

_BY_TYPE: Final[tuple[tuple[str, str], ...]] = (
    (
        "encoder_decoder",
        "t5 mt5 umt5 bart mbart whisper pegasus marian m2m_100 led longt5 switch_transformers t5gemma speech_to_text "
        "seamless_m4t seamless_m4t_v2 fsmt prophetnet",
    ),
    (
        "encoder",
        "bert roberta distilbert xlm-roberta albert electra deberta deberta-v2 camembert modernbert nomic_bert new mpnet "
        "eurobert esm layoutlmv3 vit deit beit swin dinov2 dinov3_vit convnext convnextv2 resnet segformer detr wav2vec2 hubert "
        "wavlm clip_text_model clip_vision_model siglip_vision_model",
    ),
    (
        "vision_language",
        "clip siglip siglip2 blip blip-2 llava qwen2_vl qwen2_5_vl qwen3_vl mllama idefics3 internvl_chat paligemma florence2 "
        "minicpmv gemma3n",
    ),
    ("state_space", "rwkv rwkv5 rwkv6 rwkv7 xlstm"),
    ("hybrid_attention", "zamba zamba2 zaya plamo2"),
    ("compressed_attention", "deepseek_v4"),
)

_NOT_GENERATING: Final = (
    "ForSequenceClassification",
    "ForTokenClassification",
    "ForMaskedLM",
    "ForQuestionAnswering",
    "ForImageClassification",
    "ForPreTraining",
    "ForObjectDetection",
    "ForAudioClassification",
    "ForCTC",
    "TextModelWithProjection",
)


def refuse_others(fields: Fields, architecture: str) -> None:
    """Raises UnsupportedArchitecture for what is recognised as something other than a decoder with softmax attention.

    Args:
        fields: the config.
        architecture: the first of its ``architectures``, empty where there is none.
    """
    if fields.raw("is_encoder_decoder") is True:
        raise UnsupportedArchitecture("encoder_decoder")
    kind = fields.word("model_type")
    for code, types in _BY_TYPE:
        if kind in types.split():
            raise UnsupportedArchitecture(code)
    for code, names in _BY_FIELD:
        if fields.has(*names.split()):
            raise UnsupportedArchitecture(code)
    if architecture.endswith(_NOT_GENERATING):
        raise UnsupportedArchitecture("not_generating", architecture=architecture[:80])
    if architecture.endswith("ForConditionalGeneration"):
        raise UnsupportedArchitecture("vision_language")
