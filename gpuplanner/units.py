"""Quantities as people write them ("7B", "128k", "1.5万", "≤1000") to numbers, and back.

Numbers are read as exact decimals; a point is always the decimal point and a comma always groups thousands, whatever the locale.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from gpuplanner.errors import InputError, Message, Named, shown

GB: Final = 10**9
GIB: Final = 2**30
MAX_LENGTH: Final = 64
LARGEST: Final = 10**24
THIN_SPACE: Final = "\N{THIN SPACE}"


class QuantityKind(StrEnum):
    """What a text field asks for."""

    TOKENS = "tokens"  # whole; 128k is 131072
    COUNT = "count"  # 7B, 3万; may be a fraction
    WHOLE = "whole"  # GPUs, degrees
    NUMBER = "number"  # a plain factor
    BYTES = "bytes"  # value in bytes
    SECONDS = "seconds"  # value in seconds
    HOURS = "hours"  # value in hours
    YEARS = "years"  # value in years
    PERCENT = "percent"  # value as a share: 30 is 0.3
    PER_SECOND = "per_second"  # value per second
    PER_DAY = "per_day"  # value per day
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a text means.

    Attributes:
        value: in the base unit of its kind; an int where the kind is whole.
        hint: how the text was understood, where that isn't plain.
        currency: "CNY" or "USD" where the text named one.
    """

    value: float | int
    hint: Message | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class _Grammar:
    """What may follow the number of a kind, and how many base units each is.

    ``bare`` is the unit that a number without one is in; ``scales`` are allowed in front of the unit.
    """

    kind: QuantityKind
    units: Mapping[str, Fraction]
    bare: str = ""
    scales: bool = True
    whole: bool = False
    named: str = ""  # the units to name when another was written

    @property
    def example(self) -> Named:
        return Named(f"example.{self.kind.value}")


_SCALES: Final = {
    name: Fraction(factor)
    for names, factor in (
        ("k 千", 10**3),
        ("万 萬 w", 10**4),
        ("十万", 10**5),
        ("m mn 百万", 10**6),
        ("千万", 10**7),
        ("亿 億", 10**8),
        ("b bn 十亿", 10**9),
        ("百亿", 10**10),
        ("千亿", 10**11),
        ("t tn 万亿", 10**12),
    )
    for name in names.split()
} | {"": Fraction(1)}
_BINARY: Final = {"k": 2**10, "ki": 2**10, "m": 2**20, "mi": 2**20}
_TWO_POWERS: Final = frozenset(2**n for n in range(11))


def _units(*rows: tuple[str, str | int]) -> dict[str, Fraction]:
    """Units by name, from rows of names and what each is worth; the first row's worth holds for a number alone, too."""
    return {name: Fraction(worth) for names, worth in rows for name in names.split()}


def _things(names: str = "") -> dict[str, Fraction]:
    """Words that may follow a number without changing it."""
    return dict.fromkeys(["", *names.split()], Fraction(1))


_SECONDS: Final = _units(
    ("s sec secs second seconds 秒", 1),
    ("us µs μs 微秒", "1/1000000"),
    ("ms msec 毫秒", "1/1000"),
    ("min mins minute minutes 分 分钟", 60),
    ("h hr hrs hour hours 小时 时", 3600),
    ("d day days 天 日", 86400),
)
_BYTES: Final = _units(
    ("byte bytes 字节 b", 1),
    ("kb", 10**3), ("mb m", 10**6), ("gb g", GB), ("tb t", 10**12), ("pb", 10**15),
    ("kib", 2**10), ("mib", 2**20), ("gib", GIB), ("tib", 2**40), ("pib", 2**50),
)  # fmt: skip
_REQUESTS: Final = ("", "req", "reqs", "request", "requests", "次", "个", "个请求", "请求")
_PER_SECOND: Final = {
    f"{thing}{mark}{name}": 1 / worth for thing in _REQUESTS for mark in ("/", "per", "每") for name, worth in _SECONDS.items()
} | {"rps": Fraction(1), "qps": Fraction(1)}
_CURRENCY_WORDS: Final = {
    "¥": "CNY", "rmb": "CNY", "cny": "CNY", "元": "CNY", "人民币": "CNY", "cn¥": "CNY",
    "$": "USD", "usd": "USD", "us$": "USD", "美元": "USD", "美金": "USD",
}  # fmt: skip


def _times(units: Mapping[str, Fraction], factor: int) -> dict[str, Fraction]:
    return {name: worth * factor for name, worth in units.items()}


_GRAMMARS: Final = {
    grammar.kind: grammar
    for grammar in (
        _Grammar(QuantityKind.TOKENS, _things("tokens token tok 个 词元"), whole=True, named="k, M, 万"),
        _Grammar(
            QuantityKind.COUNT,
            _things("params 参数 个 张 次 人 users requests req 请求 concurrent 并发"),
            named="k, M, B, T, 万, 亿",
        ),
        _Grammar(QuantityKind.WHOLE, _things("个 张 块 台 卡 gpu gpus x ×"), whole=True, named="k, 万"),
        _Grammar(QuantityKind.NUMBER, _things("x × 倍"), scales=False),
        _Grammar(QuantityKind.BYTES, _BYTES, bare="GB", scales=False, named="MB, GB, GiB, TB"),
        _Grammar(QuantityKind.SECONDS, _SECONDS, bare="s", scales=False, named="ms, s, min, h"),
        _Grammar(QuantityKind.HOURS, {n: w / 3600 for n, w in _SECONDS.items()}, bare="h", scales=False, named="min, h, d"),
        _Grammar(
            QuantityKind.YEARS,
            _units(("y yr yrs year years 年", 1), ("month months 月 个月", "1/12")),
            bare="y",
            scales=False,
            named="y, months",
        ),
        _Grammar(QuantityKind.PERCENT, _units(("%", "1/100")), bare="%", scales=False, named="%"),
        _Grammar(QuantityKind.PER_SECOND, _PER_SECOND, bare="/s", named="/s, /min, /h, /d"),
        _Grammar(QuantityKind.PER_DAY, _times(_PER_SECOND, 86400), bare="/d", named="/d, /h, /min, /s"),
        _Grammar(QuantityKind.MONEY, _things(), named="k, M, B, 万, 亿"),
    )
}

# full-width forms to ASCII, look-alikes to one form; powers like ² stay as they are, and so are refused
_SAME: Final = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | str.maketrans(
    {
        "￥": "¥",
        "圆": "元",
        "−": "-",
        "–": "-",
        "∶": ":",
        "／": "/",
        "≦": "≤",
        "⩽": "≤",
        "≧": "≥",
        "⩾": "≥",
        "、": ",",
    }
)
_AT_MOST: Final = re.compile(r"^(?:≤|<=|=<|<|=|~|≈|不超过|至多|最多|小于|约)\s*")
_AT_LEAST: Final = re.compile(r"^(?:≥|>=|=>|>|不低于|至少|大于)")
_NUMBER: Final = re.compile(
    r"^(?P<number>[+]?(?:[0-9][0-9,_ ]*(?:\.[0-9_]*)?|\.[0-9]+)(?:e[+-]?[0-9]+(?![0-9a-z]))?)(?P<rest>.*)$"
)
_GROUPED: Final = re.compile(r"^[0-9]{1,3}(?:([, ])[0-9]{3}(?:\1[0-9]{3})*)?$")
_NO_NUMBER: Final = re.compile(r"^[-+*/^.,()0-9]+(?![a-z])")
_PRECISIONS: Final = (15, 17, 20, 40)


def parse_quantity(text: str, kind: QuantityKind, *, unit: str | None = None, currency: str | None = None) -> Parsed:
    """The number that a text means.

    Args:
        text: as typed or pasted; full-width characters, spaces and group marks are fine.
        kind: what the field asks for.
        unit: the unit of a number that stands alone ("ms", "GiB"); the kind's own when not given.
        currency: the field's currency; a text that names another one is refused.

    Raises:
        InputError: when the text isn't such a quantity; the sentence says why, with an example.
    """
    grammar = _GRAMMARS[kind]
    clean = _clean(text, grammar)
    named_currency = None
    if kind is QuantityKind.MONEY:
        clean, named_currency = _without_currency(clean)
        if currency and named_currency and named_currency != currency:
            raise InputError("error.quantity.currency", text=shown(text), currency=currency)
    match = _NUMBER.match(clean)
    rest = match["rest"].replace(" ", "") if match else ""
    if not match or (_NO_NUMBER.match(rest) and rest not in grammar.units):
        raise InputError("error.quantity.not_a_number", text=shown(text), example=grammar.example)
    number = _number(match["number"].strip(), text, grammar)
    if kind is QuantityKind.TOKENS:
        return _tokens(number, rest, text, grammar)
    value = _bounded(number * _worth(rest, text, grammar, unit), text, grammar)
    hint = _percent_hint(number) if kind is QuantityKind.PERCENT and not rest else None
    return Parsed(value, hint, named_currency)


def format_quantity(
    value: float, kind: QuantityKind, *, lang: str = "en", unit: str | None = None, with_unit: bool = False
) -> str:
    """A value as it stands in a field, exact: parsing it again (with the same ``unit``) gives the same value.

    Args:
        value: in the base unit of the kind; finite, not negative, at most :data:`LARGEST`.
        kind: what the field asks for.
        lang: "en" groups by a thin space, "zh" by a comma.
        unit: the unit to write in; the kind's own when not given.
        with_unit: whether the unit is written too.
    """
    grammar = _GRAMMARS[kind]
    if kind is QuantityKind.TOKENS and (short := _binary_name(int(value))):
        return short
    written = unit or grammar.bare
    worth = grammar.units.get(written.casefold(), Fraction(1))
    text = _plain(_shortest(value, worth), "," if lang == "zh" else THIN_SPACE)
    return f"{text} {written}" if with_unit and written else text


def _clean(text: str, grammar: _Grammar) -> str:
    """One notation for what people write in several; refuses what is empty, endless, signed or the wrong way round."""
    if len(text) > MAX_LENGTH:
        raise InputError("error.quantity.too_long", limit=MAX_LENGTH, example=grammar.example)
    clean = " ".join(text.translate(_SAME).split()).casefold()
    clean = _AT_MOST.sub("", clean)
    if not clean:
        raise InputError("error.quantity.empty", example=grammar.example)
    if _AT_LEAST.match(clean):
        raise InputError("error.quantity.at_least", text=shown(text), example=grammar.example)
    if re.match(r"^-\s*[¥$.0-9]", clean):
        raise InputError("error.quantity.negative", text=shown(text), example=grammar.example)
    return clean.removeprefix("p") if grammar.bare == "%" else clean


def _without_currency(clean: str) -> tuple[str, str | None]:
    for word in sorted(_CURRENCY_WORDS, key=len, reverse=True):
        if clean.startswith(word):
            return clean.removeprefix(word).strip(), _CURRENCY_WORDS[word]
        if clean.endswith(word):
            return clean.removesuffix(word).strip(), _CURRENCY_WORDS[word]
    return clean, None


def _number(written: str, text: str, grammar: _Grammar) -> Fraction:
    mantissa, mark, exponent = written.partition("e")
    whole, point, part = mantissa.removeprefix("+").partition(".")
    whole = whole.strip().replace("_", "")
    if whole and not _GROUPED.match(whole) and not whole.isdigit():
        raise InputError("error.quantity.grouping", text=shown(text))
    if mark and len(exponent.lstrip("+-0")) > 3:
        raise _out_of_range("small" if exponent.startswith("-") else "large", text, grammar)
    digits = whole.replace(",", "").replace(" ", "") or "0"
    return Fraction(f"{digits}{point}{part.replace('_', '') or (point and '0')}{mark}{exponent}")


def _worth(rest: str, text: str, grammar: _Grammar, unit: str | None) -> Fraction:
    """What stands behind the number, in base units: a scale, a unit, or both."""
    if rest in grammar.units:
        return grammar.units[rest]
    scales = _SCALES if grammar.scales else {"": Fraction(1)}
    if rest in scales:
        return scales[rest] * grammar.units.get((unit or grammar.bare).casefold(), Fraction(1))
    for name, worth in grammar.units.items():
        if name and rest.endswith(name) and rest.removesuffix(name) in scales:
            return scales[rest.removesuffix(name)] * worth
    raise _wrong_unit(rest, text, grammar)


def _wrong_unit(rest: str, text: str, grammar: _Grammar) -> InputError:
    code = "error.quantity.unit" if grammar.named else "error.quantity.no_unit"
    return InputError(code, text=shown(text), unit=shown(rest, 20), units=grammar.named, example=grammar.example)


def _out_of_range(side: str, text: str, grammar: _Grammar) -> InputError:
    return InputError(f"error.quantity.too_{side}", text=shown(text), example=grammar.example)


def _tokens(number: Fraction, rest: str, text: str, grammar: _Grammar) -> Parsed:
    """Tokens: 1, 2, 4 … 1024 k or M are powers of two, as model makers mean them; every other k is a thousand."""
    for word in sorted(grammar.units, key=len, reverse=True):
        if not rest.endswith(word):
            continue
        scale = rest.removesuffix(word)
        if scale in _BINARY and (scale.endswith("i") or number in _TWO_POWERS):
            value = _bounded(number * _BINARY[scale], text, grammar)
            return Parsed(value, Message("hint.tokens.binary", {"written": shown(text.strip()), "value": f"{value:,}"}))
        if scale in _SCALES:
            value = _bounded(number * _SCALES[scale], text, grammar)
            said = scale in _BINARY
            hint = Message("hint.tokens.decimal", {"written": shown(text.strip()), "value": f"{value:,}"}) if said else None
            return Parsed(value, hint)
    raise _wrong_unit(rest, text, grammar)


def _percent_hint(number: Fraction) -> Message | None:
    """Who writes 0.3 may have meant 30 %."""
    if not 0 < number < 1:
        return None
    return Message("hint.percent", {"read": f"{float(number):g}", "meant": f"{float(number * 100):g}"})


def _bounded(value: Fraction, text: str, grammar: _Grammar) -> float | int:
    if value > LARGEST:
        raise _out_of_range("large", text, grammar)
    if grammar.whole:
        if value.denominator != 1:
            raise InputError("error.quantity.not_whole", text=shown(text), example=grammar.example)
        return int(value)
    if value and not float(value):
        raise _out_of_range("small", text, grammar)
    return float(value)


def _binary_name(value: int) -> str | None:
    """Such as "128k" for 131072."""
    for name in ("M", "k"):
        count, left = divmod(value, _BINARY[name.lower()])
        if not left and count in _TWO_POWERS:
            return f"{count}{name}"
    return None


def _shortest(value: float, worth: Fraction) -> Decimal:
    """The shortest decimal number of a unit that gives this very value."""
    exact = Fraction(value) / worth
    for digits in _PRECISIONS:
        context = Context(prec=digits)
        number = context.divide(Decimal(exact.numerator), Decimal(exact.denominator)).normalize(context)
        back = Fraction(number) * worth
        if (back if isinstance(value, int) else float(back)) == value:
            break
    return number


def _plain(number: Decimal, group: str) -> str:
    if number and not -9 <= number.adjusted() < 21:
        return f"{number:e}"
    whole, point, part = f"{number:f}".partition(".")
    return f"{int(whole):,}".replace(",", group) + point + part
