"""The answer in words, for every state it can be in."""

from __future__ import annotations

from dataclasses import replace

from gpuplanner import texts
from gpuplanner.engine.result import Code, Estimate, Status
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.document import replace as asked
from gpuplanner.ui.results import sentence as words
from gpuplanner.ui.results.figures import Verdict
from tests.ui import builders


def said(answer: Estimate) -> str:
    return words.sentence(answer, builders.catalog())


def shown(answer: Estimate, scenario: Scenario | None = None) -> list[str]:
    return [pill.shown for pill in words.pills(answer, scenario or Scenario())]


def test_what_it_takes() -> None:
    assert said(builders.estimate()) == "2 servers · 8 × H20 141 GB each · TP 4, 4 replicas"
    assert shown(builders.estimate()) == ["✓ meets both targets"]


def test_chinese() -> None:
    texts.set_language("zh")
    assert said(builders.estimate()) == "2 台服务器 · 每台 8 × H20 141 GB · TP 4，4 个副本"
    assert shown(builders.estimate()) == ["✓ 两项指标均达标"]


def test_one_server_one_replica_pipeline_and_spare() -> None:
    plan = replace(builders.estimate().plans[0], pipeline_parallel=2, replicas=1, servers=1)
    assert said(Estimate((plan,), "h20")) == "1 server · 8 × H20 141 GB · TP 4, PP 2, 1 replica"
    spare = Estimate((replace(plan, spare_replicas=1, servers=3),), "h20")
    assert said(spare) == "3 servers · 16 × H20 141 GB in all · TP 4, PP 2, 1 replica + 1 spare"
    assert "✓ survives one server" in shown(spare)


def test_the_cautious_end_is_a_state_of_its_own() -> None:
    assert shown(replace(builders.estimate(), chosen="h200")) == ["✓ expected values meet", "! cautious end misses"]


def test_a_missed_target_is_named() -> None:
    assert shown(replace(builders.estimate(), chosen="l20")) == ["! misses first token"]
    strict = asked(Scenario(), "targets.tpot_s", 0.01)
    assert shown(replace(builders.estimate(), chosen="l20"), strict) == ["! misses targets"]


def test_targets_that_were_not_set_are_not_met() -> None:
    free = asked(asked(Scenario(), "targets.ttft_s", None), "targets.tpot_s", None)
    assert shown(builders.estimate(), free) == ["✓ fits"]
    assert shown(builders.estimate(), asked(Scenario(), "targets.ttft_s", None)) == ["✓ meets the target"]


def test_another_format_is_said() -> None:
    pills = words.pills(replace(builders.estimate(), chosen="ascend"), Scenario())
    assert pills[-1].shown == "! runs in FP16"
    assert pills[-1].hint == "FP8 runs in fp16 here"


def test_a_gpu_that_cannot_says_why_and_what_would_help() -> None:
    answer = replace(builders.estimate(), chosen="t4")
    assert said(answer).startswith("T4 cannot carry this: weights and workspace need 36.9\xa0GB per GPU")
    assert words.way_out(answer, builders.catalog()) == "T4 would do with: weights of 4 bits or less would fit"
    assert [pill.verdict for pill in words.pills(answer, Scenario())] == [Verdict.BAD]


def test_nothing_fits() -> None:
    cannot = next(plan for plan in builders.estimate().plans if plan.status is Status.IMPOSSIBLE)
    answer = Estimate((cannot,), None)
    assert said(answer).startswith("No GPU carries this load. T4 comes closest: weights and workspace")
    assert words.way_out(answer, builders.catalog())


def test_a_refusal_is_a_sentence() -> None:
    answer = Estimate(refusal=Code("refusal.no_shape", {"model": "X", "reason": Code("reason.shape_unknown")}))
    assert said(answer) == "X cannot be estimated yet: its inner sizes are not published."
    assert words.way_out(answer, builders.catalog()) == ""
    assert shown(answer) == ["✕ cannot be estimated"]


def test_an_empty_catalogue() -> None:
    assert said(Estimate()) == "No GPU in the catalogue to plan with."


def test_notes_come_once() -> None:
    note = Code("warning.over_pcie", {"tensor_parallel": 4})
    plan = replace(builders.estimate().plans[0], warnings=(note,))
    assert words.notes(Estimate((plan,), "h20", warnings=(note,))) == ("4 GPUs exchange data over PCIe",)
