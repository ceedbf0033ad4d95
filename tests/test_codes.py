"""Codes of the engine in words: every text has what its sentence names, in both languages."""

from __future__ import annotations

import string

import pytest

from gpuplanner import texts
from gpuplanner.catalog.load import load_catalog
from gpuplanner.codes import code_text
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Code
from gpuplanner.scenario.document import Scenario, replace


def test_numbers_are_written_by_the_ending_of_their_name() -> None:
    code = Code("reason.weights_too_big", {"need_bytes": 36.9e9, "gpus": 16, "limit_bytes": 14e9})

    assert code_text(code) == "weights and workspace need 36.9\xa0GB per GPU with 16 in a replica; 14\xa0GB are usable"
    assert "34.4\xa0GiB" in code_text(code, byte_unit="GiB")
    assert code_text(code, "zh") == "16 张卡时每卡权重与工作区需 36.9\xa0GB，可用仅 14\xa0GB"


def test_times_stand_in_the_unit_that_suits() -> None:
    assert (
        code_text(Code("miss.ttft", {"value_s": 1.42, "limit_s": 0.5})) == "first token 1\u2009420\xa0ms, the limit is 500\xa0ms"
    )


def test_a_parameter_may_be_a_code_or_name_a_text() -> None:
    nested = Code("refusal.no_shape", {"model": "Yi-Lightning", "reason": Code("reason.shape_unknown")})
    assert code_text(nested) == "Yi-Lightning cannot be estimated yet: its inner sizes are not published."
    named = Code("refusal.no_shape", {"model": "X", "reason": "reason.shape_unknown"})
    assert code_text(named, "zh") == "暂不能估算 X：其内部结构参数未公开。"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("x_gb_s", 4800, "4.8\xa0TB/s"),
        ("x_tokens", 2500, "2\u2009500"),
        ("x_share", 0.6, "60\xa0%"),
        ("x_w", 5600, "5.6\xa0kW"),
        ("x_params", 70.6e9, "70.6\xa0B"),
        ("x_tok_s", 7410, "7\u2009410\xa0tok/s"),
        ("x_year", 2026, "2026"),
        ("x", 2.5, "2.5"),
        ("x_bytes", None, "unknown"),
        ("bits", 4, "4"),
        ("names", ("a", "b"), "a, b"),
    ],
)
def test_endings(name: str, value: object, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(texts.entries(), "test.one", {"en": f"{{{name}}}", "zh": f"{{{name}}}"})

    assert code_text(Code("test.one", {name: value})) == shown


def test_money_is_in_the_currency_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(texts.entries(), "test.money", {"en": "{price_money}", "zh": "{price_money}"})

    assert code_text(Code("test.money", {"price_money": 2.36e6, "currency": "USD"})) == "$\xa02.36\xa0M"
    assert code_text(Code("test.money", {"price_money": 2.36e6, "currency": "CNY"}), "zh") == "¥\xa0236\xa0万"


def test_a_code_without_a_text_is_a_fault() -> None:
    with pytest.raises(KeyError):
        code_text(Code("no.such.code"))


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_everything_an_estimate_says_has_words(lang: str) -> None:
    catalog = load_catalog()
    scenarios = [
        Scenario(),
        replace(Scenario(), "model.id", "deepseek-v3"),
        replace(Scenario(), "workload.input_tokens", 500_000),
    ]
    for scenario in scenarios:
        answer = estimate(scenario, catalog)
        for plan in answer.plans:
            codes = [*plan.reasons, *plan.remedies, *plan.warnings, *([plan.fallback] if plan.fallback else [])]
            for code in codes:
                said = code_text(code, lang)
                assert said
                assert "{" not in said
                assert "None" not in said


def test_placeholders_are_the_same_in_both_languages() -> None:
    for key, entry in texts.entries().items():
        if key.startswith("results."):
            named = [{name for _, name, _, _ in string.Formatter().parse(entry[lang]) if name} for lang in texts.LANGUAGES]
            assert named[0] == named[1], key
