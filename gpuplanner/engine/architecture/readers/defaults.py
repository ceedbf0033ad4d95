"""What a nested part of a config means by leaving a size out: its class's default (Hugging Face transformers 5.23)."""

from __future__ import annotations

from functools import cache
from typing import Final

_WRITTEN: Final[dict[str, str]] = {
    "llama": (
        "vocab_size=32000 hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 num_attention_heads=32 "
        "num_key_value_heads=32 max_position_embeddings=2048 tie_word_embeddings=no head_dim=128"
    ),
    "mistral": (
        "vocab_size=32000 hidden_size=4096 intermediate_size=14336 num_hidden_layers=32 num_attention_heads=32 "
        "num_key_value_heads=8 head_dim=128 max_position_embeddings=131072 tie_word_embeddings=no sliding_window=4096"
    ),
    "qwen2": (
        "vocab_size=151936 hidden_size=4096 intermediate_size=22016 num_hidden_layers=32 num_attention_heads=32 "
        "num_key_value_heads=32 max_position_embeddings=32768 tie_word_embeddings=no"
    ),
    "qwen3": (
        "vocab_size=151936 hidden_size=4096 intermediate_size=22016 num_hidden_layers=32 num_attention_heads=32 "
        "num_key_value_heads=32 head_dim=128 max_position_embeddings=32768 tie_word_embeddings=no"
    ),
    "gemma": (
        "vocab_size=256000 hidden_size=3072 intermediate_size=24576 num_hidden_layers=28 num_attention_heads=16 "
        "num_key_value_heads=16 head_dim=256 max_position_embeddings=8192 tie_word_embeddings=yes"
    ),
    "gemma2": (
        "vocab_size=256000 hidden_size=2304 intermediate_size=9216 num_hidden_layers=26 num_attention_heads=8 "
        "num_key_value_heads=4 head_dim=256 max_position_embeddings=8192 tie_word_embeddings=yes sliding_window=4096"
    ),
    "gemma3_text": (
        "vocab_size=262208 hidden_size=2304 intermediate_size=9216 num_hidden_layers=26 num_attention_heads=8 "
        "num_key_value_heads=4 head_dim=256 max_position_embeddings=131072 tie_word_embeddings=yes sliding_window=4096 "
        "_sliding_window_pattern=6"
    ),
    "gemma4_text": (
        "vocab_size=262144 hidden_size=2304 intermediate_size=9216 num_hidden_layers=30 num_attention_heads=8 "
        "num_key_value_heads=4 head_dim=256 max_position_embeddings=131072 tie_word_embeddings=yes sliding_window=512 "
        "vocab_size_per_layer_input=262144 hidden_size_per_layer_input=256 num_kv_shared_layers=0 "
        "_sliding_window_pattern=6"
    ),
    "llama4_text": (
        "vocab_size=202048 hidden_size=5120 intermediate_size=8192 intermediate_size_mlp=16384 num_hidden_layers=48 "
        "num_attention_heads=40 num_key_value_heads=8 head_dim=128 max_position_embeddings=131072 tie_word_embeddings=no "
        "num_experts_per_tok=1 num_local_experts=16 interleave_moe_layer_step=1 use_qk_norm=yes attention_chunk_size=8192"
    ),
    "mllama_text_model": (
        "vocab_size=128256 hidden_size=4096 num_hidden_layers=40 num_attention_heads=32 num_key_value_heads=8 "
        "intermediate_size=14336 max_position_embeddings=131072 tie_word_embeddings=no "
        "cross_attention_layers=3,8,13,18,23,28,33,38"
    ),
    "phi3": (
        "vocab_size=32064 hidden_size=3072 intermediate_size=8192 num_hidden_layers=32 num_attention_heads=32 "
        "num_key_value_heads=32 max_position_embeddings=4096 tie_word_embeddings=no"
    ),
    "qwen2_vl_text": (
        "vocab_size=152064 hidden_size=8192 intermediate_size=29568 num_hidden_layers=80 num_attention_heads=64 "
        "num_key_value_heads=8 max_position_embeddings=32768"
    ),
    "qwen2_5_vl_text": (
        "vocab_size=152064 hidden_size=8192 intermediate_size=29568 num_hidden_layers=80 num_attention_heads=64 "
        "num_key_value_heads=8 max_position_embeddings=32768"
    ),
    "qwen3_vl_text": (
        "vocab_size=151936 hidden_size=4096 intermediate_size=22016 num_hidden_layers=32 num_attention_heads=32 "
        "num_key_value_heads=32 head_dim=128 max_position_embeddings=128000"
    ),
    "qwen3_vl_moe_text": (
        "vocab_size=151936 hidden_size=2048 intermediate_size=5632 num_hidden_layers=24 num_attention_heads=16 "
        "num_key_value_heads=16 max_position_embeddings=128000 tie_word_embeddings=yes decoder_sparse_step=1 "
        "moe_intermediate_size=1408 num_experts_per_tok=4 num_local_experts=60 head_dim=128"
    ),
    "qwen3_5_text": (
        "vocab_size=248320 hidden_size=4096 intermediate_size=12288 num_hidden_layers=32 num_attention_heads=16 "
        "num_key_value_heads=4 max_position_embeddings=32768 tie_word_embeddings=no head_dim=256 linear_conv_kernel_dim=4 "
        "linear_key_head_dim=128 linear_value_head_dim=128 linear_num_key_heads=16 linear_num_value_heads=32"
    ),
    "qwen3_5_moe_text": (
        "vocab_size=248320 hidden_size=2048 num_hidden_layers=40 num_attention_heads=16 num_key_value_heads=2 "
        "max_position_embeddings=32768 tie_word_embeddings=no head_dim=256 linear_conv_kernel_dim=4 "
        "linear_key_head_dim=128 linear_value_head_dim=128 linear_num_key_heads=16 linear_num_value_heads=32 "
        "moe_intermediate_size=512 shared_expert_intermediate_size=512 num_experts_per_tok=8 num_experts=256"
    ),
    "glm4v_text": (
        "vocab_size=151552 hidden_size=4096 intermediate_size=13696 num_hidden_layers=40 num_attention_heads=32 "
        "num_key_value_heads=2 max_position_embeddings=32768"
    ),
    "glm4v_moe_text": (
        "vocab_size=151424 hidden_size=4096 intermediate_size=10944 num_hidden_layers=46 num_attention_heads=96 "
        "num_key_value_heads=8 max_position_embeddings=65536 tie_word_embeddings=no attention_bias=yes "
        "moe_intermediate_size=1408 num_experts_per_tok=8 n_shared_experts=1 n_routed_experts=128 first_k_dense_replace=1"
    ),
    "cohere2": (
        "vocab_size=256000 hidden_size=8192 intermediate_size=22528 num_hidden_layers=40 num_attention_heads=64 "
        "num_key_value_heads=64 max_position_embeddings=8192 tie_word_embeddings=yes sliding_window=4096 head_dim=128"
    ),
    "cohere": (
        "vocab_size=256000 hidden_size=8192 intermediate_size=22528 num_hidden_layers=40 num_attention_heads=64 "
        "num_key_value_heads=64 max_position_embeddings=8192 tie_word_embeddings=yes"
    ),
    "clip_vision_model": (
        "hidden_size=768 intermediate_size=3072 projection_dim=512 num_hidden_layers=12 num_attention_heads=12 "
        "num_channels=3 image_size=224 patch_size=32"
    ),
    "clip_text_model": (
        "vocab_size=49408 hidden_size=512 intermediate_size=2048 projection_dim=512 num_hidden_layers=12 "
        "num_attention_heads=8 max_position_embeddings=77"
    ),
    "siglip_vision_model": (
        "hidden_size=768 intermediate_size=3072 num_hidden_layers=12 num_attention_heads=12 num_channels=3 image_size=224 "
        "patch_size=16 vision_use_head=yes"
    ),
    "siglip_text_model": (
        "vocab_size=32000 hidden_size=768 intermediate_size=3072 num_hidden_layers=12 num_attention_heads=12 "
        "max_position_embeddings=64 projection_size=768"
    ),
    "siglip2_vision_model": (
        "hidden_size=768 intermediate_size=3072 num_hidden_layers=12 num_attention_heads=12 num_channels=3 patch_size=16 "
        "vision_use_head=yes num_patches=256"
    ),
    "siglip2_text_model": (
        "vocab_size=32000 hidden_size=768 intermediate_size=3072 num_hidden_layers=12 num_attention_heads=12 "
        "max_position_embeddings=64 projection_size=768"
    ),
    "pixtral": (
        "hidden_size=1024 intermediate_size=4096 num_hidden_layers=24 num_attention_heads=16 num_channels=3 "
        "image_size=1024 patch_size=16 head_dim=64"
    ),
    "mllama_vision_model": (
        "hidden_size=1280 num_hidden_layers=32 num_global_layers=8 attention_heads=16 num_channels=3 "
        "intermediate_size=5120 vision_output_dim=7680 image_size=448 patch_size=14 max_num_tiles=4"
    ),
    "llama4_vision_model": (
        "hidden_size=768 num_hidden_layers=34 num_attention_heads=16 num_channels=3 intermediate_size=5632 "
        "vision_output_dim=7680 image_size=448 patch_size=14 projector_input_dim=4096 projector_output_dim=4096"
    ),
    "qwen2_vl_vision": (
        "depth=32 embed_dim=1280 hidden_size=3584 mlp_ratio=4 num_heads=16 in_channels=3 patch_size=14 "
        "spatial_merge_size=2 temporal_patch_size=2"
    ),
    "qwen2_5_vl_vision": (
        "depth=32 hidden_size=3584 intermediate_size=3420 num_heads=16 in_channels=3 patch_size=14 spatial_merge_size=2 "
        "temporal_patch_size=2 out_hidden_size=3584"
    ),
    "qwen3_vl_vision": (
        "depth=27 hidden_size=1152 intermediate_size=4304 num_heads=16 in_channels=3 patch_size=16 spatial_merge_size=2 "
        "temporal_patch_size=2 out_hidden_size=3584 num_position_embeddings=2304 deepstack_visual_indexes=8,16,24"
    ),
    "qwen3_vl_moe_vision": (
        "depth=27 hidden_size=1152 intermediate_size=4304 num_heads=16 in_channels=3 patch_size=16 spatial_merge_size=2 "
        "temporal_patch_size=2 out_hidden_size=3584 num_position_embeddings=2304 deepstack_visual_indexes=8,16,24"
    ),
    "qwen3_5_vision": (
        "depth=27 hidden_size=1152 intermediate_size=4304 num_heads=16 in_channels=3 patch_size=16 spatial_merge_size=2 "
        "temporal_patch_size=2 out_hidden_size=3584 num_position_embeddings=2304"
    ),
    "qwen3_5_moe_vision": (
        "depth=27 hidden_size=1152 intermediate_size=4304 num_heads=16 in_channels=3 patch_size=16 spatial_merge_size=2 "
        "temporal_patch_size=2 out_hidden_size=3584 num_position_embeddings=2304"
    ),
    "gemma4_vision": (
        "hidden_size=768 intermediate_size=3072 num_hidden_layers=16 num_attention_heads=12 num_key_value_heads=12 "
        "head_dim=64 max_position_embeddings=131072 patch_size=16 position_embedding_size=10240"
    ),
    "internvl_vision": (
        "hidden_size=1024 num_hidden_layers=24 num_attention_heads=16 intermediate_size=4096 num_channels=3 "
        "use_absolute_position_embeddings=yes use_mean_pooling=yes image_size=448 patch_size=14"
    ),
    "idefics2_vision": (
        "hidden_size=768 intermediate_size=3072 num_hidden_layers=12 num_attention_heads=12 num_channels=3 image_size=224 "
        "patch_size=32"
    ),
    "idefics2_perceiver": (
        "hidden_size=4096 resampler_n_latents=64 resampler_depth=3 resampler_n_heads=16 resampler_head_dim=96 "
        "num_key_value_heads=4"
    ),
    "idefics3_vision": (
        "hidden_size=1152 intermediate_size=3072 num_hidden_layers=12 num_attention_heads=16 num_channels=3 "
        "image_size=224 patch_size=32"
    ),
    "smolvlm_vision": (
        "hidden_size=1152 intermediate_size=3072 num_hidden_layers=12 num_attention_heads=16 num_channels=3 "
        "image_size=224 patch_size=32"
    ),
    "glm4v_vision": (
        "depth=24 hidden_size=1536 num_heads=12 in_channels=3 image_size=336 patch_size=14 spatial_merge_size=2 "
        "temporal_patch_size=2 out_hidden_size=4096 intermediate_size=13696"
    ),
    "glm4v_moe_vision": (
        "depth=24 hidden_size=1536 num_heads=12 in_channels=3 image_size=336 patch_size=14 spatial_merge_size=2 "
        "temporal_patch_size=2 out_hidden_size=4096 intermediate_size=13696"
    ),
    "paddleocr_vl_vision": (
        "hidden_size=1152 intermediate_size=4304 num_hidden_layers=27 num_attention_heads=16 num_channels=3 "
        "image_size=384 patch_size=14 spatial_merge_size=2"
    ),
    "paddleocr_vl_text": (
        "vocab_size=103424 hidden_size=1024 intermediate_size=3072 num_hidden_layers=18 num_attention_heads=16 "
        "num_key_value_heads=2 max_position_embeddings=131072 tie_word_embeddings=yes head_dim=128"
    ),
    "qwen2_audio_encoder": (
        "num_mel_bins=128 encoder_layers=32 encoder_attention_heads=20 encoder_ffn_dim=5120 d_model=1280 "
        "max_source_positions=1500"
    ),
    "voxtral_encoder": (
        "vocab_size=51866 hidden_size=1280 intermediate_size=5120 num_hidden_layers=32 num_attention_heads=20 "
        "num_mel_bins=128 max_source_positions=1500"
    ),
}

# A tower's own type may be missing, or be the whole model's.
_SAME: Final[dict[str, str]] = {
    "qwen2_vl": "qwen2_vl_vision",
    "qwen2_5_vl": "qwen2_5_vl_vision",
    "qwen3_vl": "qwen3_vl_vision",
    "qwen3_vl_moe": "qwen3_vl_moe_vision",
    "qwen3_5": "qwen3_5_vision",
    "qwen3_5_moe": "qwen3_5_moe_vision",
    "glm4v": "glm4v_vision",
    "glm4v_moe": "glm4v_moe_vision",
    "idefics2": "idefics2_vision",
    "idefics3": "idefics3_vision",
    "smolvlm": "smolvlm_vision",
    "gemma3": "siglip_vision_model",
    "llava": "clip_vision_model",
    "llama4": "llama4_vision_model",
    "mllama": "mllama_vision_model",
    "gemma4": "gemma4_vision",
    "internvl": "internvl_vision",
    "glm46v": "glm4v_vision",
    "mistral3": "pixtral",
    "paddleocr_vl": "paddleocr_vl_vision",
}


@cache
def defaults_of(model_type: str) -> dict[str, object]:
    """The fields a nested config of this type may leave out; empty for types that aren't known."""
    written = _WRITTEN.get(model_type) or _WRITTEN.get(_SAME.get(model_type, ""), "")
    pairs = (pair.split("=") for pair in written.split())
    return {name: _value(value) for name, value in pairs}


def _value(written: str) -> object:
    if written in ("yes", "no"):
        return written == "yes"
    if "," in written:
        return [int(item) for item in written.split(",")]
    return int(written)
