"""The metadata of a GGUF file in the words of a config.json, so that one place alone knows the architectures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from gpuplanner.catalog.importers.gguf import GgufHeader, Listed, Scalar
from gpuplanner.engine.architecture.readers.fields import UnsupportedArchitecture

# GGUF's name of an architecture where it isn't that of the config's model_type.
_TYPES: Final = {
    "qwen2moe": "qwen2_moe",
    "qwen3moe": "qwen3_moe",
    "qwen3next": "qwen3_next",
    "qwen2vl": "qwen2",
    "qwen3vl": "qwen3",
    "qwen3vlmoe": "qwen3_moe",
    "gemma3": "gemma3_text",
    "phi2": "phi",
    "phimoe": "phimoe",
    "deepseek": "deepseek",
    "deepseek2": "deepseek_v3",
    "deepseek32": "deepseek_v32",
    "glm-dsa": "glm_moe_dsa",
    "gpt-oss": "gpt_oss",
    "gptneox": "gpt_neox",
    "command-r": "cohere",
    "glm4moe": "glm4_moe",
    "minimax-m2": "minimax_m2",
    "hunyuan-dense": "hunyuan_v1_dense",
    "hunyuan-moe": "hunyuan_v1_moe",
    "ernie4_5-moe": "ernie4_5_moe",
    "falcon-h1": "falcon_h1",
    "llama4": "llama4_text",
    "mistral3": "mistral",
    "starcoder": "gpt_bigcode",
    "lfm2moe": "lfm2_moe",
    "granitehybrid": "granitemoehybrid",
    "mimo2": "mimo_v2",
}
_FIELDS: Final = {
    "hidden_size": "embedding_length",
    "intermediate_size": "feed_forward_length",
    "num_attention_heads": "attention.head_count",
    "num_key_value_heads": "attention.head_count_kv",
    "head_dim": "attention.key_length",
    "max_position_embeddings": "context_length",
    "num_experts": "expert_count",
    "num_experts_per_tok": "expert_used_count",
    "moe_intermediate_size": "expert_feed_forward_length",
    "n_shared_experts": "expert_shared_count",
    "shared_expert_intermediate_size": "expert_shared_feed_forward_length",
    "first_k_dense_replace": "leading_dense_block_count",
    "sliding_window": "attention.sliding_window",
    "q_lora_rank": "attention.q_lora_rank",
    "kv_lora_rank": "attention.kv_lora_rank",
    "index_n_heads": "attention.indexer.head_count",
    "index_head_dim": "attention.indexer.key_length",
    "index_topk": "attention.indexer.top_k",
    "interleave_moe_layer_step": "interleave_moe_layer_step",
    "linear_conv_kernel_dim": "ssm.conv_kernel",
    "linear_key_head_dim": "ssm.state_size",
    "linear_num_key_heads": "ssm.group_count",
    "linear_num_value_heads": "ssm.time_step_rank",
    "full_attention_interval": "full_attention_interval",
}
_MAX_LISTED: Final = 1000

Config = dict[str, object]


def config_of(header: GgufHeader) -> Config:
    """The fields that a config.json of this model would hold, as far as its family's reader asks for them.

    Raises:
        UnsupportedArchitecture: a field that differs from layer to layer, or a file that holds no language model.
    """
    architecture = header.metadata.get("general.architecture")
    if not isinstance(architecture, str) or not architecture:
        raise UnsupportedArchitecture("missing_fields", fields="general.architecture")
    config: Config = {"model_type": _TYPES.get(architecture, architecture.replace("-", "_"))}
    for name, key in _FIELDS.items():
        value = _single(header.metadata, f"{architecture}.{key}")
        if value is not None:
            config[name] = value
    layers = _single(header.metadata, f"{architecture}.block_count")
    further = _single(header.metadata, f"{architecture}.nextn_predict_layers") or 0
    if isinstance(layers, int) and isinstance(further, int):
        config["num_hidden_layers"] = layers - further
    windowed = header.metadata.get(f"{architecture}.attention.sliding_window_pattern")
    if isinstance(windowed, Listed) and windowed.items and windowed.count == config.get("num_hidden_layers"):
        config["layer_types"] = ["sliding_attention" if here else "full_attention" for here in windowed.items]
    by_tensors(config, header)
    adjust = _ADJUST.get(architecture)
    if adjust is not None:
        adjust(config, header)
    if architecture == "ernie4_5-moe":
        config["moe_layer_start_index"] = config.get("first_k_dense_replace", 0)
        config["moe_layer_interval"] = config.get("interleave_moe_layer_step", 1)
    return config


def by_tensors(config: Config, header: GgufHeader) -> None:
    """What the tensors themselves show: vocabulary, biases, norms of queries, whether the head is the embedding."""
    shapes = {tensor.name: tensor.shape for tensor in header.tensors}
    embedding = shapes.get("token_embd.weight", ())
    if len(embedding) == 2:
        config["vocab_size"] = embedding[0]
    config["tie_word_embeddings"] = "output.weight" not in shapes
    names = {name.partition(".")[2].partition(".")[2] for name in shapes if name.startswith("blk.")}
    config["qkv_bias"] = not names.isdisjoint({"attn_q.bias", "attn_qkv.bias"})
    config["attention_out_bias"] = "attn_output.bias" in names
    config["mlp_bias"] = "ffn_down.bias" in names
    config["use_qk_norm"] = config["qk_layernorm"] = "attn_q_norm.weight" in names


def _single(metadata: Mapping[str, Scalar | Listed], key: str) -> Scalar | None:
    """A value; of a value for each layer the one that all share."""
    value = metadata.get(key)
    if not isinstance(value, Listed):
        return value
    items = set(value.items or ())
    if len(items) == 1 and value.count <= _MAX_LISTED:
        return items.pop()
    raise UnsupportedArchitecture("per_layer_design", field=key[:60])


def _latent(config: Config, header: GgufHeader) -> None:
    """DeepSeek: key and value widths as they are before compression stand under keys of their own in newer files."""
    metadata = header.metadata

    def of(key: str) -> int | None:
        value = _single(metadata, f"{metadata['general.architecture']}.{key}")
        return value if type(value) is int else None

    key = of("attention.key_length_mla") or of("attention.key_length")
    value, rope = of("attention.value_length_mla") or of("attention.value_length"), of("rope.dimension_count")
    for name in ("head_dim", "num_key_value_heads", "shared_expert_intermediate_size", "use_qk_norm", "qk_layernorm", "qkv_bias"):
        config.pop(name, None)
    if "kv_lora_rank" in config and key and rope and value:
        config |= {"qk_nope_head_dim": key - rope, "qk_rope_head_dim": rope, "v_head_dim": value}


def _delta(config: Config, header: GgufHeader) -> None:
    """Qwen3-Next: the width of all value heads stands in place of that of one."""
    width, heads = header.metadata.get("qwen3next.ssm.inner_size"), config.get("linear_num_value_heads")
    if isinstance(width, int) and isinstance(heads, int) and heads > 0:
        config["linear_value_head_dim"] = width // heads


def _stablelm(config: Config, header: GgufHeader) -> None:
    config["use_qkv_bias"] = config["qkv_bias"]
    config["use_parallel_residual"] = bool(header.metadata.get("stablelm.use_parallel_residual"))


def _falcon(config: Config, header: GgufHeader) -> None:
    names = {tensor.name for tensor in header.tensors}
    config |= {"new_decoder_architecture": "blk.0.attn_norm_2.weight" in names, "bias": config["mlp_bias"]}
    config["multi_query"] = config.get("num_key_value_heads") == 1


_ADJUST: Final[Mapping[str, Callable[[Config, GgufHeader], None]]] = {
    "deepseek2": _latent,
    "deepseek32": _latent,
    "glm-dsa": _latent,
    "qwen3next": _delta,
    "stablelm": _stablelm,
    "falcon": _falcon,
}
