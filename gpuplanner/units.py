"""Quantities as people write them ("7B", "128k", "1.5万", "≤1000") to numbers, and back.

Numbers are read as exact decimals; a point is always the decimal point and a comma always groups thousands, whatever the locale.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final

from gpuplanner.errors import InputError, Message, shown
from gpuplanner.unitwords import BINARY, CURRENCY_WORDS, GRAMMARS, SCALES, TWO_POWERS, Grammar
from gpuplanner.unitwords import GB as GB
from gpuplanner.unitwords import GIB as GIB
from gpuplanner.unitwords import QuantityKind as QuantityKind

MAX_LENGTH: Final = 64
LARGEST: Final = 10**24
THIN_SPACE: Final = "\N{THIN SPACE}"


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
    grammar = GRAMMARS[kind]
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
    grammar = GRAMMARS[kind]
    if kind is QuantityKind.TOKENS and (short := _binary_name(int(value))):
        return short
    written = unit or grammar.bare
    worth = grammar.units.get(written.casefold(), Fraction(1))
    text = _plain(_shortest(value, worth), "," if lang == "zh" else THIN_SPACE)
    return f"{text} {written}" if with_unit and written else text


def _clean(text: str, grammar: Grammar) -> str:
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
    for word in sorted(CURRENCY_WORDS, key=len, reverse=True):
        if clean.startswith(word):
            return clean.removeprefix(word).strip(), CURRENCY_WORDS[word]
        if clean.endswith(word):
            return clean.removesuffix(word).strip(), CURRENCY_WORDS[word]
    return clean, None


def _number(written: str, text: str, grammar: Grammar) -> Fraction:
    mantissa, mark, exponent = written.partition("e")
    whole, point, part = mantissa.removeprefix("+").partition(".")
    whole = whole.strip().replace("_", "")
    if whole and not _GROUPED.match(whole) and not whole.isdigit():
        raise InputError("error.quantity.grouping", text=shown(text))
    if mark and len(exponent.lstrip("+-0")) > 3:
        raise _out_of_range("small" if exponent.startswith("-") else "large", text, grammar)
    digits = whole.replace(",", "").replace(" ", "") or "0"
    return Fraction(f"{digits}{point}{part.replace('_', '') or (point and '0')}{mark}{exponent}")


def _worth(rest: str, text: str, grammar: Grammar, unit: str | None) -> Fraction:
    """What stands behind the number, in base units: a scale, a unit, or both."""
    if rest in grammar.units:
        return grammar.units[rest]
    scales = SCALES if grammar.scales else {"": Fraction(1)}
    if rest in scales:
        return scales[rest] * grammar.units.get((unit or grammar.bare).casefold(), Fraction(1))
    for name, worth in grammar.units.items():
        if name and rest.endswith(name) and rest.removesuffix(name) in scales:
            return scales[rest.removesuffix(name)] * worth
    raise _wrong_unit(rest, text, grammar)


def _wrong_unit(rest: str, text: str, grammar: Grammar) -> InputError:
    code = "error.quantity.unit" if grammar.named else "error.quantity.no_unit"
    return InputError(code, text=shown(text), unit=shown(rest, 20), units=grammar.named, example=grammar.example)


def _out_of_range(side: str, text: str, grammar: Grammar) -> InputError:
    return InputError(f"error.quantity.too_{side}", text=shown(text), example=grammar.example)


def _tokens(number: Fraction, rest: str, text: str, grammar: Grammar) -> Parsed:
    """Tokens: 1, 2, 4 … 1024 k or M are powers of two, as model makers mean them; every other k is a thousand."""
    for word in sorted(grammar.units, key=len, reverse=True):
        if not rest.endswith(word):
            continue
        scale = rest.removesuffix(word)
        if scale in BINARY and (scale.endswith("i") or number in TWO_POWERS):
            value = _bounded(number * BINARY[scale], text, grammar)
            return Parsed(value, Message("hint.tokens.binary", {"written": shown(text.strip()), "value": f"{value:,}"}))
        if scale in SCALES:
            value = _bounded(number * SCALES[scale], text, grammar)
            said = scale in BINARY
            hint = Message("hint.tokens.decimal", {"written": shown(text.strip()), "value": f"{value:,}"}) if said else None
            return Parsed(value, hint)
    raise _wrong_unit(rest, text, grammar)


def _percent_hint(number: Fraction) -> Message | None:
    """Who writes 0.3 may have meant 30 %."""
    if not 0 < number < 1:
        return None
    return Message("hint.percent", {"read": f"{float(number):g}", "meant": f"{float(number * 100):g}"})


def _bounded(value: Fraction, text: str, grammar: Grammar) -> float | int:
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
        count, left = divmod(value, BINARY[name.lower()])
        if not left and count in TWO_POWERS:
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
