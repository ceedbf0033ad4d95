"""Writers of weight files as the formats are documented, apart from the code that reads them; without data unless asked."""

from __future__ import annotations

import json
import struct
from math import prod
from pathlib import Path

BITS = {"BF16": 16, "F16": 16, "F32": 32, "F8_E4M3": 8, "U8": 8, "I8": 8, "I32": 32, "I64": 64, "BOOL": 8, "F8_E8M0": 8, "F4": 4}

# github.com/ggml-org/ggml, docs/gguf.md: numbers of the value types
U32, F32, BOOL, STRING, ARRAY, U64 = 4, 6, 7, 8, 9, 10
# type number, elements of a block, bytes of a block
GGML = {
    "F32": (0, 1, 4), "F16": (1, 1, 2), "Q4_0": (2, 32, 18), "Q8_0": (8, 32, 34), "Q2_K": (10, 256, 84), "Q3_K": (11, 256, 110),
    "Q4_K": (12, 256, 144), "Q5_K": (13, 256, 176), "Q6_K": (14, 256, 210), "IQ4_XS": (23, 256, 136), "BF16": (30, 1, 2),
    "MXFP4": (39, 32, 17),
}  # fmt: skip


def decoder_tensors(config: dict, head: bool | None = None) -> dict[str, list[int]]:
    """Names and shapes of a Llama- or Qwen-like checkpoint, as transformers writes them."""
    hidden, vocab, width = config["hidden_size"], config["vocab_size"], config["intermediate_size"]
    dim = config.get("head_dim") or hidden // config["num_attention_heads"]
    query, key = config["num_attention_heads"] * dim, config["num_key_value_heads"] * dim
    biased = config["model_type"] == "qwen2"
    tensors = {"model.embed_tokens.weight": [vocab, hidden]}
    for index in range(config["num_hidden_layers"]):
        at = f"model.layers.{index}"
        tensors |= {
            f"{at}.input_layernorm.weight": [hidden],
            f"{at}.self_attn.q_proj.weight": [query, hidden],
            f"{at}.self_attn.k_proj.weight": [key, hidden],
            f"{at}.self_attn.v_proj.weight": [key, hidden],
            f"{at}.self_attn.o_proj.weight": [hidden, query],
            f"{at}.post_attention_layernorm.weight": [hidden],
            f"{at}.mlp.gate_proj.weight": [width, hidden],
            f"{at}.mlp.up_proj.weight": [width, hidden],
            f"{at}.mlp.down_proj.weight": [hidden, width],
        }
        if biased:
            tensors |= {f"{at}.self_attn.{name}_proj.bias": [size] for name, size in (("q", query), ("k", key), ("v", key))}
        if config["model_type"] == "qwen3":
            tensors |= {f"{at}.self_attn.{name}_norm.weight": [dim] for name in "qk"}
    tensors["model.norm.weight"] = [hidden]
    if not config.get("tie_word_embeddings") if head is None else head:
        tensors["lm_head.weight"] = [vocab, hidden]
    return tensors


def safetensors_header(tensors: dict, dtype: str = "BF16") -> dict:
    """The header's fields; a tensor is a shape, or a dtype with a shape."""
    at, fields = 0, {"__metadata__": {"format": "pt"}}
    for name, given in tensors.items():
        kind, shape = given if isinstance(given, tuple) else (dtype, given)
        size = prod(shape) * BITS[kind] // 8
        fields[name] = {"dtype": kind, "shape": shape, "data_offsets": [at, at + size]}
        at += size
    return fields


def safetensors_bytes(fields: object) -> bytes:
    """Length and header."""
    text = json.dumps(fields).encode()
    return struct.pack("<Q", len(text)) + text


def write_safetensors(path: Path, tensors: dict, dtype: str = "BF16", data: bool = False) -> Path:
    """A file of a header alone, or with zeros behind it."""
    fields = safetensors_header(tensors, dtype)
    path.write_bytes(safetensors_bytes(fields))
    if data:
        with path.open("r+b") as file:
            file.truncate(path.stat().st_size + max(entry["data_offsets"][1] for name, entry in fields.items() if name[0] != "_"))
    return path


def write_sharded(folder: Path, tensors: dict, shards: int, dtype: str = "BF16", total: bool = True) -> Path:
    """Header-only shards and their index; returns the index."""
    names = list(tensors)
    shard_of = {}
    for number in range(shards):
        name = f"model-{number + 1:05d}-of-{shards:05d}.safetensors"
        chosen = names[number::shards]
        write_safetensors(folder / name, {each: tensors[each] for each in chosen}, dtype)
        shard_of |= dict.fromkeys(chosen, name)
    size = sum(prod(shape) for shape in tensors.values()) * BITS[dtype] // 8
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {"total_size": size} if total else {}, "weight_map": shard_of}), encoding="utf-8")
    return index


def gguf_string(text: str, order: str = "<") -> bytes:
    return struct.pack(f"{order}Q", len(text.encode())) + text.encode()


def gguf_value(value: object, order: str = "<") -> bytes:
    """A typed value: whole numbers as 32 bit, lists of words or numbers as arrays."""
    if isinstance(value, bool):
        return struct.pack(f"{order}I?", BOOL, value)
    if isinstance(value, int):
        return struct.pack(f"{order}II", U32, value)
    if isinstance(value, float):
        return struct.pack(f"{order}If", F32, value)
    if isinstance(value, str):
        return struct.pack(f"{order}I", STRING) + gguf_string(value, order)
    kind = STRING if value and isinstance(value[0], str) else U32
    head = struct.pack(f"{order}IIQ", ARRAY, kind, len(value))
    if kind == STRING:
        return head + b"".join(gguf_string(each, order) for each in value)
    return head + struct.pack(f"{order}{len(value)}I", *value)


def gguf_bytes(metadata: dict, tensors: dict, order: str = "<", version: int = 3) -> bytes:
    """A header, padded; a tensor is a type with its dimensions, the fastest first."""
    parts = [b"GGUF", struct.pack(f"{order}IQQ", version, len(tensors), len(metadata))]
    parts += [gguf_string(key, order) + gguf_value(value, order) for key, value in metadata.items()]
    at = 0
    for name, (kind, dims) in tensors.items():
        number, elements, size = GGML[kind]
        parts.append(gguf_string(name, order) + struct.pack(f"{order}I{len(dims)}QIQ", len(dims), *dims, number, at))
        at += -(-(prod(dims) // elements * size) // 32) * 32
    header = b"".join(parts)
    return header + bytes(-len(header) % 32)


LLAMA_1B = {
    "general.architecture": "llama",
    "general.name": "Llama 3.2 1B Instruct",
    "general.file_type": 15,
    "llama.block_count": 16,
    "llama.context_length": 131072,
    "llama.embedding_length": 2048,
    "llama.feed_forward_length": 8192,
    "llama.attention.head_count": 32,
    "llama.attention.head_count_kv": 8,
    "llama.attention.key_length": 64,
    "llama.rope.dimension_count": 64,
    "llama.rope.freq_base": 500000.0,
    "llama.vocab_size": 128256,
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.tokens": [f"t{number}" for number in range(500)],
    "tokenizer.ggml.token_type": [1] * 500,
}


def llama_1b_tensors() -> dict:
    """Llama 3.2 1B as llama.cpp quantises it to Q4_K_M: half of the value and down matrices in Q6_K, as is the embedding."""
    tensors = {"token_embd.weight": ("Q6_K", [2048, 128256]), "rope_freqs.weight": ("F32", [32])}
    for index in range(16):
        more = "Q6_K" if index < 2 or index >= 14 or index % 3 == 2 else "Q4_K"
        tensors |= {
            f"blk.{index}.attn_norm.weight": ("F32", [2048]),
            f"blk.{index}.attn_q.weight": ("Q4_K", [2048, 2048]),
            f"blk.{index}.attn_k.weight": ("Q4_K", [2048, 512]),
            f"blk.{index}.attn_v.weight": (more, [2048, 512]),
            f"blk.{index}.attn_output.weight": ("Q4_K", [2048, 2048]),
            f"blk.{index}.ffn_norm.weight": ("F32", [2048]),
            f"blk.{index}.ffn_gate.weight": ("Q4_K", [2048, 8192]),
            f"blk.{index}.ffn_up.weight": ("Q4_K", [2048, 8192]),
            f"blk.{index}.ffn_down.weight": (more, [8192, 2048]),
        }
    return tensors | {"output_norm.weight": ("F32", [2048])}
