"""The words that may stand around a number, for each kind of quantity: scales, units, currencies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from gpuplanner.errors import Named

GB: Final = 10**9
GIB: Final = 2**30


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
class Grammar:
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
        """How a text of this kind looks, in each language."""
        return Named(f"example.{self.kind.value}")


SCALES: Final = {
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
BINARY: Final = {"k": 2**10, "ki": 2**10, "m": 2**20, "mi": 2**20}
TWO_POWERS: Final = frozenset(2**n for n in range(11))


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
CURRENCY_WORDS: Final = {
    "¥": "CNY", "rmb": "CNY", "cny": "CNY", "元": "CNY", "人民币": "CNY", "cn¥": "CNY",
    "$": "USD", "usd": "USD", "us$": "USD", "美元": "USD", "美金": "USD",
}  # fmt: skip


def _times(units: Mapping[str, Fraction], factor: int) -> dict[str, Fraction]:
    return {name: worth * factor for name, worth in units.items()}


GRAMMARS: Final = {
    grammar.kind: grammar
    for grammar in (
        Grammar(QuantityKind.TOKENS, _things("tokens token tok 个 词元"), whole=True, named="k, M, 万"),
        Grammar(
            QuantityKind.COUNT,
            _things("params 参数 个 张 次 人 users requests req 请求 concurrent 并发"),
            named="k, M, B, T, 万, 亿",
        ),
        Grammar(QuantityKind.WHOLE, _things("个 张 块 台 卡 gpu gpus x ×"), whole=True, named="k, 万"),
        Grammar(QuantityKind.NUMBER, _things("x × 倍"), scales=False),
        Grammar(QuantityKind.BYTES, _BYTES, bare="GB", scales=False, named="MB, GB, GiB, TB"),
        Grammar(QuantityKind.SECONDS, _SECONDS, bare="s", scales=False, named="ms, s, min, h"),
        Grammar(QuantityKind.HOURS, {n: w / 3600 for n, w in _SECONDS.items()}, bare="h", scales=False, named="min, h, d"),
        Grammar(
            QuantityKind.YEARS,
            _units(("y yr yrs year years 年", 1), ("month months 月 个月", "1/12")),
            bare="y",
            scales=False,
            named="y, months",
        ),
        Grammar(QuantityKind.PERCENT, _units(("%", "1/100")), bare="%", scales=False, named="%"),
        Grammar(QuantityKind.PER_SECOND, _PER_SECOND, bare="/s", named="/s, /min, /h, /d"),
        Grammar(QuantityKind.PER_DAY, _times(_PER_SECOND, 86400), bare="/d", named="/d, /h, /min, /s"),
        Grammar(QuantityKind.MONEY, _things(), named="k, M, B, 万, 亿"),
    )
}
