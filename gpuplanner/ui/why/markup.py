"""Formulas and numbers as rich text. No Qt."""

from __future__ import annotations

import re
from html import escape
from typing import Final

from gpuplanner.engine.result import Quantity, Unit
from gpuplanner.format import Shown, format_bytes, format_figure, format_integer, format_number
from gpuplanner.texts import language

_NAME: Final = re.compile(r"[^\W\d]\w*")
_FUNCTIONS: Final = frozenset({"max", "min", "ln", "sqrt", "PUE"})


def formula(text: str) -> str:
    """A formula in symbols: names in italics, what follows an underscore as an index, spaces that hold factors together."""
    return _NAME.sub(lambda match: symbol(match[0]), escape(text, quote=False))


def unbroken(numbers: str) -> str:
    """Numbers of an opened formula, with their thousands apart in the manner of the language and never broken in two."""
    return numbers.replace("\N{THIN SPACE}", "," if language() == "zh" else "\N{NO-BREAK SPACE}")


def symbol(name: str) -> str:
    """One symbol of a formula."""
    if name in _FUNCTIONS:
        return name
    head, _, index = name.partition("_")
    return f"<i>{escape(head)}</i>" + (f"<sub>{escape(index)}</sub>" if index else "")


def value(number: float, unit: Unit, byte_unit: str, currency: str) -> Shown:
    """The value of a term: exact where it is a whole number that can be read, else three digits."""
    if unit in (Unit.COUNT, Unit.TOKENS, Unit.REQUESTS) and abs(number) < 1e7:
        bare = format_integer(number) if float(number).is_integer() else format_number(number, digits=4)
        return Shown(bare, format_figure(Quantity("", number, unit)).unit if unit is not Unit.COUNT else "")
    if unit is Unit.BYTES and abs(number) < 1e6:
        whole = float(number).is_integer()
        return Shown(format_integer(number) if whole else format_number(number, digits=4), "B")
    if unit is Unit.BYTES:
        return format_bytes(number, byte_unit)
    made = format_figure(Quantity("", number, unit), byte_unit=byte_unit, currency=currency)
    return Shown(made.number, made.unit)


def both_units(number: float) -> str:
    """Bytes in GB and GiB, for a result that must not be misread."""
    return (
        f"{format_bytes(number, 'GB')} &nbsp; {format_bytes(number, 'GiB')}" if abs(number) >= 1e6 else str(format_bytes(number))
    )
