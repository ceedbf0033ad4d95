"""Figures as people read them."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner import texts
from gpuplanner.engine.result import Quantity, Unit
from gpuplanner.format import (
    Shown,
    format_bytes,
    format_count,
    format_figure,
    format_hours,
    format_integer,
    format_money,
    format_number,
    format_range,
    format_rate,
    format_seconds,
    format_share,
    format_si,
)

T, N = "\u2009", "\u00a0"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (96.1e9, "GB", ("96.1", "GB")),
        (80 * 2**30, "GiB", ("80", "GiB")),
        (80 * 2**30, "GB", ("85.9", "GB")),
        (163_840, "GB", ("164", "kB")),
        (163_840, "GiB", ("160", "KiB")),
        (1.128e12, "GB", (f"1{T}128", "GB")),
        (999.96e9, "GB", (f"1{T}000", "GB")),
        (12e12, "GB", ("12", "TB")),
        (512, "GB", ("512", "B")),
        (0, "GB", ("0", "B")),
        (-1.5e9, "GB", ("\u22121.5", "GB")),
        (None, "GB", ("unknown", "")),
        (math.inf, "GB", ("unknown", "")),
    ],
)
def test_bytes(value: float | None, unit: str, expected: tuple[str, str]) -> None:
    assert format_bytes(value, unit) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.74, "740 ms"),
        (0.0273, "27 ms"),
        (0.00412, "4.1 ms"),
        (1.423, "1\u2009423 ms"),
        (9.99996, "10 s"),
        (12.34, "12.3 s"),
        (300, "5 min"),
        (100_000, "27.8 h"),
        (10_000_000, "116 d"),
    ],
)
def test_seconds(value: float, expected: str) -> None:
    assert str(format_seconds(value)) == expected.replace(" ", N)


def test_hours() -> None:
    assert str(format_hours(0.5)) == f"30{N}min"
    assert str(format_hours(9.87)) == f"9.87{N}h"
    assert str(format_hours(72, "zh")) == f"3{N}天"


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [
        (2_360_000, "¥ 2.36 M", "¥ 236 万"),
        (4.123, "¥ 4.12", "¥ 4.12"),
        (9_999.7, "¥ 10 k", "¥ 1 万"),
        (8_910, "¥ 8\u2009910", "¥ 8,910"),
        (123_456_789, "¥ 123 M", "¥ 1.23 亿"),
        (-1_100_000, "\u2212¥ 1.1 M", "\u2212¥ 110 万"),
        (None, "unknown", "未知"),
    ],
)
def test_money(value: float | None, en: str, zh: str) -> None:
    assert str(format_money(value, "CNY", "en")) == en.replace(" ", N)
    assert str(format_money(value, "CNY", "zh")) == zh.replace(" ", N)


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [
        (70.6e9, "70.6 B", "706 亿"),
        (671e9, "671 B", "6\u202f710 亿".replace("\u202f", ",")),
        (999_960, "1 M", "100 万"),
        (1234, "1\u2009234", "1,234"),
        (0, "0", "0"),
        (1.2e12, "1.2 T", "1.2 万亿"),
    ],
)
def test_counts(value: float, en: str, zh: str) -> None:
    assert str(format_count(value, "en")) == en.replace(" ", N)
    assert str(format_count(value, "zh")) == zh.replace(" ", N)


def test_rates_shares_and_prefixes() -> None:
    assert format_rate(7410.4) == Shown(f"7{T}410", "tok/s")
    assert format_rate(123_456) == Shown("123", f"k{N}tok/s")
    assert format_rate(3.456, "unit.requests_per_second", "zh") == Shown("3.46", "请求/s")
    assert format_share(0.683) == Shown("68.3", "%")
    assert format_share(1) == Shown("100", "%")
    assert format_share(0.12345) == Shown("12.3", "%")
    assert format_si(989e12, "FLOP/s") == Shown("989", "TFLOP/s")
    assert format_si(4.8e12, "B/s") == Shown("4.8", "TB/s")
    assert format_integer(163_840) == f"163{T}840"
    assert format_integer(163_840, "zh") == "163,840"
    assert format_integer(None) == "unknown"
    assert format_number(1.16) == "1.16"


def test_figure_and_range_share_a_unit() -> None:
    figure = format_figure(Quantity("ttft", 0.74, Unit.SECONDS, 0.61, 12.0))
    assert figure == ("740", "ms", f"610–12{T}000")
    assert format_figure(Quantity("m", 96.1e9, Unit.BYTES, 92e9, 101e9)) == ("96.1", "GB", "92–101")
    money = Quantity("purchase", 2.36e6, Unit.MONEY, 2.0e6, 2.5e6)
    assert format_figure(money, "zh") == (f"¥{N}236", "万", f"¥{N}200–250")
    assert format_figure(money, "en", currency="USD") == (f"${N}2.36", "M", f"${N}2–2.5")
    assert format_range(0.61, 0.89, Unit.SECONDS) == Shown("610–890", "ms")


def test_figure_without_range_and_unknown() -> None:
    assert format_figure(None) == ("unknown", "", "")
    assert format_figure(Quantity("p", None, Unit.MONEY), "zh") == ("未知", "", "")
    assert format_figure(Quantity("n", 5, Unit.COUNT, 5, 5)) == ("5", "", "")
    assert format_figure(Quantity("n", 5.0, Unit.COUNT, 4.999, 5.001)).range_text == "5"
    assert format_figure(Quantity("p", 2.36e6, Unit.MONEY, at_least=True)).number == f"≥{T}¥{N}2.36"


def test_current_language_is_the_default() -> None:
    texts.set_language("zh")
    assert str(format_count(70.6e9)) == f"706{N}亿"
    assert format_bytes(None).number == "未知"


@given(
    value=st.floats(-1e20, 1e20) | st.floats(0, 1e4),
    unit=st.sampled_from(list(Unit)),
    lang=st.sampled_from(texts.LANGUAGES),
    byte_unit=st.sampled_from(["GB", "GiB"]),
)
def test_few_digits_and_right_to_a_percent(value: float, unit: Unit, lang: str, byte_unit: str) -> None:
    figure = format_figure(Quantity("x", value, unit, value, value + 1), lang, byte_unit)
    plain = figure.number.replace(T, "").replace(",", "").replace(N, "").replace("¥", "").replace("\u2212", "-")
    shown = float(plain)
    assert not re.search(r"e|nan|inf|-0$", plain)
    fraction = plain.partition(".")[2]
    assert len(fraction.lstrip("0")) <= 3
    if abs(value) >= 10 and unit not in (Unit.BYTES, Unit.SECONDS, Unit.HOURS):
        # the words for thousands, 万, percent are powers of ten; what is left must be right
        factor = math.log10(shown / value)
        assert factor == pytest.approx(round(factor), abs=0.0025)
