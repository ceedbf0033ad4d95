"""Figures in words: ranges, limits, what isn't known."""

from __future__ import annotations

from dataclasses import replace

from gpuplanner import texts
from gpuplanner.engine.result import Plan, Quantity, Unit
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.document import replace as asked
from gpuplanner.ui.results.figures import FigureText, Verdict, over_text, verdict
from gpuplanner.ui.results.six import figures
from tests.ui import builders


def by_key(plan: Plan | None, scenario: Scenario | None = None, byte_unit: str = "GB") -> dict[str, FigureText]:
    return {figure.key: figure for figure in figures(plan, scenario or Scenario(), byte_unit)}


def plan_of(gpu_id: str) -> Plan:
    plan = builders.estimate().plan(gpu_id)
    assert plan is not None
    return plan


def test_six_figures_in_their_order() -> None:
    assert list(by_key(plan_of("h20"))) == ["memory_per_gpu", "ttft", "tpot", "throughput", "purchase", "cost_per_million"]


def test_a_batch_has_no_first_token() -> None:
    batch = asked(Scenario(), "workload.kind", "batch")
    found = by_key(plan_of("h20"), batch)
    assert "ttft" not in found
    assert (found["batch_time"].number, found["batch_time"].unit) == ("5.2", "h")
    assert found["batch_time"].details[0] == "limit 8\xa0h"
    assert found["tpot"].verdict is Verdict.PLAIN  # nobody waits for a token of a batch


def test_value_limit_and_range() -> None:
    found = by_key(plan_of("h20"))
    assert (found["ttft"].number, found["ttft"].unit) == ("740", "ms")
    assert found["ttft"].label == "First token, p95"
    assert found["ttft"].details == ("limit 1\u2009000", "629–851")
    assert found["memory_per_gpu"].details == ("of 141", "92.3–99.9")
    assert found["purchase"].details == ("16 × ¥\xa0148\xa0k",)
    assert found["ttft"].hint == "modelled, range from 41 measurements"


def test_gib() -> None:
    assert (by_key(plan_of("h20"), byte_unit="GiB")["memory_per_gpu"].number) == "89.5"


def test_verdicts() -> None:
    assert by_key(plan_of("h20"))["ttft"].verdict is Verdict.GOOD
    assert by_key(plan_of("h200"))["ttft"].verdict is Verdict.CAUTION  # 950 ms, up to 1092
    assert by_key(plan_of("l20"))["ttft"].verdict is Verdict.MISS
    assert verdict(Quantity("x", None, Unit.SECONDS), 1.0) is Verdict.PLAIN
    assert verdict(None, 1.0) is Verdict.PLAIN
    assert "misses the limit" in by_key(plan_of("l20"))["ttft"].spoken


def test_an_unknown_price_is_said_and_never_zero() -> None:
    found = by_key(plan_of("h200"))
    assert found["purchase"].number == "unknown"
    assert found["purchase"].details == ("no price known",)
    texts.set_language("zh")
    assert by_key(plan_of("h200"))["cost_per_million"].number == "未知"


def test_an_incomplete_sum_is_at_least() -> None:
    plan = plan_of("h20")
    price = replace(plan.figures["purchase"], at_least=True)
    found = by_key(replace(plan, figures={**plan.figures, "purchase": price}))["purchase"]
    assert found.number.startswith("≥")
    assert found.details[0] == "part of it unpriced"


def test_nothing_to_show_is_a_dash() -> None:
    assert {figure.number for figure in figures(None, Scenario())} == {"–"}
    assert {figure.number for figure in figures(plan_of("t4"), Scenario())} == {"–"}


def test_off_target_says_by_how_much() -> None:
    def timed(value: float) -> Quantity:
        return Quantity("ttft", value, Unit.SECONDS)

    assert over_text(timed(0.9), 1.0) == ""
    assert over_text(timed(1.34), 1.0) == "+34\xa0%"
    assert over_text(timed(7.2), 1.0) == "7.2×"
    assert over_text(None, 1.0) == ""
    assert over_text(timed(5.0), None) == ""
