"""Headers of GGUF files: exact bytes by hand, structures of the common families, and refusals in words."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.catalog.importers.gguf_types import PRECISION_OF_FILE, PRECISION_OF_TYPE, TYPES
from gpuplanner.catalog.importers.importing import import_model
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.shape import Experts, LatentAttention
from gpuplanner.engine.architecture.operators import operator_list
from tests.catalog.importers import writers
from tests.catalog.importers.test_safetensors import outcome, refused

# Bits of a weight as llama.cpp's own table of quantisations prints them.
BITS = {
    "Q4_0": 4.5, "Q4_1": 5.0, "Q5_0": 5.5, "Q5_1": 6.0, "Q8_0": 8.5, "Q2_K": 2.625, "Q3_K": 3.4375, "Q4_K": 4.5, "Q5_K": 5.5,
    "Q6_K": 6.5625, "IQ1_S": 1.5625, "IQ1_M": 1.75, "IQ2_XXS": 2.0625, "IQ2_XS": 2.3125, "IQ2_S": 2.5625, "IQ3_XXS": 3.0625,
    "IQ3_S": 3.4375, "IQ4_NL": 4.5, "IQ4_XS": 4.25, "TQ1_0": 1.6875, "TQ2_0": 2.0625, "MXFP4": 4.25, "NVFP4": 4.5,
    "F32": 32, "F16": 16, "BF16": 16,
}  # fmt: skip


def written(tmp_path, metadata, tensors, name="model.gguf", **how):
    path = tmp_path / name
    path.write_bytes(writers.gguf_bytes(metadata, tensors, **how))
    return path


@pytest.mark.parametrize("name", BITS)
def test_bits_of_the_block_types(name):
    block = next(block for block in TYPES.values() if block.name == name)
    assert block.size * 8 / block.elements == BITS[name]


def test_file_types_name_precisions_of_the_catalogue():
    known = load_catalog().precisions
    assert {*PRECISION_OF_FILE.values(), *PRECISION_OF_TYPE.values()} <= set(known)


def test_llama_1b_by_hand(tmp_path):
    model = import_model(written(tmp_path, writers.LLAMA_1B, writers.llama_1b_tensors()))
    embedding = 128_256 * 2048 * 210 // 256
    query_and_out = 16 * 2 * 2048 * 2048 * 144 // 256
    keys = 16 * 2048 * 512 * 144 // 256
    up_and_gate = 16 * 2 * 2048 * 8192 * 144 // 256
    # 8 of the 16 layers have values and down matrices in Q6_K: 0, 1, 2, 5, 8, 11, 14, 15
    values = 8 * 2048 * 512 * (144 + 210) // 256
    down = 8 * 2048 * 8192 * (144 + 210) // 256
    norms = 33 * 2048 * 4
    parts = {name: part.bytes for name, part in model.stored.parts.items()}
    assert parts == {
        "embedding": embedding, "attention": query_and_out + keys + values, "mlp": up_and_gate + down, "norm": norms, "other": 128
    }  # fmt: skip
    assert model.stored.total_bytes == 799_862_912
    assert model.params_total == model.stored.params == 1_235_814_400
    assert (model.stored_as, model.stored.precision) == ("gguf-q4-k-m", "gguf-q4-k-m")
    assert model.shape.tied
    assert not model.shape_is_assumed
    assert (model.name, model.max_context) == ("Llama 3.2 1B Instruct", 131_072)


@pytest.mark.parametrize("how", [{"order": ">"}, {"version": 2}, {"order": ">", "version": 2}])
def test_either_byte_order_and_both_versions(tmp_path, how):
    plain = import_model(written(tmp_path, writers.LLAMA_1B, writers.llama_1b_tensors()))
    assert import_model(written(tmp_path, writers.LLAMA_1B, writers.llama_1b_tensors(), **how)) == plain


def small(architecture, **fields):
    """Metadata of a small model: 2 layers, 64 wide, 4 heads, 96 words."""
    metadata = {
        "general.architecture": architecture, f"{architecture}.block_count": 2, f"{architecture}.embedding_length": 64,
        f"{architecture}.feed_forward_length": 128, f"{architecture}.attention.head_count": 4,
        f"{architecture}.attention.head_count_kv": 2, f"{architecture}.context_length": 512,
    }  # fmt: skip
    return metadata | {f"{architecture}.{key}": value for key, value in fields.items()}


def small_tensors(*, head=True, biased=False, normed=0, experts=0, layers=2, more=None, norms=("attn_norm", "ffn_norm"), dim=16):
    """Tensors of such a model, dimensions with the fastest first."""
    tensors = {"token_embd.weight": ("F16", [64, 96])}
    for index in range(layers):
        at = f"blk.{index}"
        tensors |= {f"{at}.{name}.weight": ("F32", [64]) for name in norms}
        sizes = {"q": 4 * dim, "k": 2 * dim, "v": 2 * dim}
        tensors |= {f"{at}.attn_{name}.weight": ("F16", [64, size]) for name, size in sizes.items()}
        tensors[f"{at}.attn_output.weight"] = ("F16", [4 * dim, 64])
        if biased:
            tensors |= {f"{at}.attn_{name}.bias": ("F32", [size]) for name, size in sizes.items()}
        if normed:
            tensors |= {f"{at}.attn_{name}_norm.weight": ("F32", [normed]) for name in "qk"}
        if experts:
            tensors[f"{at}.ffn_gate_inp.weight"] = ("F32", [64, experts])
            tensors |= {f"{at}.ffn_{name}_exps.weight": ("F16", [64, 128, experts]) for name in ("gate", "up")}
            tensors[f"{at}.ffn_down_exps.weight"] = ("F16", [128, 64, experts])
        else:
            tensors |= {f"{at}.ffn_{name}.weight": ("F16", [64, 128]) for name in ("gate", "up")}
            tensors[f"{at}.ffn_down.weight"] = ("F16", [128, 64])
    tensors["output_norm.weight"] = ("F32", [64])
    if head:
        tensors["output.weight"] = ("F16", [64, 96])
    return tensors | (more or {})


FOUR_NORMS = ("attn_norm", "ffn_norm", "post_attention_norm", "post_ffw_norm")
FAMILIES = {
    "llama": (small("llama"), small_tensors()),
    "llama tied": (small("llama"), small_tensors(head=False)),
    "mixtral": (small("llama", expert_count=4, expert_used_count=2), small_tensors(experts=4)),
    "qwen2": (small("qwen2"), small_tensors(biased=True)),
    "qwen3": (small("qwen3", **{"attention.key_length": 32}), small_tensors(normed=32, dim=32, head=False)),
    "qwen3moe": (
        small("qwen3moe", expert_count=8, expert_used_count=2, expert_feed_forward_length=128),
        small_tensors(normed=16, experts=8),
    ),
    "gemma2": (small("gemma2", **{"attention.sliding_window": 256}), small_tensors(head=False, norms=FOUR_NORMS)),
    "gemma3": (small("gemma3", **{"attention.sliding_window": 256}), small_tensors(head=False, norms=FOUR_NORMS, normed=16)),
    "nothing known": (small("brand-new"), small_tensors()),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_structure_accounts_for_every_tensor(tmp_path, family):
    metadata, tensors = FAMILIES[family]
    model = import_model(written(tmp_path, metadata, tensors))
    assert operator_list(model.shape).total_params == model.stored.params
    assert model.shape_is_assumed is (family == "nothing known")
    assert model.stored.precision == "fp16"
    assert model.stored_as is None


def test_phi3_keeps_queries_keys_and_values_together(tmp_path):
    tensors = small_tensors()
    for index in range(2):
        for name in "qkv":
            del tensors[f"blk.{index}.attn_{name}.weight"]
        for name in ("gate", "up"):
            del tensors[f"blk.{index}.ffn_{name}.weight"]
        tensors |= {f"blk.{index}.attn_qkv.weight": ("F16", [64, 128]), f"blk.{index}.ffn_up.weight": ("F16", [64, 256])}
    model = import_model(written(tmp_path, small("phi3"), tensors))
    assert operator_list(model.shape).total_params == model.stored.params


def test_gpt_oss_has_sinks_and_biases(tmp_path):
    more = {}
    for index in range(2):
        at = f"blk.{index}"
        more |= {
            f"{at}.attn_sinks.weight": ("F32", [4]), f"{at}.attn_output.bias": ("F32", [64]),
            f"{at}.ffn_gate_inp.bias": ("F32", [4]),
            f"{at}.ffn_gate_exps.bias": ("F32", [128, 4]), f"{at}.ffn_up_exps.bias": ("F32", [128, 4]),
            f"{at}.ffn_down_exps.bias": ("F32", [64, 4]),
        }  # fmt: skip
    metadata = small(
        "gpt-oss", expert_count=4, expert_used_count=2, expert_feed_forward_length=128, **{"attention.sliding_window": 128}
    )
    tensors = small_tensors(biased=True, experts=4, more=more)
    tensors |= {name: ("MXFP4", dims) for name, (_, dims) in tensors.items() if name.endswith("_exps.weight")}
    model = import_model(written(tmp_path, metadata | {"general.file_type": 38}, tensors))
    assert operator_list(model.shape).total_params == model.stored.params
    assert model.stored_as == "mxfp4"
    assert [layer.attention.window for layer in model.shape.layers] == [128, None]
    assert model.stored.parts["experts"].bytes == 2 * (3 * 64 * 128 * 4 * 17 // 32 + (2 * 128 + 64) * 4 * 4)


def latent_tensors():
    """Two layers of latent attention, one dense and one with 4 routed and 1 shared expert, and one to predict a further token."""
    tensors = small_tensors(layers=0)
    for index in range(3):
        at = f"blk.{index}"
        tensors |= {
            f"{at}.attn_norm.weight": ("F32", [64]), f"{at}.ffn_norm.weight": ("F32", [64]),
            f"{at}.attn_q_a.weight": ("F16", [64, 32]), f"{at}.attn_q_a_norm.weight": ("F32", [32]),
            f"{at}.attn_q_b.weight": ("F16", [32, 4 * 24]), f"{at}.attn_kv_a_mqa.weight": ("F16", [64, 40]),
            f"{at}.attn_kv_a_norm.weight": ("F32", [32]), f"{at}.attn_k_b.weight": ("F16", [16, 32, 4]),
            f"{at}.attn_v_b.weight": ("F16", [32, 16, 4]), f"{at}.attn_output.weight": ("F16", [64, 64]),
        }  # fmt: skip
        if index == 0:
            tensors |= {f"{at}.ffn_{name}.weight": ("F16", [64, 128]) for name in ("gate", "up")}
            tensors[f"{at}.ffn_down.weight"] = ("F16", [128, 64])
            continue
        tensors |= {f"{at}.ffn_gate_inp.weight": ("F32", [64, 4]), f"{at}.exp_probs_b.bias": ("F32", [4])}
        for end, dims in (("exps", [4]), ("shexp", [])):
            tensors |= {f"{at}.ffn_{name}_{end}.weight": ("F16", [64, 32, *dims]) for name in ("gate", "up")}
            tensors[f"{at}.ffn_down_{end}.weight"] = ("F16", [32, 64, *dims])
    return tensors


def test_deepseek_with_latent_attention_and_a_layer_for_further_tokens(tmp_path):
    metadata = small(
        "deepseek2", expert_count=4, expert_used_count=2, expert_feed_forward_length=32, expert_shared_count=1,
        leading_dense_block_count=1, nextn_predict_layers=1,
        **{
            "block_count": 3, "attention.head_count_kv": 1, "attention.q_lora_rank": 32, "attention.kv_lora_rank": 32,
            "attention.key_length": 40, "attention.value_length": 32, "attention.key_length_mla": 24,
            "attention.value_length_mla": 16, "rope.dimension_count": 8,
        },
    )  # fmt: skip
    model = import_model(written(tmp_path, metadata, latent_tensors()))
    dense, sparse = model.shape.layers
    assert isinstance(dense.attention, LatentAttention)
    assert (dense.attention.qk_nope_head_dim, dense.attention.qk_rope_head_dim, dense.attention.v_head_dim) == (16, 8, 16)
    assert isinstance(sparse.feed_forward, Experts)
    assert sparse.feed_forward.shared_intermediate == 32
    further = model.stored.parts["next_token"].params
    # the correction of the experts' scores is four parameters that the readers leave out
    assert operator_list(model.shape).total_params == pytest.approx(model.stored.params - further, abs=4)
    assert not model.shape_is_assumed


def test_layers_that_differ_are_refused(tmp_path):
    metadata = small("llama") | {"llama.attention.head_count_kv": [2, 1]}
    assert "differ from one another" in refused(written(tmp_path, metadata, small_tensors()))
    metadata["llama.attention.head_count_kv"] = [2, 2]
    assert import_model(written(tmp_path, metadata, small_tensors())).shape.layers[0].attention.kv_heads == 2


def test_split_files_are_one_model(tmp_path):
    tensors = small_tensors()
    whole = import_model(written(tmp_path, small("llama"), tensors))
    names = list(tensors)
    for number, chosen in enumerate((names[:5], names[5:9], names[9:]), 1):
        metadata = (small("llama") if number == 1 else {}) | {"split.no": number - 1, "split.count": 3}
        written(tmp_path, metadata, {name: tensors[name] for name in chosen}, f"big-{number:05d}-of-00003.gguf")
    for number in (1, 3):
        split = import_model(tmp_path / f"big-0000{number}-of-00003.gguf")
        assert split.stored == whole.stored.model_copy(update={"files": 3})
        assert split.shape == whole.shape
    (tmp_path / "model.gguf").unlink()
    assert import_model(tmp_path).stored.files == 3
    (tmp_path / "big-00002-of-00003.gguf").rename(tmp_path / "away")
    assert "big-00002-of-00003.gguf" in refused(tmp_path / "big-00001-of-00003.gguf")


def test_a_folder_of_several_asks_to_choose(tmp_path):
    for name in ("a.gguf", "b.gguf"):
        written(tmp_path, small("llama"), small_tensors(), name)
    assert "2 GGUF models" in refused(tmp_path)


@pytest.mark.parametrize(
    ("metadata", "told"),
    [({"general.type": "adapter"}, "LoRA adapter"), ({"general.type": "mmproj"}, "part of a model"), ({}, "part of a model")],
)
def test_parts_of_models_are_refused(tmp_path, metadata, told):
    architecture = "llama" if "type" in str(metadata) else "clip"
    assert told in refused(written(tmp_path, small(architecture) | metadata, small_tensors()))


def test_a_size_that_no_format_has_is_refused(tmp_path):
    tensors = small_tensors() | {"surplus.weight": ("F32", [64, 100_000])}
    assert "don’t belong together" in refused(written(tmp_path, small("llama"), tensors))


GOOD = writers.gguf_bytes(small("llama"), small_tensors())
HEAD = b"GGUF" + struct.pack("<I", 3)


def string(text):
    return writers.gguf_string(text)


def one_tensor(dims, kind=1, offset=0, rank=None):
    return HEAD + struct.pack("<QQ", 1, 0) + string("a") + struct.pack(
        f"<I{len(dims)}QIQ", len(dims) if rank is None else rank, *dims, kind, offset
    ) + bytes(64)  # fmt: skip


BAD = {
    "empty": (b"", "isn’t a GGUF file"),
    "magic alone": (b"GGUF", "isn’t a GGUF file"),
    "other magic": (b"GGUX" + GOOD[4:], "isn’t a GGUF file"),
    "swapped magic": (b"FUGG" + GOOD[4:], "byte order"),
    "version 1": (b"GGUF" + struct.pack("<I", 1) + GOOD[8:], "version 1"),
    "version 99": (b"GGUF" + struct.pack("<I", 99) + GOOD[8:], "version 99"),
    "10^9 tensors": (HEAD + struct.pack("<QQ", 10**9, 1) + bytes(64), "more than 8,000"),
    "10^9 fields": (HEAD + struct.pack("<QQ", 1, 10**9) + bytes(64), "more than 2,000"),
    "no tensors": (HEAD + struct.pack("<QQ", 0, 0), "no tensors"),
    "key of 4 GB": (HEAD + struct.pack("<QQQ", 1, 1, 2**32) + bytes(64), "ends in the middle"),
    "key of 2^64": (HEAD + struct.pack("<QQQ", 1, 1, 2**64 - 1) + bytes(64), "ends in the middle"),
    "value of 4 GB": (HEAD + struct.pack("<QQ", 1, 1) + string("k") + struct.pack("<IQ", 8, 2**32) + bytes(64), "in the middle"),
    "words of 4 GB": (
        HEAD + struct.pack("<QQ", 1, 1) + string("k") + struct.pack("<IIQQ", 9, 8, 5, 2**32) + bytes(64), "in the middle"
    ),
    "words of 2^64": (
        HEAD + struct.pack("<QQ", 1, 1) + string("k") + struct.pack("<IIQQ", 9, 8, 5, 2**64 - 1) + bytes(64), "in the middle"
    ),
    "10^12 words": (HEAD + struct.pack("<QQ", 1, 1) + string("k") + struct.pack("<IIQ", 9, 8, 10**12) + bytes(64), "900,000"),
    "10^12 numbers": (
        HEAD + struct.pack("<QQ", 1, 1) + string("k") + struct.pack("<IIQ", 9, 4, 10**12) + bytes(64), "in the middle"
    ),
    "array of arrays": (HEAD + struct.pack("<QQ", 1, 1) + string("k") + struct.pack("<IIQ", 9, 9, 1) + bytes(64), "“k”"),
    "unknown value type": (HEAD + struct.pack("<QQ", 1, 1) + string("k") + struct.pack("<I", 77) + bytes(64), "“k”"),
    "key twice": (HEAD + struct.pack("<QQ", 1, 2) + 2 * (string("k") + struct.pack("<II", 4, 1)) + bytes(64), "“k”"),
    "unknown tensor type": (one_tensor([64], kind=4), "“4”"),
    "no dimensions": (one_tensor([], kind=0), "impossible"),
    "nine dimensions": (one_tensor([1] * 9), "impossible"),
    "2^63 elements": (one_tensor([2**62, 2]), "impossible"),
    "negative": (one_tensor([2**64 - 1]), "impossible"),
    "zero": (one_tensor([0]), "impossible"),
    "broken block": (one_tensor([100], kind=12), "impossible"),
    "starts late": (one_tensor([64], offset=64), "gap"),
    "far away": (one_tensor([64], offset=2**60), "gap"),
    "alignment": (writers.gguf_bytes(small("llama") | {"general.alignment": 7}, small_tensors()), "general.alignment"),
    "no architecture": (writers.gguf_bytes({"a": 1}, small_tensors()), "general.architecture"),
    "no layers": (writers.gguf_bytes({"general.architecture": "llama"}, small_tensors()), "hidden_size"),
    "data cut short": (GOOD + bytes(1000), "cut short"),
    "data too long": (GOOD + bytes(10**7), "bytes of weights are there"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_bad_headers_are_refused_in_words(tmp_path, kind):
    content, told = BAD[kind]
    path = tmp_path / "bad.gguf"
    path.write_bytes(content)
    assert told in refused(path)


def test_overlapping_tensors_are_refused(tmp_path):
    head = HEAD + struct.pack("<QQ", 2, 0)
    for name in "ab":
        head += string(name) + struct.pack("<IQIQ", 1, 64, 1, 0)
    path = tmp_path / "bad.gguf"
    path.write_bytes(head)
    assert "overlaps" in refused(path)


def test_the_same_name_twice_is_refused(tmp_path):
    head = HEAD + struct.pack("<QQ", 2, 0) + 2 * (string("a") + struct.pack("<IQIQ", 1, 64, 1, 0))
    path = tmp_path / "bad.gguf"
    path.write_bytes(head)
    assert "twice" in refused(path)


@given(st.data())
def test_a_changed_header_gives_a_model_or_a_sentence(tmp_path_factory, data):
    changed = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(changed)))
    path = tmp_path_factory.mktemp("any") / "any.gguf"
    path.write_bytes(bytes(changed[: cut or len(changed)]))
    found = outcome(path)
    assert "any.gguf" in found if isinstance(found, str) else found.stored.total_bytes > 0
