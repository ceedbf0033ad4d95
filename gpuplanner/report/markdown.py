"""A quote as Markdown, from the template ``resources/templates/quote.md.j2``."""

from __future__ import annotations

import re
from typing import Final

from gpuplanner.report.plain import one_line
from gpuplanner.report.templates import render
from gpuplanner.report.words import Cell, Words

TEMPLATE: Final = "quote.md.j2"
_SPECIAL: Final = re.compile(r"([\\`*_\[\]|~$^])")
_HTML: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_STARTS_BLOCK: Final = re.compile(r"^(#{1,6}(?=\s|$)|[-+=](?=\s|$|[-=])|\d{1,9}[.)](?=\s|$))")


class Literal(str):
    """Markdown that is meant as such; everything else a template prints is escaped."""

    __slots__ = ()


def escaped(text: object) -> str:
    """A text as Markdown that shows just its characters: no markup, no HTML, one line."""
    plain = _SPECIAL.sub(r"\\\1", one_line(str(text)).translate(_HTML))
    return _STARTS_BLOCK.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", plain)


def cell_text(cell: Cell) -> Literal:
    """A table cell with its sign, weight and footnote number."""
    text = escaped(cell.text)
    if cell.strong and text:
        text = f"**{text}**"
    sign = f"{cell.mark.sign} " if cell.mark.sign else ""
    note = f" <sup>{cell.note}</sup>" if cell.note else ""
    below = f"<br><small>{escaped(cell.below)}</small>" if cell.below else ""
    return Literal(f"{sign}{text}{note}{below}")


def quote_markdown(words: Words) -> str:
    """The quote as a Markdown document. The template runs in a sandbox and escapes whatever it prints."""
    document = render(TEMPLATE, {"quote": words, "literal": Literal, "cell_text": cell_text}, _finalize)
    return re.sub(r"\n{3,}", "\n\n", document).lstrip("\n")


def _finalize(value: object) -> object:
    return value if isinstance(value, Literal) else escaped(value)
