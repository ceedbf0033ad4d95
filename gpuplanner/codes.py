"""The engine's codes in words: a code's parameters are formatted by what their names end in. Qt-free."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from gpuplanner import texts
from gpuplanner.engine.result import Code
from gpuplanner.format import (
    format_bytes,
    format_count,
    format_hours,
    format_integer,
    format_money,
    format_number,
    format_rate,
    format_seconds,
    format_share,
    format_si,
)

_BY_ENDING: Final[tuple[tuple[str, Callable[[float, str, str], object]], ...]] = (
    # the longer ending stands before the shorter one that it ends in
    ("bytes_per_s", lambda value, lang, _: format_si(value, "B/s", lang)),
    ("gb_s", lambda value, lang, _: format_si(value * 1e9, "B/s", lang)),
    ("tokens_per_s", lambda value, lang, _: format_rate(value, "unit.tokens_per_second", lang)),
    ("tok_s", lambda value, lang, _: format_rate(value, "unit.tokens_per_second", lang)),
    ("per_s", lambda value, lang, _: format_rate(value, "unit.requests_per_second", lang)),
    ("tflops", lambda value, lang, _: f"{format_number(value, lang)} TFLOPS"),
    ("bytes", lambda value, lang, unit: format_bytes(value, unit, lang)),
    ("share", lambda value, lang, _: format_share(value, lang)),
    ("hours", lambda value, lang, _: format_hours(value, lang)),
    ("params", lambda value, lang, _: format_count(value, lang)),
    ("year", lambda value, _lang, _: f"{value:.0f}"),
    ("w", lambda value, lang, _: format_si(value, "W", lang)),
    ("s", lambda value, lang, _: format_seconds(value, lang)),
)


def code_text(code: Code, lang: str | None = None, byte_unit: str = "GB") -> str:
    """A code of the engine as a sentence.

    A parameter that is a number is written by the ending of its name (``need_bytes`` as "96.1 GB", ``limit_s`` as "740 ms",
    ``busy_share`` as "60 %", ``price_money`` in the currency of the parameter ``currency``); other numbers stand bare. A
    parameter that is a code, or a word that names a text, is put into words; other words stand as they are; several are joined.

    Args:
        code: from an estimate or an explanation.
        lang: "en" or "zh"; the current language when not given.
        byte_unit: "GB" or "GiB".

    Raises:
        KeyError: when the code has no text, or its text names a parameter it doesn't have.
    """
    spoken = lang or texts.language()
    params = {name: _worded(name, value, code.params, spoken, byte_unit) for name, value in code.params.items()}
    return texts.text_in(spoken, code.code, **params)


def _worded(name: str, value: object, params: Mapping[str, object], lang: str, byte_unit: str) -> object:
    if isinstance(value, Code):
        return code_text(value, lang, byte_unit)
    if isinstance(value, str):
        return texts.text_in(lang, value) if texts.has(value) else str(value)
    if isinstance(value, tuple | list):
        return ("、" if lang == "zh" else ", ").join(str(_worded(name, part, params, lang, byte_unit)) for part in value)
    if value is None:
        return texts.text_in(lang, "unit.unknown")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if _ends(name, "money"):
        return format_money(value, str(params.get("currency", "CNY")), lang)
    for ending, shown in _BY_ENDING:
        if _ends(name, ending):
            return shown(value, lang, byte_unit)
    return format_integer(value, lang) if float(value).is_integer() else format_number(value, lang)


def _ends(name: str, ending: str) -> bool:
    return name == ending or name.endswith(f"_{ending}")
