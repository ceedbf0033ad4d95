"""What else follows from a config: weights, cache, windows; each by hand from the published values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.catalog.schema.shape import Attention, Experts, LatentAttention, Mlp
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.engine.architecture.readers import read_config, shape_from_config
from tests.engine.architecture.test_counts import DEEPSEEK_V3, config

LLAMA = {
    "hidden_size": 1024,
    "num_hidden_layers": 4,
    "num_attention_heads": 16,
    "num_key_value_heads": 4,
    "intermediate_size": 4096,
    "vocab_size": 32000,
}


def kv_elements(name_or_values):
    values = config(name_or_values) if isinstance(name_or_values, str) else name_or_values
    states = operator_list(shape_from_config(values)).states
    return sum(state.layers * state.kv_elements for state in states)


def windows(values):
    found = {}
    for layer in shape_from_config(values).layers:
        found[layer.attention.window] = found.get(layer.attention.window, 0) + layer.count
    return found


def test_weights_of_llama_8b_in_bf16():
    embedding = head = 128_256 * 4096
    attention = 4096 * 4096 * 2 + 4096 * 1024 * 2
    feed_forward = 3 * 4096 * 14336
    by_hand = embedding + head + 32 * (attention + feed_forward + 2 * 4096) + 4096
    assert by_hand == 8_030_261_248
    total = operator_list(shape_from_config(config("Llama-3.1-8B.json"))).total_params
    assert total * 2 == by_hand * 2 == 16_060_522_496


def test_cache_of_llama_70b():
    assert kv_elements("Llama-3.3-70B.json") == 2 * 80 * 8 * 128 == 163_840


def test_cache_of_deepseek_v3():
    assert kv_elements(DEEPSEEK_V3) == 61 * (512 + 64) == 35_136


def test_cache_of_deepseek_v3_2_holds_the_index_keys():
    assert kv_elements("DeepSeek-V3.2.json") == 61 * (512 + 64 + 128)
    main = operator_list(shape_from_config(config("DeepSeek-V3.2.json"))).states[0]
    assert main.selected == 2048


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gemma-2-27b.json", {4096: 23, None: 23}),
        ("gemma-3-1b.json", {512: 22, None: 4}),
        ("gpt-oss-120b.json", {128: 18, None: 18}),
        ("Mistral-7B-v0.3.json", {None: 32}),
        ("Qwen2.5-72B.json", {None: 80}),
        ("Llama-3.1-405B.json", {None: 126}),
    ],
)
def test_windows(name, expected):
    assert windows(config(name)) == expected


def test_windows_without_a_list_of_layer_types():
    for name, expected in (("gpt-oss-120b.json", {128: 18, None: 18}), ("gemma-3-1b.json", {512: 22, None: 4})):
        values = {key: value for key, value in config(name).items() if key != "layer_types"}
        assert windows(values) == expected


def test_qwen_windows_start_where_the_config_says():
    values = LLAMA | {"model_type": "qwen2", "num_hidden_layers": 80, "sliding_window": 4096, "max_window_layers": 70}
    assert windows(values) == {None: 80}
    assert windows(values | {"use_sliding_window": False}) == {None: 80}
    assert windows(values | {"use_sliding_window": True}) == {4096: 10, None: 70}


def test_window_as_long_as_the_context_is_none():
    values = LLAMA | {"model_type": "mistral", "max_position_embeddings": 32768}
    assert windows(values | {"sliding_window": 4096}) == {4096: 4}
    assert windows(values | {"sliding_window": 32768}) == {None: 4}
    assert windows(values | {"sliding_window": None}) == {None: 4}


def test_llama_4_looks_back_over_everything_in_every_fourth_layer():
    values = config("Llama-3.1-8B.json") | {
        "model_type": "llama4_text",
        "num_local_experts": 16,
        "num_experts_per_tok": 1,
        "interleave_moe_layer_step": 2,
        "attention_chunk_size": 8192,
        "num_hidden_layers": 32,
    }
    assert windows(values) == {8192: 24, None: 8}
    kinds = [(type(layer.feed_forward), layer.count) for layer in shape_from_config(values).layers]
    assert sum(count for kind, count in kinds if kind is Experts) == 16
    assert sum(count for kind, count in kinds if kind is Mlp) == 16


def test_an_unknown_family_is_read_as_the_nearest_kind():
    plain = read_config(LLAMA | {"model_type": "brand_new"})
    assert plain.assumed
    assert plain.shape == read_config(LLAMA | {"model_type": "llama"}).shape

    mixed = read_config(LLAMA | {"model_type": "new_moe", "num_experts": 8, "num_experts_per_tok": 2})
    assert mixed.assumed
    assert isinstance(mixed.shape.layers[0].feed_forward, Experts)

    ranks = {"kv_lora_rank": 64, "qk_nope_head_dim": 32, "qk_rope_head_dim": 16, "v_head_dim": 32}
    latent = read_config(LLAMA | {"model_type": "new_mla"} | ranks)
    assert latent.assumed
    assert isinstance(latent.shape.layers[0].attention, LatentAttention)


def test_layers_that_differ_are_counted_by_kind():
    shape = shape_from_config(DEEPSEEK_V3)
    assert [(layer.feed_forward.kind, layer.count) for layer in shape.layers] == [("mlp", 3), ("moe", 58)]
    assert shape.layer_count == 61


sizes = st.fixed_dictionaries(
    {
        "model_type": st.sampled_from(
            ["llama", "qwen2", "qwen3", "gemma2", "phi", "gpt2", "bloom", "opt", "cohere", "glm4", "mixtral", "olmo2"]
        ),
        "hidden_size": st.integers(1, 64).map(lambda size: size * 64),
        "num_hidden_layers": st.integers(1, 60),
        "num_attention_heads": st.sampled_from([4, 8, 16, 32]),
        "num_key_value_heads": st.sampled_from([1, 2, 4]),
        "intermediate_size": st.integers(64, 20_000),
        "vocab_size": st.integers(100, 200_000),
        "head_dim": st.sampled_from([16, 64, 80, 128]),
    }
)


@given(sizes)
def test_the_parts_add_up_to_the_whole(values):
    operators = operator_list(shape_from_config(values))
    assert operators.total_params == sum(op.params * op.occurs for op in operators.operators)
    assert 0 < operators.active_params <= operators.total_params
    assert all(op.params >= 0 and op.occurs >= 1 for op in operators.operators)
    products = sum(op.rows_in * op.cols_out * op.copies * op.occurs for op in operators.operators if op.name != "head")
    assert products <= operators.total_params


@given(sizes, st.sampled_from(["num_hidden_layers", "vocab_size", "num_experts"]))
def test_more_is_more(values, field):
    if field == "num_experts":
        values = values | {"model_type": "mixtral", "num_experts": 8, "num_experts_per_tok": 2}
    small, large = (operator_list(shape_from_config(values | {field: values[field] + more})) for more in (0, 1))
    assert large.total_params > small.total_params
    if field == "num_hidden_layers":
        assert sum(state.layers for state in large.states) == sum(state.layers for state in small.states) + 1


@given(sizes)
def test_experts_beyond_those_chosen_cost_no_work(values):
    few, many = (
        operator_list(shape_from_config(values | {"model_type": "mixtral", "num_experts": count, "num_experts_per_tok": 2}))
        for count in (4, 40)
    )
    router = 36 * values["hidden_size"] * values["num_hidden_layers"]
    assert many.active_params - few.active_params == router
    flops = [sum(op.flops_per_token for op in found.operators if op.name.startswith("experts")) for found in (few, many)]
    assert flops[0] == flops[1]


def test_a_block_beside_the_layers_is_held_but_not_passed():
    shape = shape_from_config(LLAMA | {"model_type": "llama"})
    beside = shape.model_copy(update={"extra_params": 1_000_000})
    assert operator_list(beside).total_params == operator_list(shape).total_params + 1_000_000
    assert operator_list(beside).active_params == operator_list(shape).active_params


def test_heads_are_as_published_not_hidden_over_heads():
    attention = shape_from_config(config("Qwen3-0.6B.json")).layers[0].attention
    assert isinstance(attention, Attention)
    assert attention.head_dim == 128
    assert attention.heads * attention.head_dim == 2 * 1024
