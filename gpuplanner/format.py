"""Figures as people read them: three or four significant digits, the unit apart, unknown said as unknown.

Every function gives number and unit as a pair, so that a surface can set the unit in a quieter tone; ``str()`` joins them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from gpuplanner import texts

MINUS: Final = "\N{MINUS SIGN}"
THIN_SPACE: Final = "\N{THIN SPACE}"
NO_BREAK: Final = "\N{NO-BREAK SPACE}"
DASH: Final = "\N{EN DASH}"
SYMBOLS: Final = {"CNY": "¥", "USD": "$", "EUR": "€"}


class Ranged(Protocol):
    """What :func:`format_figure` needs of a quantity; the engine's ``Quantity`` is one."""

    @property
    def value(self) -> float | None:
        """The expected figure; None is unknown."""

    @property
    def unit(self) -> str:
        """What the engine holds it in."""

    @property
    def low(self) -> float | None:
        """Lower end of the range."""

    @property
    def high(self) -> float | None:
        """Upper end of the range."""

    @property
    def at_least(self) -> bool:
        """Whether the true figure is this or more."""


class Shown(NamedTuple):
    """A number and its unit; the unit is empty where there is none."""

    number: str
    unit: str

    def __str__(self) -> str:
        return f"{self.number}{NO_BREAK}{self.unit}" if self.unit else self.number


class Figure(NamedTuple):
    """A figure with its range ("92–101", in the same unit); the range is empty where the figure is exact or unknown."""

    number: str
    unit: str
    range_text: str

    def __str__(self) -> str:
        return f"{self.number}{NO_BREAK}{self.unit}" if self.unit else self.number


@dataclass(frozen=True, slots=True)
class _Scale:
    """The unit that a value is best shown in.

    ``digits`` is how many significant digits a number below 1000 keeps; ``decimals`` caps those after the point.
    """

    factor: float
    unit: str
    digits: int = 3
    decimals: int = 12
    prefix: str = ""


def format_number(value: float | None, lang: str | None = None, digits: int = 3) -> str:
    """A bare number with at most ``digits`` significant digits below 1000 and whole above."""
    return _unknown(lang).number if value is None else _number(value, _Scale(1, "", digits), _lang(lang))


def format_integer(value: float | None, lang: str | None = None) -> str:
    """A whole number, exact and grouped: 163 840, in Chinese 163,840."""
    return _unknown(lang).number if value is None else _grouped(f"{round(value):d}", _lang(lang))


def format_bytes(value: float | None, unit: str = "GB", lang: str | None = None) -> Shown:
    """Bytes in decimal ("GB") or binary ("GiB") units: 96.1 GB."""
    return _show(value, lambda v, _: _bytes_scale(v, unit), lang)


def format_seconds(value: float | None, lang: str | None = None) -> Shown:
    """A time: milliseconds below 10 s, then seconds, minutes, hours, days."""
    return _show(value, _seconds_scale, lang)


def format_hours(value: float | None, lang: str | None = None) -> Shown:
    """A time given in hours; minutes below one, days from 48 on."""
    return _show(value, _hours_scale, lang)


def format_rate(value: float | None, unit: str = "unit.tokens_per_second", lang: str | None = None) -> Shown:
    """A rate; ``unit`` is the key of the text of its unit."""
    return _show(value, lambda v, spoken: _rate_scale(v, unit, spoken), lang)


def format_money(value: float | None, currency: str, lang: str | None = None) -> Shown:
    """Money: ¥ 2.36 M in English, ¥ 236 万 in Chinese; the symbol belongs to the number."""
    return _show(value, lambda v, spoken: _money_scale(v, currency, spoken), lang)


def format_count(value: float | None, lang: str | None = None) -> Shown:
    """A large count: 70.6 B in English, 706 亿 in Chinese."""
    return _show(value, _count_scale, lang)


def format_share(value: float | None, lang: str | None = None) -> Shown:
    """A share of 1 in percent, with at most one decimal."""
    return _show(value, _share_scale, lang)


def format_si(value: float | None, unit: str, lang: str | None = None) -> Shown:
    """A value with a decimal prefix: 989 TFLOP/s, 4.8 TB/s, 1.2 kW."""
    return _show(value, lambda v, _: _si_scale(v, unit), lang)


def format_range(
    low: float, high: float, unit: str, lang: str | None = None, byte_unit: str = "GB", currency: str = "CNY"
) -> Shown:
    """A range in one unit, that of its upper end: 610–890 ms.

    ``unit`` is the one that the engine holds the values in ("B", "s", "tok/s", "share", "money" …).
    """
    spoken = _lang(lang)
    scale = _scale(unit, high, spoken, byte_unit, currency)
    return Shown(_span(low, high, scale, spoken), scale.unit)


def format_figure(quantity: Ranged | None, lang: str | None = None, byte_unit: str = "GB", currency: str = "CNY") -> Figure:
    """A quantity of the engine as number, unit and range, all three in the unit that suits the expected value.

    Args:
        quantity: None, or one whose value is None, is shown as unknown.
        lang: "en" or "zh"; the current language when not given.
        byte_unit: "GB" or "GiB".
        currency: "CNY" or "USD", for money.
    """
    made = _figure(quantity, lang, byte_unit, currency)
    low, high = (None, None) if quantity is None else (quantity.low, quantity.high)
    if made is None or low is None or high is None or low == high:
        return Figure(*(made[0] if made else _unknown(lang)), "")
    return Figure(*made[0], _span(low, high, made[1], _lang(lang)))


def format_expected(quantity: Ranged | None, lang: str | None = None, byte_unit: str = "GB", currency: str = "CNY") -> Shown:
    """A quantity of the engine as :func:`format_figure` writes it, without its range."""
    made = _figure(quantity, lang, byte_unit, currency)
    return made[0] if made else _unknown(lang)


def _figure(quantity: Ranged | None, lang: str | None, byte_unit: str, currency: str) -> tuple[Shown, _Scale] | None:
    """Number, unit and the scale they are in; None where the value is unknown."""
    if quantity is None or quantity.value is None or not math.isfinite(quantity.value):
        return None
    spoken = _lang(lang)
    scale = _scale(quantity.unit, quantity.value, spoken, byte_unit, currency)
    number = _number(quantity.value, scale, spoken)
    return Shown(f"≥{THIN_SPACE}{number}" if quantity.at_least else number, scale.unit), scale


def _lang(lang: str | None) -> str:
    return lang or texts.language()


def _unknown(lang: str | None) -> Shown:
    return Shown(texts.text_in(_lang(lang), "unit.unknown"), "")


def _show(value: float | None, choose: Callable[[float, str], _Scale], lang: str | None) -> Shown:
    if value is None or not math.isfinite(value):
        return _unknown(lang)
    spoken = _lang(lang)
    scale = choose(value, spoken)
    return Shown(_number(value, scale, spoken), scale.unit)


def _span(low: float, high: float, scale: _Scale, lang: str) -> str:
    bare = _Scale(scale.factor, scale.unit, scale.digits, scale.decimals)
    first, last = _number(low, scale, lang), _number(high, bare, lang)
    return first if _number(low, bare, lang) == last else f"{first}{DASH}{last}"


def _number(value: float, scale: _Scale, lang: str) -> str:
    scaled = _rounded(value / scale.factor, scale)
    size = abs(scaled)
    decimals = 0 if size >= 10**scale.digits or not size else scale.digits - 1 - math.floor(math.log10(size))
    text = f"{size:.{max(0, min(decimals, scale.decimals))}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    sign = MINUS if scaled < 0 else ""
    return f"{sign}{scale.prefix}{_grouped(text, lang)}"


def _rounded(value: float, scale: _Scale) -> float:
    """To the scale's digits; numbers of four digits and more keep all before the point."""
    if not value:
        return 0.0
    places = scale.digits - 1 - math.floor(math.log10(abs(value)))
    return round(value, max(0, min(places, scale.decimals)))


def _grouped(text: str, lang: str) -> str:
    whole, point, part = text.partition(".")
    if len(whole) < 4:
        return text
    return f"{int(whole):,}".replace(",", "," if lang == "zh" else THIN_SPACE) + point + part


def _step(value: float, steps: tuple[tuple[float, str], ...]) -> tuple[float, str]:
    """The largest step that the value, rounded to three digits, reaches; the last one otherwise."""
    size = abs(value)
    for factor, unit in steps:
        if size >= factor * 0.9995:
            return factor, unit
    return steps[-1]


def _bytes_scale(value: float, unit: str) -> _Scale:
    base, infix = (1024, "i") if unit == "GiB" else (1000, "")
    # terabytes only from 10 on: memories of GPUs and their sums compare best in one unit
    steps = ((10.0 * base**4, "T"), (float(base**3), "G"), (float(base**2), "M"), (float(base), "k"))
    factor, letter = _step(value, steps)
    if abs(value) < base:
        return _Scale(1, "B")
    factor = factor / 10 if letter == "T" else factor
    return _Scale(factor, f"{letter if letter != 'k' or not infix else 'K'}{infix}B")


def _seconds_scale(value: float, lang: str) -> _Scale:
    size = abs(value)
    if size < 9.9995:
        return _Scale(1e-3, _unit("ms", lang), 2 if size < 0.01 else 4, 0 if size >= 0.01 else 3)
    if size < 120:
        return _Scale(1, _unit("s", lang))
    return _Scale(60, _unit("min", lang)) if size < 7200 else _hours_scale(value, lang, 3600)


def _hours_scale(value: float, lang: str, seconds: float = 1) -> _Scale:
    hours = abs(value) / seconds
    if hours < 1:
        return _Scale(seconds / 60, _unit("min", lang))
    return _Scale(seconds, _unit("h", lang)) if hours < 48 else _Scale(24 * seconds, _unit("d", lang))


def _count_steps(lang: str, first: float) -> tuple[tuple[float, str], ...]:
    if lang == "zh":
        return (1e12, "万亿"), (1e8, "亿"), (max(first, 1e4), "万"), (1.0, "")
    return (1e12, "T"), (1e9, "B"), (1e6, "M"), (max(first, 1e3), "k"), (1.0, "")


def _large(value: float, lang: str) -> tuple[float, str]:
    """The word for thousands, millions …; numbers of four digits stay whole."""
    return (1.0, "") if abs(value) < 9_999.5 else _step(value, _count_steps(lang, 1e3))


def _count_scale(value: float, lang: str) -> _Scale:
    factor, unit = _large(value, lang)
    return _Scale(factor, unit)


def _money_scale(value: float, currency: str, lang: str) -> _Scale:
    factor, unit = _large(value, lang)
    symbol = SYMBOLS.get(currency, currency)
    return _Scale(factor, unit, prefix=f"{symbol}{NO_BREAK}")


def _rate_scale(value: float, unit: str, lang: str) -> _Scale:
    name = texts.text_in(lang, unit)
    # tables hold rates side by side: five digits stay in plain units
    factor, word = (1.0, "") if abs(value) < 99_999.5 else _step(value, _count_steps(lang, 1e3))
    return _Scale(factor, f"{word}{NO_BREAK}{name}" if word else name)


def _items_scale(value: float, lang: str) -> _Scale:
    """Pictures and clips take long: what is less than one a second is told by the minute or the hour."""
    for factor, name in ((1.0, "s"), (1 / 60, "min")):
        if abs(value) >= factor:
            return (
                _rate_scale(value, "unit.per_second", lang)
                if name == "s"
                else _Scale(factor, texts.text_in(lang, "unit.per_min"))
            )
    return _Scale(1 / 3600, texts.text_in(lang, "unit.per_h"))


def _share_scale(value: float, lang: str) -> _Scale:  # noqa: ARG001 - one signature for all scales
    return _Scale(0.01, "%", 3, 1 if abs(value) >= 0.001 else 3)


def _si_scale(value: float, unit: str) -> _Scale:
    steps = ((1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
    factor, letter = _step(value, steps)
    return _Scale(factor, letter + unit)


def _energy_scale(value: float, lang: str) -> _Scale:  # noqa: ARG001 - one signature for all scales
    factor, unit = _step(value, ((1e6, "GWh"), (1e4, "MWh"), (1.0, "kWh")))
    return _Scale(1e3 if unit == "MWh" else factor, unit)


def _unit(name: str, lang: str) -> str:
    return texts.text_in(lang, f"unit.{name}")


def _scale(unit: str, value: float, lang: str, byte_unit: str, currency: str) -> _Scale:
    """How a value is shown whose unit is one of the engine's."""
    if unit == "B":
        return _bytes_scale(value, byte_unit)
    if unit == "money":
        return _money_scale(value, currency, lang)
    if unit in _NAMED_RATES:
        return _rate_scale(value, _NAMED_RATES[unit], lang)
    if unit in _CHOICES:
        return _CHOICES[unit](value, lang)
    return _si_scale(value, unit)


def _counted(value: float, name: str, lang: str) -> _Scale:
    scale = _count_scale(value, lang)
    return _Scale(scale.factor, f"{scale.unit}{NO_BREAK}{name}" if scale.unit else name)


_NAMED_RATES: Final = {"tok/s": "unit.tokens_per_second", "req/s": "unit.requests_per_second"}
_CHOICES: Final[dict[str, Callable[[float, str], _Scale]]] = {
    "s": _seconds_scale,
    "h": _hours_scale,
    "item/s": _items_scale,
    "share": _share_scale,
    "kWh": _energy_scale,
    "1": _count_scale,
    "tok": lambda value, lang: _counted(value, _unit("tokens", lang), lang),
    "req": lambda value, lang: _counted(value, _unit("requests", lang), lang),
}
