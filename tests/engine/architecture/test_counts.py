"""Parameters against counts taken from the models' own classes, and against totals quoted elsewhere."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from gpuplanner.catalog.schema.shapes import language_part
from gpuplanner.engine.architecture.operators import Part, operator_list
from gpuplanner.engine.architecture.readers import UnsupportedArchitecture, read_config, shape_from_config
from gpuplanner.engine.training.memory import training_memory
from gpuplanner.engine.training.setup import Setup
from gpuplanner.scenario.document import TrainingPrecision

CONFIGS = Path(__file__).parents[2] / "data" / "configs"
ROWS = list(csv.DictReader((CONFIGS / "params.csv").read_text(encoding="utf-8").splitlines()))


def config(name):
    return json.loads((CONFIGS / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["config"])
def test_total_and_active_are_exact(row):
    reading = read_config(config(row["config"]))
    operators = operator_list(reading.shape)
    assert not reading.assumed
    assert operators.total_params == int(row["total_params"])
    assert operators.active_params == int(row["active_params"])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["config"])
def test_parts_are_what_the_class_holds(row):
    shape = shape_from_config(config(row["config"]))
    operators = operator_list(shape).operators
    experts = sum(op.total_params for op in operators if op.part is Part.EXPERTS)
    if row["expert_params"] != "0":
        assert experts == int(row["expert_params"])
    head = sum(op.total_params for op in operators if op.part is Part.HEAD)
    language = language_part(shape)
    if row["lm_head_params"] and language is not None:
        assert head - language.vocab * language.head_bias == int(row["lm_head_params"])  # the column holds weights without biases


def test_every_row_is_covered():
    assert len(ROWS) == 124


# Each entry says where its total is from; not all are independent counts, unlike the rows above.
PUBLISHED = json.loads((CONFIGS / "published.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_sizes(name):
    reading = read_config(PUBLISHED[name]["config"])
    assert not reading.assumed
    assert operator_list(reading.shape).total_params == PUBLISHED[name]["total_params"]


DEEPSEEK_V3 = {
    "model_type": "deepseek_v3",
    "hidden_size": 7168,
    "num_hidden_layers": 61,
    "num_attention_heads": 128,
    "num_key_value_heads": 128,
    "intermediate_size": 18432,
    "moe_intermediate_size": 2048,
    "n_routed_experts": 256,
    "n_shared_experts": 1,
    "num_experts_per_tok": 8,
    "first_k_dense_replace": 3,
    "q_lora_rank": 1536,
    "kv_lora_rank": 512,
    "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64,
    "v_head_dim": 128,
    "vocab_size": 129280,
    "num_nextn_predict_layers": 1,
}


def test_deepseek_v3_as_its_authors_count_it():
    """671B and 37B (arXiv 2412.19437); the active count here includes embedding and head."""
    operators = operator_list(shape_from_config(DEEPSEEK_V3))
    assert operators.total_params == 671_026_404_352
    assert operators.active_params == 37_552_282_624


def test_glm_5_2_selects_in_21_of_its_78_layers():
    kinds = ["full" if index < 3 or (index - 2) % 4 == 0 else "shared" for index in range(78)]
    sizes = {
        "hidden_size": 6144,
        "num_hidden_layers": 78,
        "num_attention_heads": 64,
        "intermediate_size": 12288,
        "vocab_size": 154880,
    }
    latent = {"q_lora_rank": 2048, "qk_nope_head_dim": 192, "v_head_dim": 256}
    index = {"index_n_heads": 32, "index_head_dim": 128, "index_topk": 2048, "indexer_types": kinds}
    values = DEEPSEEK_V3 | {"model_type": "glm_moe_dsa"} | sizes | latent | index
    assert operator_list(shape_from_config(values)).total_params == 743_377_000_704


FAMILIES = {
    name: entry
    for name, entry in json.loads((CONFIGS / "families.json").read_text(encoding="utf-8")).items()
    if not name.startswith("_")
}


@pytest.mark.parametrize("name", FAMILIES)
def test_families_at_their_defaults(name):
    reading = read_config(FAMILIES[name]["config"])
    assert not reading.assumed
    assert operator_list(reading.shape).total_params == FAMILIES[name]["total_params"]


LATER = json.loads((CONFIGS / "later_2025.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", LATER)
def test_models_of_2025_meet_the_total_that_their_page_states(name):
    reading = read_config(LATER[name]["config"])
    assert not reading.assumed
    # pages round to three digits, some to two
    assert operator_list(reading.shape).total_params == pytest.approx(LATER[name]["total_params"], rel=0.004)


def test_a_value_for_each_layer_is_one_value_where_all_are_alike():
    config = LATER["hunyuan-a13b"]["config"]
    assert shape_from_config(config | {"moe_topk": 8}) == shape_from_config(config)
    with pytest.raises(UnsupportedArchitecture):
        shape_from_config(config | {"moe_topk": [8] * 31 + [4]})


def test_so_many_families():
    assert len({entry["config"].get("model_type") or name for name, entry in FAMILIES.items()}) >= 145


V4_FLASH = {
    "model_type": "deepseek_v4", "hidden_size": 4096, "num_hidden_layers": 43, "num_attention_heads": 64, "vocab_size": 129280,
    "head_dim": 512, "q_lora_rank": 1024, "o_lora_rank": 1024, "o_groups": 8, "qk_rope_head_dim": 64,
    "moe_intermediate_size": 2048, "n_routed_experts": 256, "n_shared_experts": 1, "num_experts_per_tok": 6,
    "hc_mult": 4, "sliding_window": 128,
    "index_n_heads": 64, "index_head_dim": 128, "index_topk": 512, "compress_ratios": [0, 0, 4] + [128, 4] * 20 + [0],
}  # fmt: skip
V4_PRO = V4_FLASH | {
    "hidden_size": 7168, "num_hidden_layers": 61, "num_attention_heads": 128, "q_lora_rank": 1536, "o_groups": 16,
    "moe_intermediate_size": 3072, "n_routed_experts": 384, "index_topk": 1024,
    "compress_ratios": [128, 128] + [4, 128] * 29 + [4],
}  # fmt: skip


@pytest.mark.parametrize(("values", "total"), [(V4_FLASH, 284_332_230_231), (V4_PRO, 1_572_997_179_491)])
def test_deepseek_v4_as_published(values, total):
    assert operator_list(shape_from_config(values)).total_params == total


def test_compressed_caches_are_small():
    states = operator_list(shape_from_config(V4_PRO)).states
    per_token = sum(state.layers * state.kv_elements for state in states if state.window is None)
    older = sum(state.layers * state.kv_elements for state in operator_list(shape_from_config(DEEPSEEK_V3)).states)
    assert 0.05 < per_token / older < 0.2  # its authors say a tenth of V3.2's


def test_phi_4_multimodal_as_first_published_holds_its_adapters():
    own = LATER["phi-4-multimodal"]
    shape = shape_from_config(own["config"])
    text = operator_list(shape.text).total_params
    # the decoder alone is Phi-4-mini; the adapters of both ranks add 45,056 parameters a layer for each of 256 and 320
    assert text == 3_836_021_760 + 32 * 45_056 * (256 + 320)


def test_deepseek_ocr_writes_under_ordinary_attention():
    config = {
        "model_type": "deepseek_v2", "use_mla": False, "kv_lora_rank": None, "hidden_size": 1280, "intermediate_size": 6848,
        "moe_intermediate_size": 896, "n_routed_experts": 64, "n_shared_experts": 2, "num_experts_per_tok": 6,
        "first_k_dense_replace": 1, "num_hidden_layers": 12, "num_attention_heads": 10, "num_key_value_heads": 10,
        "vocab_size": 129280,
    }  # fmt: skip
    assert operator_list(shape_from_config(config)).total_params == pytest.approx(
        3.336e9 - 0.401e9, rel=0.002
    )  # all but its encoder


def test_experts_of_pictures_count_beside_those_of_text():
    config = {
        "model_type": "ernie4_5_moe_vl", "hidden_size": 2560, "num_hidden_layers": 28, "num_attention_heads": 20,
        "num_key_value_heads": 4, "intermediate_size": 12288, "moe_intermediate_size": [1536, 512], "moe_num_experts": [64, 64],
        "moe_k": 6, "moe_num_shared_experts": 2, "moe_layer_start_index": [1, 1], "moe_layer_end_index": [29, 29],
        "vocab_size": 103424, "tie_word_embeddings": True,
    }  # fmt: skip
    found = operator_list(shape_from_config(config))
    assert found.total_params == pytest.approx(28.5e9, rel=0.01)
    assert found.active_params < 4e9


STEP_3 = {
    "model_type": "step3_text", "hidden_size": 7168, "num_hidden_layers": 61, "num_attention_heads": 64,
    "num_attention_groups": 1, "head_dim": 256, "share_q_dim": 2048, "intermediate_size": 18432, "moe_intermediate_size": 5120,
    "share_expert_dim": 5120, "moe_num_experts": 48, "moe_top_k": 3, "moe_layers_enum": ",".join(map(str, range(4, 60))),
    "vocab_size": 128815, "tie_word_embeddings": False, "max_position_embedding": 65536,
}  # fmt: skip


def test_step_3_shares_narrow_queries():
    reading = read_config(STEP_3)
    found = operator_list(reading.shape)
    assert not reading.assumed
    assert reading.max_context == 65536
    assert found.total_params == pytest.approx(316e9, rel=0.002)  # arXiv 2507.19427, table 1: 316B, of which 38B are active
    assert found.active_params == pytest.approx(38.8e9, rel=0.02)
    assert sum(state.kv_elements * state.layers for state in found.states) == 2 * 256 * 61  # one head of keys and values


@pytest.mark.parametrize("listed", ["", "4,five", "-1", "4,100000000"])
def test_layers_of_experts_that_are_no_list_are_refused(listed):
    with pytest.raises(UnsupportedArchitecture):
        shape_from_config(STEP_3 | {"moe_layers_enum": listed})


def test_training_counts_narrow_queries_as_the_operators_do():
    shape = shape_from_config(STEP_3 | {"num_hidden_layers": 6, "moe_num_experts": 4})
    memory = training_memory(shape, Setup(precision=TrainingPrecision.BF16))
    assert memory.weights == pytest.approx(2 * operator_list(shape).total_params, rel=1e-6)
