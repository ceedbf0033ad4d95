"""Quantities as people write them."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.errors import InputError
from gpuplanner.texts import LANGUAGES
from gpuplanner.units import LARGEST, MAX_LENGTH, QuantityKind, format_quantity, parse_quantity

K = QuantityKind
UNITS = {
    K.SECONDS: (None, "ms", "s", "min", "h"),
    K.BYTES: (None, "GB", "GiB", "MB", "TiB"),
    K.PER_DAY: (None, "/s", "/h"),
    K.PER_SECOND: (None, "/min"),
    K.HOURS: (None, "d", "min"),
    K.YEARS: (None, "months"),
}
WHOLE = (K.TOKENS, K.WHOLE)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("7B", K.COUNT, 7e9),
        ("70b", K.COUNT, 70e9),
        ("1.5T", K.COUNT, 1.5e12),
        ("3万", K.COUNT, 30_000),
        ("1.2亿", K.COUNT, 120_000_000),
        ("3 千万", K.COUNT, 30_000_000),
        ("2万亿", K.COUNT, 2e12),
        ("1,024", K.COUNT, 1024),
        ("1 024", K.COUNT, 1024),
        ("1\u00a0024\u00a0000", K.COUNT, 1_024_000),
        ("1\u2009024", K.COUNT, 1024),
        ("1\u202f024", K.COUNT, 1024),
        ("1_024", K.COUNT, 1024),
        ("１，０２４", K.COUNT, 1024),
        ("７Ｂ", K.COUNT, 7e9),
        ("  200  users ", K.COUNT, 200),
        ("200 并发", K.COUNT, 200),
        ("1.234", K.COUNT, 1.234),
        ("1,234.5", K.COUNT, 1234.5),
        (".5", K.NUMBER, 0.5),
        ("1e3", K.NUMBER, 1000),
        ("+7", K.NUMBER, 7),
        ("≤1000", K.COUNT, 1000),
        ("<= 1,000", K.COUNT, 1000),
        ("≦1000", K.COUNT, 1000),
        ("不超过 40", K.COUNT, 40),
        ("8 × ", K.WHOLE, 8),
        ("8卡", K.WHOLE, 8),
        ("40 GB", K.BYTES, 40e9),
        ("80GiB", K.BYTES, 80 * 2**30),
        ("80G", K.BYTES, 80e9),
        ("512 MB", K.BYTES, 512e6),
        ("512 mib", K.BYTES, 512 * 2**20),
        ("1.5 TB", K.BYTES, 1.5e12),
        ("100 字节", K.BYTES, 100),
        ("24", K.BYTES, 24e9),
        ("800 ms", K.SECONDS, 0.8),
        ("1.2 s", K.SECONDS, 1.2),
        ("2 min", K.SECONDS, 120),
        ("2分钟", K.SECONDS, 120),
        ("500毫秒", K.SECONDS, 0.5),
        ("250 µs", K.SECONDS, 250e-6),
        ("90 min", K.HOURS, 1.5),
        ("8", K.HOURS, 8),
        ("2 天", K.HOURS, 48),
        ("18 个月", K.YEARS, 1.5),
        ("30", K.PERCENT, 0.3),
        ("30 %", K.PERCENT, 0.3),
        ("３０％", K.PERCENT, 0.3),
        ("p95", K.PERCENT, 0.95),
        ("5", K.PER_SECOND, 5),
        ("5/s", K.PER_SECOND, 5),
        ("300 req/min", K.PER_SECOND, 5),
        ("5 qps", K.PER_SECOND, 5),
        ("86400/天", K.PER_SECOND, 1),
        ("5万次/天", K.PER_DAY, 50_000),
        ("5万", K.PER_DAY, 50_000),
        ("1/s", K.PER_DAY, 86_400),
        ("¥ 1.5万", K.MONEY, 15_000),
        ("$30k", K.MONEY, 30_000),
        ("1.5万元", K.MONEY, 15_000),
        ("0.75", K.MONEY, 0.75),
        ("￥１２．５", K.MONEY, 12.5),
        ("0", K.COUNT, 0),
    ],
)
def test_takes_what_people_write(text: str, kind: QuantityKind, value: float) -> None:
    assert parse_quantity(text, kind).value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("128k", 131_072),
        ("128K", 131_072),
        ("１２８ｋ", 131_072),
        ("1k", 1024),
        ("1024k", 1_048_576),
        ("1M", 1_048_576),
        ("2 M tokens", 2_097_152),
        ("32ki", 32_768),
        ("100k", 100_000),
        ("1.5k", 1500),
        ("3M", 3_000_000),
        ("128千", 128_000),
        ("1万", 10_000),
        ("2048", 2048),
        ("128 000 tokens", 128_000),
    ],
)
def test_tokens_know_powers_of_two(text: str, value: int) -> None:
    parsed = parse_quantity(text, K.TOKENS)
    assert parsed.value == value
    assert isinstance(parsed.value, int)


@pytest.mark.parametrize(("text", "word"), [("128k", "power of two"), ("100k", "k = 1,000")])
def test_tokens_say_how_k_was_read(text: str, word: str) -> None:
    hint = parse_quantity(text, K.TOKENS).hint
    assert hint is not None
    assert word in hint.sentence("en")
    assert parse_quantity("2048", K.TOKENS).hint is None


def test_a_bare_number_is_in_the_unit_of_the_field() -> None:
    assert parse_quantity("≤1000", K.SECONDS, unit="ms").value == 1.0
    assert parse_quantity("1 s", K.SECONDS, unit="ms").value == 1.0
    assert parse_quantity("80", K.BYTES, unit="GiB").value == 80 * 2**30
    assert parse_quantity("2", K.PER_DAY, unit="/s").value == 172_800


def test_percent_below_one_says_how_it_was_read() -> None:
    parsed = parse_quantity("0.3", K.PERCENT)
    assert parsed.value == 0.003
    assert parsed.hint is not None
    assert parsed.hint.sentence("en") == "Read as 0.3 %; for 30 % write 30."
    assert parse_quantity("0.3 %", K.PERCENT).hint is None


def test_money_names_its_currency() -> None:
    assert parse_quantity("¥ 3", K.MONEY).currency == "CNY"
    assert parse_quantity("3 USD", K.MONEY).currency == "USD"
    assert parse_quantity("3", K.MONEY, currency="CNY").currency is None
    with pytest.raises(InputError, match=r"error\.quantity\.currency"):
        parse_quantity("$3", K.MONEY, currency="CNY")


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("", K.COUNT, "empty"),
        ("   ", K.COUNT, "empty"),
        ("≤", K.COUNT, "empty"),
        ("nan", K.COUNT, "not_a_number"),
        ("inf", K.COUNT, "not_a_number"),
        ("Infinity", K.COUNT, "not_a_number"),
        ("three", K.COUNT, "not_a_number"),
        ("10^400", K.COUNT, "not_a_number"),
        ("1.234.567", K.COUNT, "not_a_number"),
        ("10²", K.NUMBER, "no_unit"),
        ("٣", K.COUNT, "not_a_number"),
        ("0x10", K.COUNT, "unit"),
        ("1.5 k", K.NUMBER, "no_unit"),
        ("5 miles", K.SECONDS, "unit"),
        ("2 m", K.SECONDS, "unit"),
        ("40 GB", K.SECONDS, "unit"),
        ("-5", K.COUNT, "negative"),
        ("−5", K.COUNT, "negative"),
        ("－５", K.COUNT, "negative"),
        ("- ¥5", K.MONEY, "negative"),
        ("≥1000", K.COUNT, "at_least"),
        (">= 5", K.COUNT, "at_least"),
        ("1,5", K.COUNT, "grouping"),
        ("10 24", K.COUNT, "grouping"),
        ("1,02", K.COUNT, "grouping"),
        ("1,024 000", K.COUNT, "grouping"),
        ("1.5", K.TOKENS, "not_whole"),
        ("1.5", K.WHOLE, "not_whole"),
        ("1e5000", K.COUNT, "too_large"),
        ("1e999", K.COUNT, "too_large"),
        ("9" * 40, K.TOKENS, "too_large"),
        ("1e-999", K.COUNT, "too_small"),
        ("1e-99999", K.COUNT, "too_small"),
        ("9" * 10_000, K.COUNT, "too_long"),
    ],
)
def test_says_what_is_wrong(text: str, kind: QuantityKind, code: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_quantity(text, kind)
    assert caught.value.code == f"error.quantity.{code}"
    for lang in LANGUAGES:
        sentence = caught.value.sentence(lang)
        assert sentence[-1] in ".。"
        assert len(sentence) < 250


@given(
    text=st.text(max_size=MAX_LENGTH + 5)
    | st.text("0123456789.,_ eE+-kKmMbB万亿千%≤<=¥$/天smingti", max_size=MAX_LENGTH)
    | st.from_regex(r"[0-9]{1,30}(\.[0-9]{0,9})?(e[+-]?[0-9]{1,9})?[a-zA-Z万亿/% ]{0,5}", fullmatch=True),
    kind=st.sampled_from(list(K)),
)
def test_any_text_is_a_value_or_a_sentence(text: str, kind: QuantityKind) -> None:
    try:
        parsed = parse_quantity(text, kind)
    except InputError as error:
        refused = error
    else:
        refused = None
    if refused is not None:
        assert all(refused.sentence(lang) for lang in LANGUAGES)
        return
    assert 0 <= parsed.value <= LARGEST
    assert isinstance(parsed.value, int) == (kind in WHOLE)
    if parsed.hint:
        assert all(parsed.hint.sentence(lang) for lang in LANGUAGES)


@given(data=st.data(), kind=st.sampled_from(list(K)), lang=st.sampled_from(LANGUAGES), with_unit=st.booleans())
def test_what_is_written_reads_back_the_same(data: st.DataObject, kind: QuantityKind, lang: str, with_unit: bool) -> None:
    if kind in WHOLE:
        value: float = data.draw(st.integers(0, LARGEST))
    else:
        # subnormal values lose digits when they are brought to another unit; no field holds them
        value = data.draw(st.floats(0, 1e23, allow_subnormal=False).filter(lambda v: v == 0 or v > sys.float_info.min * 1e12))
    unit = data.draw(st.sampled_from(UNITS.get(kind, (None,))))
    text = format_quantity(value, kind, lang=lang, unit=unit, with_unit=with_unit)
    assert len(text) <= MAX_LENGTH
    assert parse_quantity(text, kind, unit=unit).value == value


@given(st.integers(0, 10**9))
def test_tokens_read_back_the_same(value: int) -> None:
    assert parse_quantity(format_quantity(value, K.TOKENS), K.TOKENS).value == value


@pytest.mark.parametrize(
    ("value", "kind", "unit", "lang", "text"),
    [
        (131_072, K.TOKENS, None, "en", "128k"),
        (2048, K.TOKENS, None, "en", "2k"),
        (2_097_152, K.TOKENS, None, "en", "2M"),
        (2000, K.TOKENS, None, "en", "2\u2009000"),
        (2000, K.TOKENS, None, "zh", "2,000"),
        (500, K.TOKENS, None, "en", "500"),
        (0, K.TOKENS, None, "en", "0"),
        (0.04, K.SECONDS, "ms", "en", "40"),
        (1.0, K.SECONDS, "ms", "en", "1\u2009000"),
        (0.3, K.PERCENT, None, "en", "30"),
        (0.07, K.PERCENT, None, "en", "7"),
        (50_000.0, K.PER_DAY, None, "zh", "50,000"),
    ],
)
def test_writes_the_shortest_form(value: float, kind: QuantityKind, unit: str | None, lang: str, text: str) -> None:
    assert format_quantity(value, kind, unit=unit, lang=lang) == text
