"""The pages after the first two: tables and paragraphs of the room, the cost, the test, the terms, the formulas."""

from __future__ import annotations

from gpuplanner.palette import LIGHT
from gpuplanner.report.pdf import parts
from gpuplanner.report.pdf.placed import placed
from gpuplanner.report.pdf.sheet import BOTTOM, Run, Sheet, Style
from gpuplanner.report.words import Picture, Section, Table, Words

_TITLE = Style(26, True)
_GAP = 34.0
_LEAST = 0.3  # a section starts on a new page where less than this share of one is left


def go_on(sheet: Sheet, words: Words) -> None:
    """All of them, one after the other, after what stands on the sheet; the formulas and remarks last."""
    for section in words.sections:
        _start(sheet, section.title)
        _section(sheet, section)
    if words.formulas:
        _start(sheet, words.formulas.heading)
        parts.table(sheet, words.formulas, size=13.5, titled=False)
    sheet.y += 18
    for number, note in enumerate(words.footnotes, 1):
        quiet = Style(12, colour=LIGHT.quiet)
        parts.paragraph(sheet, [Run(f"{number}  ", Style(12, True, LIGHT.quiet)), Run(note, quiet)], quiet)


def _start(sheet: Sheet, title: str) -> None:
    """A section's title, on a new page unless much of this one is left."""
    sheet.y += _GAP
    sheet.need((BOTTOM - sheet.top) * _LEAST)
    parts.paragraph(sheet, title, _TITLE)
    sheet.y += 12


def _section(sheet: Sheet, section: Section) -> None:
    before: Table | Picture | str | None = None
    for part in section.parts:
        if isinstance(before, str) and not isinstance(part, str):
            sheet.y += 26
        before = part
        if isinstance(part, Table):
            parts.table(sheet, part, size=13.5)
            sheet.y += 26
        elif isinstance(part, Picture):
            placed(sheet, part.title, part.aside, part.drawing)
        else:
            parts.paragraph(sheet, part, Style(14))
            sheet.y += 5
