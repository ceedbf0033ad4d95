"""What follows from the shapes of hybrids, of models that see, and of those that write no text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.catalog.schema.shape import DecoderShape, StateMixer
from gpuplanner.catalog.schema.shape_blocks import BlocksShape
from gpuplanner.catalog.schema.shape_towers import MultimodalShape, Seq2SeqShape, TowersShape
from gpuplanner.catalog.schema.shapes import language_part
from gpuplanner.engine.architecture.operators import Part, Runs, operator_list
from gpuplanner.engine.architecture.readers import read_config, shape_from_config
from gpuplanner.engine.architecture.shares import kv_elements_per_gpu, score_flops, share, state_bytes_per_gpu
from tests.engine.architecture.test_counts import FAMILIES, config


def operators(name):
    return operator_list(shape_from_config(config(name)))


def test_qwen3_next_keeps_keys_in_every_fourth_layer_only():
    states = operators("Qwen3-Next-80B-A3B.json").states
    assert sum(state.layers * state.kv_elements for state in states) == 12 * 2 * 2 * 256
    fixed = [state for state in states if state.state_bytes]
    assert [state.layers for state in fixed] == [36]
    recurrent, convolution = 32 * 128 * 128 * 2, (2 * 16 * 128 + 32 * 128) * 3 * 2
    assert fixed[0].state_bytes == recurrent + convolution


def test_qwen3_5_asks_for_a_state_in_32_bit():
    fixed = next(state for state in operators("Qwen3.5-35B-A3B.json").states if state.state_bytes)
    assert fixed.state_bytes == 32 * 128 * 128 * 4 + (2 * 16 * 128 + 32 * 128) * 3 * 2


@pytest.mark.parametrize("name", ["Jamba-v0.1.json", "Nemotron-H-56B.json", "MiniMax-Text-01.json", "Qwen3.5-122B-A10B.json"])
def test_a_fixed_state_does_not_grow(name):
    found = operators(name)
    fixed = state_bytes_per_gpu(found, 1)
    assert fixed > 0
    short, long = (kv_elements_per_gpu(found, 1, tokens) * 2.0 * tokens for tokens in (1_000, 100_000))
    assert long - short == pytest.approx(99_000 * 2.0 * sum(s.layers * s.kv_elements for s in found.states))
    half_size = kv_elements_per_gpu(found, 1, 1_000, kv_bytes=1.0) * 1_000
    assert half_size == pytest.approx(short - (short - fixed) / 2)
    assert state_bytes_per_gpu(found, 8) == pytest.approx(fixed / 8)


def test_mamba_reads_and_writes_the_same_state_at_any_length():
    found = operators("mamba2-2.7b.json")
    read = [kv_elements_per_gpu(found, 1, tokens, read=True) * tokens for tokens in (10.0, 10_000.0)]
    assert read[0] == pytest.approx(read[1])
    assert read[0] * 2 == pytest.approx(2 * state_bytes_per_gpu(found, 1))
    assert score_flops(found, 1, 10.0) == score_flops(found, 1, 10_000.0) > 0


def test_falcon_h1_has_both_side_by_side():
    values = {
        "model_type": "falcon_h1", "hidden_size": 1024, "num_hidden_layers": 4, "num_attention_heads": 8,
        "num_key_value_heads": 2, "intermediate_size": 2048, "vocab_size": 1000, "mamba_n_heads": 16, "mamba_d_head": 64,
        "mamba_d_state": 64, "mamba_d_ssm": 1024,
    }  # fmt: skip
    layer = shape_from_config(values).layers[0]
    assert layer.attention is not None
    assert isinstance(layer.mixer, StateMixer)


def test_an_unknown_hybrid_is_read_by_its_fields():
    known = config("Jamba-v0.1.json")
    reading = read_config({**known, "model_type": "brand_new_hybrid"})
    assert reading.assumed
    total, nearest = (operator_list(shape_from_config(known)).total_params, operator_list(reading.shape).total_params)
    assert nearest == pytest.approx(total, rel=0.001)


def test_towers_stay_in_16_bit_and_off_the_path_of_text():
    shape = shape_from_config(config("Qwen2.5-VL-72B-Instruct.json"))
    assert isinstance(shape, MultimodalShape)
    whole, text = operator_list(shape), operator_list(shape.text)
    towers = sum(op.total_params for op in whole.operators if op.part is Part.TOWER)
    assert whole.total_params == text.total_params + towers
    seeing, blind = (share(found, 0.5, frozenset(), 1) for found in (whole, text))
    assert seeing.edge_kept - blind.edge_kept == towers
    assert seeing.dense_flops == blind.dense_flops
    assert seeing.layer_quantised == blind.layer_quantised
    assert whole.states == text.states


def test_llama_3_2_vision_keeps_keys_of_the_image_apart():
    states = operators("Llama-3.2-11B-Vision.json").states
    assert sorted((state.context, state.layers) for state in states) == [(False, 32), (True, 8)]
    text_alone = kv_elements_per_gpu(operators("Llama-3.2-11B-Vision.json"), 1, 1000)
    assert text_alone == 32 * 2 * 8 * 128


def test_a_nested_config_leaves_out_what_its_class_has_by_default():
    whole = config("llava-1.5-7b.json")
    lean = {
        "model_type": "llava",
        "tie_word_embeddings": False,
        "text_config": {"model_type": "llama", "vocab_size": 32064},
        "vision_config": {
            "model_type": "clip_vision_model", "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24,
            "num_attention_heads": 16, "image_size": 336, "patch_size": 14,
        },
    }  # fmt: skip
    assert operator_list(shape_from_config(lean)).total_params == operator_list(shape_from_config(whole)).total_params


def test_older_configs_have_the_language_model_at_the_top():
    whole = config("Qwen2-VL-2B-Instruct.json")
    flat = {**whole["text_config"], **{key: value for key, value in whole.items() if key != "text_config"}}
    assert operator_list(shape_from_config(flat)).total_params == operator_list(shape_from_config(whole)).total_params


def test_an_unknown_model_that_sees_is_read_as_the_nearest():
    known = config("llava-1.5-7b.json")
    reading = read_config({**known, "model_type": "brand_new_vlm"})
    assert reading.assumed
    assert reading.shape == shape_from_config(known)


def test_flan_t5_cross_attends_in_every_decoder_layer():
    shape = shape_from_config(config("flan-t5-xxl.json"))
    assert isinstance(shape, Seq2SeqShape)
    crossing = [state for state in operator_list(shape).states if state.context]
    assert sum(state.layers for state in crossing) == 24
    names = {op.name for op in operator_list(shape).operators if op.runs is Runs.CONTEXT}
    assert names == {"decoder.cross.kv"}


def test_an_encoder_holds_no_cache_and_writes_nothing():
    shape = shape_from_config(config("bge-base-en-v1.5.json"))
    assert isinstance(shape, TowersShape)
    assert operator_list(shape).states == ()
    assert language_part(shape) is None


def test_albert_holds_one_layer_and_works_through_twelve():
    values = {
        "model_type": "albert", "architectures": ["AlbertModel"], "hidden_size": 768, "embedding_size": 128, "vocab_size": 30000,
        "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072,
    }  # fmt: skip
    found = operator_list(shape_from_config(values))
    assert found.total_params == 11_683_584  # albert-base-v2, as Lan et al. 2020 round it: 12M
    assert sum(op.flops_per_token for op in found.operators if op.name == "text.mlp.in") == 12 * 2 * 768 * 3072


def test_convolutions_carry_what_their_work_needs():
    shape = shape_from_config(config("convnext-base.json"))
    assert isinstance(shape, BlocksShape)
    depth = [op for op in operator_list(shape).operators if op.name == "stage2.depth"]
    assert [(op.occurs, op.kernel.size, op.kernel.groups, op.rows_in, op.scale) for op in depth] == [
        (27, (7, 7), 512, 49, 1 / 16)
    ]
    # 15.4 GFLOPs = multiply-adds of ConvNeXt-B at 224 x 224 (arXiv 2201.03545, table 1)
    products = sum(
        op.flops_per_token / 2 * (op.scale * 224) ** 2 if op.kernel else op.flops_per_token / 2 * (op.scale * 224**2)
        for op in operator_list(shape).operators
        if op.runs is Runs.TOKEN
    )
    assert products == pytest.approx(15.4e9, rel=0.02)


def test_resnet_50_counts_what_its_authors_count():
    values = {
        "model_type": "resnet", "architectures": ["ResNetForImageClassification"], "num_labels": 1000, "depths": [3, 4, 6, 3],
        "hidden_sizes": [256, 512, 1024, 2048],
    }  # fmt: skip
    found = operator_list(shape_from_config(values))
    assert found.total_params == 25_557_032
    products = sum(op.flops_per_token / 2 * (op.scale * 224) ** 2 for op in found.operators if op.kernel)
    assert products == pytest.approx(4.1e9, rel=0.03)  # torchvision: 4.09 GFLOPS, multiply-adds


def test_the_unet_of_stable_diffusion_from_the_fields_its_config_leaves_out():
    given = operators("SD1.5_UNet.json")
    written = operator_list(
        shape_from_config(
            {
                **config("SD1.5_UNet.json"), "block_out_channels": [320, 640, 1280, 1280], "layers_per_block": 2,
                "down_block_types": ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"],
                "up_block_types": ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3,
            }
        )
    )  # fmt: skip
    assert given == written
    assert given.total_params == 859_520_964


sizes = st.sampled_from([64, 128, 256])


@given(st.integers(1, 12), sizes, st.integers(1, 8), st.sampled_from([4, 8, 16]))
def test_more_layers_of_a_denoiser_are_more(layers, head_dim, heads, channels):
    values = {
        "_class_name": "FluxTransformer2DModel", "attention_head_dim": head_dim, "num_attention_heads": heads,
        "in_channels": channels, "num_single_layers": 2,
    }  # fmt: skip
    few, many = (operator_list(shape_from_config({**values, "num_layers": layers + more})) for more in (0, 1))
    assert many.total_params > few.total_params
    assert all(op.params >= 0 and op.occurs >= 1 for op in many.operators)


@given(st.lists(st.sampled_from(["linear_attention", "full_attention"]), min_size=1, max_size=24))
def test_the_list_of_layer_kinds_decides(kinds):
    values = {**config("Qwen3-Next-80B-A3B.json"), "layer_types": kinds, "num_hidden_layers": len(kinds)}
    shape = shape_from_config(values)
    assert isinstance(shape, DecoderShape)
    assert sum(layer.count for layer in shape.layers if layer.mixer is not None) == kinds.count("linear_attention")
    assert sum(layer.count for layer in shape.layers if layer.attention is not None) == kinds.count("full_attention")


UNKNOWN = {
    "vit-base-patch16-224.json": "towers",
    "t5-small.json": "seq2seq",
    "whisper-base.json": "seq2seq",
    "roberta-large_MLM.json": "towers",
    "mamba2-2.7b.json": "decoder",
    "Qwen3-VL-2B-Instruct.json": "multimodal",
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_types_are_read_as_the_nearest_kind_and_say_so(name):
    known = config(name)
    reading = read_config({**known, "model_type": "brand_new"})
    assert reading.assumed
    assert reading.shape.kind == UNKNOWN[name]
    total = operator_list(shape_from_config(known)).total_params
    assert operator_list(reading.shape).total_params == pytest.approx(total, rel=0.05)


def test_a_model_that_also_speaks_is_read_by_the_part_that_writes():
    thinker = FAMILIES["qwen3_omni_moe_thinker Qwen3OmniMoeThinkerForConditionalGeneration"]
    whole = {"model_type": "qwen3_omni_moe", "thinker_config": thinker["config"], "talker_config": {}, "code2wav_config": {}}
    reading = read_config(whole)
    assert reading.assumed
    assert operator_list(reading.shape).total_params == thinker["total_params"]


def test_fields_listed_layer_by_layer_overrule_the_whole():
    values = FAMILIES["gemma4_text Gemma4ForCausalLM"]["config"]
    heads = {layer.attention.head_dim for layer in shape_from_config(values).layers}
    assert heads == {256, 512}


def test_experts_that_only_pass_their_input_on_have_no_weights():
    values = {
        "model_type": "longcat_flash", "hidden_size": 6144, "num_layers": 28, "num_attention_heads": 64, "vocab_size": 131072,
        "ffn_hidden_size": 12288, "expert_ffn_hidden_size": 2048, "n_routed_experts": 512, "zero_expert_num": 256, "moe_topk": 12,
        "q_lora_rank": 1536, "kv_lora_rank": 512, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128,
    }  # fmt: skip
    operators = operator_list(shape_from_config(values))
    assert operators.total_params / 1e9 == pytest.approx(560, rel=0.005)  # as its authors say
    assert operators.layers == 56
