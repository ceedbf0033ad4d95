"""Tables of practice and questions: worked out by the engine, with the articles' figures beside them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from gpuplanner import texts
from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.architecture.operator import Part
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Estimate, MemoryPart, Status
from gpuplanner.engine.rules import formulas
from gpuplanner.engine.rules.guards import warned_of
from gpuplanner.engine.rules.judge import thumbs_of
from gpuplanner.engine.rules.questions import questions_of
from gpuplanner.engine.rules.result import Agreement, Thumb
from gpuplanner.engine.rules.tables import HABITS, TABLES, table_of
from gpuplanner.report.practice import ALL, RULES, practice_table
from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.scenario.examples import examples
from gpuplanner.scenario.files import load_scenario

CATALOG = load_catalog(user_dir=Path("/nonexistent"))
EXAMPLES = {example.key: example.path for example in examples()}


@cache
def answered(key: str) -> tuple[Scenario, Estimate]:
    scenario = load_scenario(EXAMPLES[key]).scenario
    return scenario, estimate(scenario, CATALOG)


def judged(key: str, name: str) -> Thumb:
    return next(thumb for thumb in thumbs_of(answered(key)[0], CATALOG, answered(key)[1]) if thumb.id == name)


def rows(key: str, name: str) -> dict[str, tuple]:
    table = table_of(name, answered(key)[0], CATALOG, answered(key)[1])
    assert table is not None
    return {(row[0].params.get("name") or row[0].code): row for row in table.rows}


@pytest.mark.parametrize("name", [RULES, *ALL])
@pytest.mark.parametrize("key", ["chat_70b_200_users", "images_sdxl", "train_gpt_3_175b"])
def test_every_table_is_worked_out(key: str, name: str) -> None:
    if name in ("sizes", "tiers") and key != "images_sdxl":
        pytest.skip("the same for every scenario")
    for language in texts.LANGUAGES:
        with texts.spoken_in(language):
            table = practice_table(name, *answered(key)[:1], CATALOG, answered(key)[1])
            if table is None:
                assert name in ("ways", "engines", "balancing")
                assert key != "chat_70b_200_users"
                continue
            assert table.title
            assert table.rows
            assert all(len(row) == len(table.heads) for row in table.rows)


def test_a_table_nobody_knows() -> None:
    with pytest.raises(KeyError):
        table_of("nothing", *answered("images_sdxl")[:1], CATALOG, answered("images_sdxl")[1])
    assert set(TABLES) < set(ALL)


def test_habits_are_said() -> None:
    for name in HABITS:
        for part in ("topic", "text", "place"):
            assert all(texts.text_in(language, f"practice.habit.{name}.{part}") for language in texts.LANGUAGES)


def test_a_service_stresses_the_card() -> None:
    """S000-3: of a chat service memory, bandwidth and compute of the cards; the host and the network hardly."""
    found = rows("chat_70b_200_users", "resources")
    share = {name.rpartition(".")[2]: row[3].value for name, row in found.items()}
    assert 0 < share["memory"] <= 1
    assert 0 < share["bandwidth"] <= 1
    assert 0 < share["compute"] <= 1
    assert share["client"] < 0.01 < share["bandwidth"]


def test_batching_needs_fewer_cards() -> None:
    """S000-6, S000-22: without batching each request has a replica to itself."""
    found = rows("chat_70b_200_users", "ways")
    now, alone = found["practice.way.now"], found["practice.way.unbatched"]
    assert alone[1].value > 10 * now[1].value


def test_cards_are_compared_by_dense_rates() -> None:
    """S000-16, S001-18, E001-4, E001-6: A100 312, H100 989, 4090 165.2 (not 83), A5000 111 (not 75); ranks by dense FP16."""
    found = rows("images_sdxl", "cards")
    expected = {
        "NVIDIA A100 SXM4 80GB": 312, "NVIDIA H100 SXM5 80GB": 989.4, "NVIDIA GeForce RTX 4090": 165.2, "NVIDIA RTX A5000": 111.1,
        "NVIDIA T4": 65, "NVIDIA A10": 125,
    }  # fmt: skip
    for name, tflops in expected.items():
        assert found[name][3].value == pytest.approx(tflops, rel=0.01)
    for row in found.values():
        memory, bandwidth, tflops, price, per_gb, per_gb_s, per_tflops = (cell.value for cell in row[1:])
        assert per_gb * memory / 1e9 == pytest.approx(price)
        assert per_gb_s * bandwidth / 1e9 == pytest.approx(price)
        assert per_tflops * tflops == pytest.approx(price)
    ranks = [row[6].value for row in found.values()]
    assert ranks == sorted(ranks)


def test_files_by_format() -> None:
    """S002-21, S004-4, E004-6: 4 bit is 4.25 to 4.9 bits in fact; a V100 has no BF16, an A100 no FP8."""
    table = table_of("precisions", *answered("serve_llama_7b")[:1], CATALOG, answered("serve_llama_7b")[1])
    assert table is not None
    found = {row[0].params["name"]: row for row in table.rows}
    assert found["FP32"][3].value == pytest.approx(4 * 6.738e9, rel=0.001)
    four = next(row for name, row in found.items() if "Q4_K_M" in name)
    assert 4.25 < four[2].value < 4.95
    column = {name: at for at, name in enumerate(table.columns)}
    fp8 = next(row for name, row in found.items() if name.startswith("FP8"))
    assert fp8[column["practice.card.nvidia-h100-sxm5-80gb"]].code == "practice.native.yes"
    assert fp8[column["practice.card.nvidia-a100-sxm4-80gb"]].code != "practice.native.yes"
    bf16 = next(row for name, row in found.items() if name.startswith("BF16"))
    assert bf16[column["practice.card.nvidia-v100-sxm2-32gb"]].code != "practice.native.yes"


def test_ten_gpus_are_one_erlang() -> None:
    """S000-15: 100 req/s of 10 ms. The rule has C · T ÷ L = 100 · 0.01 ÷ 0.1 = 10; the load is one erlang."""
    from gpuplanner.engine.planner.rule import old_rule_gpus

    assert old_rule_gpus(100, 0.01, 0.1, 1) == 10
    assert formulas.offered_load(100, 0.01) == pytest.approx(1.0)
    scenario = answered("encode_bert_base")[0]
    scenario = replace(replace(scenario, "workload.load_kind", "per_second"), "workload.load", 100.0)
    plan = estimate(replace(scenario, "targets.e2e_s", 0.1), CATALOG).plan("nvidia-a100-sxm4-80gb")
    assert plan is not None
    assert plan.status is not Status.IMPOSSIBLE
    assert plan.gpus <= 2


def test_three_tensors_are_four() -> None:
    """S002-2, E002-1, E002-3: BERT-base at 32 · 512: the rule has 12 B · 0.1095e9 and 0.126 GB, the engine 16 B, all layers."""
    thumb = judged("train_bert_base", "training-three-tensors")
    assert thumb.said.low == pytest.approx(12 * 109.48e6 + 32 * 512 * 768 * 10, rel=1e-4)
    assert thumb.said.engine > 1.76e9 + 5.1e9
    assert thumb.agreement is Agreement.MISLEADS


def test_mixed_precision_saves_activations_alone() -> None:
    """S002-11, E002-7: the states stay at 16 B a parameter."""
    scenario = replace(answered("train_bert_base")[0], "deployment.gpu", "nvidia-a100-sxm4-80gb")
    found = thumbs_of(scenario, CATALOG, estimate(scenario, CATALOG))
    thumb = next(thumb for thumb in found if thumb.id == "mixed-saves-a-quarter")
    assert 0 < thumb.said.engine < 0.5


def test_the_largest_convolution_of_resnet_50() -> None:
    """S002-8, E002-22: a layer "may reach several million"; 512 · 512 · 3 · 3 = 2.36 M is the most, the head aside."""
    shape = CATALOG.models["resnet-50"].shape
    assert shape is not None
    sizes = [op.params for op in operator_list(shape).operators if op.part is Part.CONVOLUTION]
    assert max(sizes) == pytest.approx(2.36e6, rel=0.01)


def test_pictures_in_loaders() -> None:
    """S002-15, E002-11: 32 · 3840 · 2160 · 3 B is 0.8 GB for one copy; three copies are 2.4 GB a thread."""
    picture = 3840 * 2160 * 3
    assert formulas.loader_ram(32, picture, 1, 1, 0, 0) == pytest.approx(0.796e9, rel=0.001)
    assert formulas.loader_ram(32, picture, 1, 3, 0, 0) == pytest.approx(2.39e9, rel=0.001)


def test_texts_in_loaders() -> None:
    """S002-16, E002-12: 64 · 4096 · 128 is 34 MB at a byte and 134 MB in FP32; token ids of it are 1 MB."""
    assert formulas.loader_ram(64, 4096 * 128, 1, 1, 0, 0) == pytest.approx(33.55e6, rel=0.001)
    assert formulas.loader_ram(64, 4096 * 128 * 4, 1, 1, 0, 0) == pytest.approx(134.2e6, rel=0.001)
    assert formulas.loader_ram(64, 4096 * 4, 1, 1, 0, 0) == pytest.approx(1.05e6, rel=0.01)


def test_fifty_times_a_tenth_of_a_billion() -> None:
    """S002-25, E002-15: 0.1e9 · 4 B · 50 is 20 GB, not 5 TB."""
    assert formulas.files(0.1e9, 4, 50) == pytest.approx(20e9)


def test_object_storage_costs_more_than_two_fen() -> None:
    """S002-27, E002-17: only archive classes do."""
    thumb = judged("chat_70b_200_users", "cold-storage-2-fen")
    assert thumb.said.engine > thumb.said.high


def test_the_least_card_of_7b() -> None:
    """S000-17: at 16 bit 13.5 GB and cache do not fit 16 GB with room, nor need they 24."""
    thumb = judged("serve_llama_7b", "seven-b-needs-a10")
    assert thumb.said.engine > 13.5e9


def test_training_over_pcie_is_warned_of() -> None:
    """S003-9."""
    scenario = replace(answered("finetune_llama_7b_in_full")[0], "deployment.gpu", "nvidia-l40s")
    answer = estimate(scenario, CATALOG)
    assert "training-over-pcie" in {warned.id for warned in warned_of(scenario, CATALOG, answer)}


def test_instances_hold_what_their_provider_says() -> None:
    """S003-16, E003-1: g5 has the A10G and g4dn the T4; E003-18: p4d has 8 A100 of 40 GB, p4de of 80."""
    held = {key.removeprefix("aws-"): (item.gpu_id, item.gpu_count) for key, item in CATALOG.clouds.items()}
    assert held["g5-xlarge"][0] == "nvidia-a10g"
    assert held["g4dn-xlarge"][0] == "nvidia-t4"
    assert held["p4d-24xlarge"] == ("nvidia-a100-sxm4-40gb", 8)
    assert held["p4de-24xlarge"] == ("nvidia-a100-sxm4-80gb", 8)


def test_a_t4_is_no_a100() -> None:
    """S003-15, E003-11: 2039 over 320 GB/s are 6.4 times; what does not fit 16 GB is refused."""
    thumb = judged("deepseek_r1_671b", "t4-for-a100")
    assert thumb.said.engine is None
    assert thumb.agreement is Agreement.MISLEADS
    ratio = next(code.params["ratio"] for code in thumb.said.why if "ratio" in code.params)
    assert ratio == pytest.approx(6.37, rel=0.01)


def test_questions_have_answers() -> None:
    """S004-13, S004-10, E004-7: 7B in 4 bit fits 8 GB; the same model needs several times as much for 16 people at 8K."""
    scenario, answer = answered("chat_8b_one_card")
    found = {item.id: item for item in questions_of(scenario, CATALOG, answer)}
    assert set(found) == {"same_model", "which_card", "own_computer", "no_gpu"}
    params = found["same_model"].answer[1].params
    assert params["many_cache_bytes"] > 50 * params["one_cache_bytes"]
    small = found["own_computer"].answer[0]
    assert small.code == "faq.own_computer.yes"
    assert 4.2e9 + 2 * 2**30 * 0.95 < small.params["need_bytes"] < 8e9  # 4.2 GB of weights and 2 GiB of cache at 4K
    assert found["no_gpu"].answer[0].params["tokens_per_s"] > 1
    assert MemoryPart.WEIGHTS in answer.plan().memory.parts
