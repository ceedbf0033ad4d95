"""Headers of safetensors files: exact counts of known models, packed formats unpacked, and refusals in words."""

from __future__ import annotations

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner import texts
from gpuplanner.catalog.importers.importing import import_model
from gpuplanner.catalog.importers.safetensors import MAX_TENSORS
from gpuplanner.catalog.importers.tensors import part_of
from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.errors import InputError
from tests.catalog.importers import writers


def outcome(path):
    """A model, or the sentence that says why there is none."""
    try:
        return import_model(path)
    except InputError as error:
        return error.sentence()


# Dimensions and totals as published on the models' pages.
QWEN_05B = {
    "model_type": "qwen2", "hidden_size": 896, "num_hidden_layers": 24, "num_attention_heads": 14, "num_key_value_heads": 2,
    "intermediate_size": 4864, "vocab_size": 151936, "tie_word_embeddings": True,
}  # fmt: skip
QWEN3_06B = {
    "model_type": "qwen3", "hidden_size": 1024, "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 8,
    "head_dim": 128, "intermediate_size": 3072, "vocab_size": 151936, "tie_word_embeddings": True,
}  # fmt: skip
LLAMA_8B = {
    "model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
    "intermediate_size": 14336, "vocab_size": 128256, "tie_word_embeddings": False,
}  # fmt: skip


def refused(path):
    with pytest.raises(InputError) as caught:
        import_model(path)
    told = {lang: caught.value.sentence(lang) for lang in texts.LANGUAGES}
    assert path.name in told["en"]
    assert told["en"] != told["zh"]
    assert told["en"].isprintable()
    assert len(told["en"]) < 900
    return told["en"]


@pytest.mark.parametrize(
    ("config", "params", "heads"),
    [(QWEN_05B, 494_032_768, 14), (QWEN3_06B, 596_049_920, 16), (LLAMA_8B, 8_030_261_248, 32)],
    ids=["Qwen2.5-0.5B", "Qwen3-0.6B", "Llama-3.1-8B"],
)
def test_a_header_alone_gives_the_published_count_and_a_structure(tmp_path, config, params, heads):
    model = import_model(writers.write_safetensors(tmp_path / "some.safetensors", writers.decoder_tensors(config)))
    assert model.params_total == model.stored.params == params
    assert model.stored.total_bytes == 2 * params
    assert model.stored.precision == "bf16"
    assert model.stored_as is None
    assert model.shape_is_assumed
    assert operator_list(model.shape).total_params == params
    assert model.shape.layers[0].attention.heads == heads
    assert sum(part.bytes for part in model.stored.parts.values()) == model.stored.total_bytes
    assert set(model.stored.parts) <= {"embedding", "attention", "mlp", "norm", "head"}


def test_data_behind_the_header_changes_nothing(tmp_path):
    tensors = {"model.embed_tokens.weight": [64, 16], "x.weight": [16]}
    alone = import_model(writers.write_safetensors(tmp_path / "a.safetensors", tensors))
    whole = import_model(writers.write_safetensors(tmp_path / "b.safetensors", tensors, data=True))
    assert alone.stored == whole.stored


def test_weights_without_the_common_names_have_no_structure(tmp_path):
    model = import_model(writers.write_safetensors(tmp_path / "unet.safetensors", {"conv_in.weight": [320, 4, 3, 3]}))
    assert (model.shape, model.params_total) == (None, 11_520)
    assert texts.has(model.no_shape_reason)


IN, OUT = 4096, 1024
PACKED = {
    # AutoGPTQ: rows packed by eight, one zero point and scale a column and group of 128
    "int4-gptq-g128": {
        "qweight": ("I32", [IN // 8, OUT]), "qzeros": ("I32", [IN // 128, OUT // 8]), "scales": ("F16", [IN // 128, OUT]),
        "g_idx": ("I32", [IN]),
    },
    # AutoAWQ: columns packed by eight
    "int4-awq-g128": {
        "qweight": ("I32", [IN, OUT // 8]), "qzeros": ("I32", [IN // 128, OUT // 8]), "scales": ("F16", [IN // 128, OUT])
    },
    "int8-w8a16": {
        "qweight": ("I32", [IN // 4, OUT]), "qzeros": ("I32", [IN // 128, OUT // 4]), "scales": ("F16", [IN // 128, OUT])
    },
    "int8-w8a8": {"weight": ("I8", [OUT, IN]), "weight_scale": ("BF16", [OUT, 1])},
    "fp8-e4m3": {"weight": ("F8_E4M3", [OUT, IN]), "weight_scale": ("F32", []), "input_scale": ("F32", [])},
    "fp8-block128": {"weight": ("F8_E4M3", [OUT, IN]), "weight_scale_inv": ("F32", [OUT // 128, IN // 128])},
    "nvfp4": {
        "weight": ("U8", [OUT, IN // 2]), "weight_scale": ("F8_E4M3", [OUT, IN // 16]), "weight_scale_2": ("F32", []),
        "input_scale": ("F32", []),
    },
    "bnb-nf4": {
        "weight": ("U8", [OUT * IN // 2, 1]), "weight.absmax": ("U8", [OUT * IN // 64]), "weight.quant_map": ("F32", [16]),
        "weight.nested_absmax": ("F32", [256]), "weight.quant_state.bitsandbytes__nf4": ("U8", [120]),
    },
    "int4-w4a16-g32": {
        "weight_packed": ("I32", [OUT, IN // 8]), "weight_scale": ("BF16", [OUT, IN // 32]), "weight_shape": ("I64", [2])
    },
}  # fmt: skip


@pytest.mark.parametrize("precision", PACKED)
def test_packed_weights_are_unpacked(tmp_path, precision):
    tensors = {f"model.layers.0.mlp.up_proj.{name}": given for name, given in PACKED[precision].items()}
    stored = import_model(writers.write_safetensors(tmp_path / "q.safetensors", tensors)).stored
    assert stored.params == IN * OUT
    assert stored.precision == precision
    assert set(stored.parts) == {"mlp"}
    known = load_catalog().precisions[precision]
    # bits of scales and zero points differ by a little between writers
    assert stored.total_bytes * 8 / stored.params == pytest.approx(known.bits_per_weight_effective, rel=0.04)


def test_gpt_oss_blocks(tmp_path):
    tensors = {
        "model.layers.0.mlp.experts.gate_up_proj_blocks": ("U8", [32, 5760, 90, 16]),
        "model.layers.0.mlp.experts.gate_up_proj_scales": ("U8", [32, 5760, 90]),
        "model.layers.0.mlp.experts.gate_up_proj_bias": ("BF16", [32, 5760]),
    }
    stored = import_model(writers.write_safetensors(tmp_path / "g.safetensors", tensors)).stored
    assert stored.params == 32 * 5760 * 2880 + 32 * 5760
    assert (stored.precision, set(stored.parts)) == ("mxfp4", {"experts"})


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("model.layers.3.mlp.gate.e_score_correction_bias", "router"),
        ("model.layers.3.mlp.experts.17.down_proj.weight_scale_inv", "experts"),
        ("model.layers.3.mlp.shared_experts.up_proj.weight", "shared_expert"),
        ("model.layers.3.mlp.shared_expert_gate.weight", "router"),
        ("model.layers.3.mlp.gate_proj.weight", "mlp"),
        ("model.layers.3.self_attn.kv_a_layernorm.weight", "norm"),
        ("model.layers.3.input_layernorm.weight", "norm"),
        ("model.layers.61.embed_tokens.weight", "next_token"),
        ("model.layers.0.self_attn.sinks", "norm"),
        ("transformer.blocks.0.norm_attn_norm.attn.Wqkv.weight", "attention"),
        ("transformer.h.0.ln_1.weight", "norm"),
        ("gpt_neox.embed_in.weight", "embedding"),
        ("embed_out.weight", "head"),
        ("output.weight", "head"),
        ("output_norm.weight", "norm"),
        ("blk.0.attn_output.weight", "attention"),
        ("blk.0.ffn_gate_inp.weight", "router"),
        ("blk.0.ffn_gate_exps.weight", "experts"),
        ("blk.0.ffn_gate_shexp.weight", "shared_expert"),
        ("model.visual.blocks.0.attn.qkv.weight", "tower"),
        ("language_model.model.layers.0.mlp.down_proj.weight", "mlp"),
        ("mtp.layers.0.mlp.down_proj.weight", "next_token"),
        ("bert.embeddings.LayerNorm.weight", "norm"),
        ("encoder.block.0.layer.1.DenseReluDense.wi_0.weight", "mlp"),
        ("something.else", "other"),
    ],
)
def test_parts_by_name(name, part):
    assert part_of(name, 61) == part


ONE = {"dtype": "BF16", "shape": [4, 4], "data_offsets": [0, 32]}


def header_of(tmp_path, content):
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content if isinstance(content, bytes) else writers.safetensors_bytes(content))
    return path


BAD = {
    "empty": (b"", "too short"),
    "length alone": (struct.pack("<Q", 100), "too short"),
    "claims 4 GB": (struct.pack("<Q", 2**32) + b'{"a":1}', "claims a header of 4,294,967,296"),
    "claims all": (b"\xff" * 8 + b'{"a":1}', "which can’t be"),
    "length beyond the file": (struct.pack("<Q", 10_000) + b'{"a":1}', "which can’t be"),
    "big-endian": (struct.pack(">Q", 7) + b'{"a":1}', "byte order"),
    "broken json": (struct.pack("<Q", 9) + b'{"a": [[[', "isn’t valid JSON"),
    "deep": (struct.pack("<Q", 60_000) + b'{"a":' + b"[" * 59_995, "isn’t valid JSON"),
    "no tensors": ({"__metadata__": {}}, "no tensors"),
    "not an entry": ({"a": 7}, "isn’t as the format says"),
    "unknown dtype": ({"a": ONE | {"dtype": "F128"}}, "“F128”"),
    "dtype is a list": ({"a": ONE | {"dtype": ["F16"]}}, "unknown number format"),
    "negative shape": ({"a": ONE | {"shape": [-4, -4]}}, "impossible"),
    "fraction": ({"a": ONE | {"shape": [4.0, 4]}}, "impossible"),
    "yes as a size": ({"a": ONE | {"shape": [True, 16]}}, "impossible"),
    "huge": ({"a": ONE | {"shape": [2**40, 2**40]}}, "impossible"),
    "many dimensions": ({"a": ONE | {"shape": [1] * 1000}}, "impossible"),
    "too few offsets": ({"a": ONE | {"data_offsets": [0]}}, "isn’t as the format says"),
    "backwards": ({"a": ONE | {"data_offsets": [32, 0]}}, "-32 bytes by its offsets"),
    "wrong size": ({"a": ONE | {"data_offsets": [0, 64]}}, "takes 64 bytes by its offsets, but 32 by its shape"),
    "overlap": ({"a": ONE, "b": ONE | {"data_offsets": [16, 48]}}, "overlaps"),
    "same place": ({"a": ONE, "b": ONE}, "overlaps"),
    "gap": ({"a": ONE, "b": ONE | {"data_offsets": [64, 96]}}, "gap"),
    "starts late": ({"a": ONE | {"data_offsets": [8, 40]}}, "gap"),
    "data cut short": (writers.safetensors_bytes({"a": ONE}) + bytes(31), "31 of 32 bytes"),
    "data too long": (writers.safetensors_bytes({"a": ONE}) + bytes(33), "33 bytes of weights are there"),
    "name of control signs": ({"\x1b[31m\u202e": ONE | {"dtype": "?"}}, "number format"),
    "long name": ({"a" * 100_000: ONE}, "isn’t as the format says"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_bad_headers_are_refused_in_words(tmp_path, kind):
    content, told = BAD[kind]
    assert told in refused(header_of(tmp_path, content))


def test_too_many_tensors_are_refused_before_they_are_read(tmp_path):
    entry = '"%d":{"dtype":"BF16","shape":[0],"data_offsets":[0,0]}'
    text = "{" + ",".join(entry % number for number in range(MAX_TENSORS + 1)) + "}"
    path = header_of(tmp_path, struct.pack("<Q", len(text)) + text.encode())
    assert "20,000" in refused(path)


def test_an_adapter_is_no_model(tmp_path):
    tensors = {f"base_model.model.layers.0.self_attn.q_proj.lora_{end}.weight": [16, 16] for end in "AB"}
    assert "LoRA adapter" in refused(writers.write_safetensors(tmp_path / "adapter_model.safetensors", tensors))


WHOLE = writers.safetensors_bytes(writers.safetensors_header({"model.embed_tokens.weight": [64, 16], "a.bias": ("F32", [3])}))


@given(st.data())
def test_a_changed_header_gives_a_model_or_a_sentence(tmp_path_factory, data):
    changed = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(changed)))
    path = tmp_path_factory.mktemp("any") / "any.safetensors"
    path.write_bytes(bytes(changed[: cut or len(changed)]))
    found = outcome(path)
    assert "any.safetensors" in found if isinstance(found, str) else found.stored.total_bytes >= 0


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["dtype", "shape", "data_offsets", "a"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=6), json_values, max_size=4))
def test_any_object_as_a_header(tmp_path_factory, fields):
    path = tmp_path_factory.mktemp("any") / "any.safetensors"
    text = json.dumps(fields).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text)
    found = outcome(path)
    assert not isinstance(found, str) or "any.safetensors" in found


def test_a_header_longer_than_any_model_has_is_not_read(tmp_path):
    path = tmp_path / "long.safetensors"
    with path.open("wb") as file:
        file.write(struct.pack("<Q", 90_000_000) + b'{"a":')
        file.truncate(10**9)
    assert "longer than 32 MiB" in refused(path)
