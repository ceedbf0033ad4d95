"""What isn't read is refused by name; whatever a config holds, nothing else happens."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner import texts
from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.engine.architecture.readers import _COMPONENTS, _OTHERS, UnsupportedArchitecture, read_config, shape_from_config
from gpuplanner.engine.architecture.readers.decoders import BY_TYPE
from gpuplanner.engine.architecture.readers.fields import ALIASES, MAX_LAYERS
from tests.engine.architecture.test_counts import CONFIGS, DEEPSEEK_V3
from tests.engine.architecture.test_structure import LLAMA

REFUSED = {
    "rwkv7": "state_space",
    "zaya": "hybrid_attention",
    "seamless_m4t_v2": "encoder_decoder",
}


def refusal(values):
    with pytest.raises(UnsupportedArchitecture) as caught:
        shape_from_config(values)
    return caught.value


@pytest.mark.parametrize("kind", REFUSED)
def test_others_are_refused_with_their_reason(kind):
    told = refusal(LLAMA | {"model_type": kind})
    assert told.code == REFUSED[kind]
    assert_worded(told)


def test_an_unknown_type_with_compressed_attention_is_refused():
    assert refusal(LLAMA | {"model_type": "brand_new", "compress_ratios": [4] * 4}).code == "compressed_attention"


def test_a_component_of_no_known_class_is_refused():
    assert refusal({"_class_name": "BrandNewTransformer2DModel", "num_layers": 2}).code == "diffusion"
    blocks = {"_class_name": "UNet2DConditionModel", "down_block_types": ["NewBlock2D"] * 4}
    assert refusal(blocks).code == "bad_value"


def test_all_missing_fields_are_named_at_once():
    told = refusal({"model_type": "llama", "hidden_size": 4096})
    assert told.code == "missing_fields"
    assert told.params["fields"] == "num_hidden_layers, num_attention_heads, vocab_size"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"hidden_size": "many"}, "bad_value"),
        ({"hidden_size": -4096}, "bad_value"),
        ({"hidden_size": 0}, "bad_value"),
        ({"hidden_size": 10**30}, "bad_value"),
        ({"hidden_size": True}, "bad_value"),
        ({"hidden_size": 4096.5}, "bad_value"),
        ({"hidden_size": float("nan")}, "bad_value"),
        ({"hidden_size": float("inf")}, "bad_value"),
        ({"hidden_size": [4096]}, "bad_value"),
        ({"hidden_size": {"a": {"b": []}}}, "bad_value"),
        ({"num_hidden_layers": MAX_LAYERS + 1}, "bad_value"),
        ({"num_hidden_layers": 10**8}, "bad_value"),
        ({"num_attention_heads": 2048}, "heads_dont_divide"),
        ({"num_key_value_heads": 3}, "heads_dont_divide"),
        ({"layer_types": ["full_attention"]}, "wrong_length"),
        ({"layer_types": ["linear_attention"] * 4}, "hybrid_attention"),
        ({"layer_types": "full_attention"}, "bad_value"),
        ({"layer_types": ["full_attention"] * 10**5}, "bad_value"),
        ({"model_type": ["llama"]}, "bad_value"),
        ({"architectures": "LlamaForCausalLM"}, "bad_value"),
        ({"num_experts": 8, "num_experts_per_tok": 9}, "bad_value"),
        ({"num_experts": 8}, "missing_fields"),
        ({"kv_lora_rank": 512}, "missing_fields"),
        ({"model_type": "brand_new", "is_encoder_decoder": True}, "missing_fields"),
        ({"text_config": {"hidden_size": 4096}}, "missing_fields"),
        ({"hidden_size": 10**8, "intermediate_size": 10**8}, "too_large"),
        ({"tie_word_embeddings": "yes"}, "bad_value"),
    ],
)
def test_impossible_values(change, code):
    assert refusal(LLAMA | {"model_type": "llama"} | change).code == code


def test_an_empty_pattern_is_no_pattern():
    values = LLAMA | {"model_type": "mimo_v2_flash", "hybrid_layer_pattern": []}
    assert refusal(values).code == "wrong_length"


def test_nothing_at_all():
    assert refusal({}).code == "not_a_config"
    assert refusal({"name": "left-pad", "version": "1.0.0"}).code == "not_a_config"


def test_shown_values_stay_short():
    told = refusal(LLAMA | {"model_type": "llama", "hidden_size": "x" * 10**6})
    assert len(str(told.params["value"])) < 60


def reason_for(values):
    """None where the config gave a believable shape."""
    try:
        shape = read_config(values).shape
    except UnsupportedArchitecture as told:
        return told
    operators = operator_list(shape)
    assert 0 <= operators.active_params <= operators.total_params
    if isinstance(shape, DecoderShape):
        assert shape.layer_count <= MAX_LAYERS
    return None


def assert_worded(told):
    for lang in texts.LANGUAGES:
        assert texts.text_in(lang, f"model.unread.{told.code}", **told.params)


# Every family is fed with everything: the readers' own field names, any values.
OTHERS = [
    "architectures",
    "attn_config",
    "ffn_config",
    "layer_types",
    "quantization_config",
    "mlp_only_layers",
    "moe_layers",
    "indexer_types",
    "hybrid_layer_pattern",
    "attention_layers",
    "sliding_window_pattern",
    "expansion_ratio",
    "moe_layer_end_index",
    "attn_type_list",
]
EVERY = {
    file.name: json.loads(file.read_text(encoding="utf-8")) for file in CONFIGS.glob("*.json") if file.name != "published.json"
}
FIELDS = {
    field
    for found in EVERY.values()
    for group in (found, found.get("text_config") or {}, found.get("vision_config") or {})
    if isinstance(group, dict)
    for field in group
}
names = st.sampled_from(sorted({*ALIASES, *(alias for group in ALIASES.values() for alias in group), *FIELDS, *OTHERS}))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-3, 600)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([10**40, "LG", "LLLG"]),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=8) | names, inner, max_size=4),
    max_leaves=8,
)


@given(
    st.sampled_from([*sorted(BY_TYPE), *sorted(_OTHERS), "unheard_of"]),
    st.dictionaries(names, values, max_size=12),
    st.booleans(),
)
def test_hostile_configs_give_a_shape_or_a_reason(kind, hostile, on_top):
    base = LLAMA | DEEPSEEK_V3 if on_top else {}
    told = reason_for(base | hostile | {"model_type": kind})
    if told is not None:
        assert_worded(told)


@given(
    st.sampled_from(sorted(EVERY)),
    st.dictionaries(names, values, max_size=4),
    st.sampled_from(["", "text_config", "vision_config"]),
)
def test_published_configs_with_a_hostile_field_give_a_shape_or_a_reason(name, hostile, place):
    published = EVERY[name]
    if isinstance(published.get(place), dict):
        hostile = {place: published[place] | hostile}
    told = reason_for(published | hostile)
    if told is not None:
        assert_worded(told)


@given(st.sampled_from(sorted(_COMPONENTS)), st.dictionaries(names, values, max_size=8))
def test_hostile_components_give_a_shape_or_a_reason(kind, hostile):
    told = reason_for(hostile | {"_class_name": kind})
    if told is not None:
        assert_worded(told)


@given(st.dictionaries(st.text(max_size=12), values, max_size=8))
def test_anything_at_all_gives_a_shape_or_a_reason(hostile):
    told = reason_for(hostile)
    if told is not None:
        assert_worded(told)
