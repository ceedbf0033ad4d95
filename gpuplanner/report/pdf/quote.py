"""A quote as PDF: A4, drawn in vectors, text that can be searched and copied."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtGui import QImage

from gpuplanner.palette import LIGHT
from gpuplanner.report.logo import size
from gpuplanner.report.pdf import charts, parts, sections
from gpuplanner.report.pdf.sheet import (
    FOOT,
    INNER,
    MARGIN,
    QUIET,
    SMALL,
    Align,
    Block,
    Run,
    Sheet,
    Style,
    block,
)
from gpuplanner.report.pdf.writer import ready, written
from gpuplanner.report.words import Paper, SumRow, Words

_RIGHT = MARGIN + INNER
_HALF = (INNER - 56) / 2
_VALUE = 0.36
_LOGO_HIGH, _LOGO_WIDEST = 40.0, 260.0
_TITLE_SIZES: Final = (36, 28, 22)
_GAPS: Final = (60.0, 52.0, 44.0, 36.0, 28.0, 22.0)


def quote_pdf(words: Words, paper: Paper = Paper.A4) -> bytes:
    """The quote as a PDF file.

    Works without a display: where no Qt application runs, one is started on the offscreen platform. On Letter the pages of A4
    are set a little smaller.
    """
    ready()
    return written(lay_out(words), words.title, words.foot[1], paper)


def lay_out(words: Words) -> Sheet:
    """All pages of a quote, head and foot included."""
    first = _airiest(_first_page, words)
    rest = _airiest(_second_page, words)
    sections.go_on(rest, words)
    sheet = Sheet(top=rest.top, pages=[*first.pages, *rest.pages])
    _heads_and_feet(sheet, words)
    return sheet


def _airiest(draw: Callable[[Sheet, Words, float], None], words: Words) -> Sheet:
    """A page with the widest gaps that leave it one page; with the narrowest when it takes more anyway."""
    top = _head_height(words)
    for gap in _GAPS:
        sheet = Sheet(top=top, y=top)
        draw(sheet, words, gap)
        if len(sheet.pages) == 1:
            break
    return sheet


def _first_page(sheet: Sheet, words: Words, gap: float) -> None:
    parts.paragraph(sheet, words.kind, QUIET)
    parts.paragraph(sheet, words.title, _title_style(words.title))
    parts.paragraph(sheet, words.subtitle, Style(18, colour=LIGHT.quiet))
    _parties(sheet, words)
    sheet.y += gap
    parts.heading(sheet, words.conclusion_heading)
    runs = [Run(words.conclusion, Style(19, True)), Run(f"{words.conclusion_rest} ", Style(19))]
    mark = words.state_mark
    runs += [Run(f"{mark.sign} ", Style(19, True, parts.colour(mark))), Run(words.state, Style(19))]
    parts.paragraph(sheet, runs, Style(19))
    sheet.y += gap - 8
    parts.tiles(sheet, words.tiles)
    sheet.y += gap
    _latency_and_deployment(sheet, words)
    if words.options:
        sheet.y += gap - 10
        parts.table(sheet, words.options)
    sheet.y += gap
    parts.heading(sheet, words.assumptions_heading)
    parts.columns_of_text(sheet, words.assumptions, Style(14))


def _title_style(title: str) -> Style:
    """The largest size that a title takes in two lines."""
    styles = [Style(size, True) for size in _TITLE_SIZES]
    return next((style for style in styles if block(title, INNER, style).height <= 2.9 * style.size), styles[-1])


def _parties(sheet: Sheet, words: Words) -> None:
    sheet.y += 26
    sheet.line(MARGIN, sheet.y, _RIGHT, sheet.y)
    sheet.y += 20
    ends = [
        parts.pairs(sheet, words.parties[0], MARGIN, _HALF, 112),
        parts.pairs(sheet, words.parties[1], MARGIN + _HALF + 56, _HALF, 112),
    ]
    sheet.y = max(ends) + 12
    sheet.line(MARGIN, sheet.y, _RIGHT, sheet.y)


def _latency_and_deployment(sheet: Sheet, words: Words) -> None:
    if not words.latency:  # nothing stands beside it
        parts.heading(sheet, words.deployment_heading, keep=260)
        sheet.y = parts.pairs(sheet, words.deployment, MARGIN, INNER, 172)
        return
    top = sheet.y
    right = MARGIN + _HALF + 56
    parts.heading(sheet, words.deployment_heading, x=right, width=_HALF, keep=260)
    end = parts.pairs(sheet, words.deployment, right, _HALF, 132)
    sheet.y = min(top, sheet.y)
    parts.heading(sheet, words.latency_heading, width=_HALF, keep=0)
    sheet.y = max(end, charts.latency(sheet, words.latency, MARGIN, _HALF))


def _second_page(sheet: Sheet, words: Words, gap: float) -> None:
    parts.paragraph(sheet, words.second_title, Style(26, True))
    sheet.y += 12
    parts.table(sheet, words.configuration)
    _sums(sheet, words)
    sheet.y += gap
    parts.table(sheet, words.performance)
    sheet.y += gap
    if words.memory:
        charts.memory(sheet, words.memory)
        sheet.y += gap - 8


def _sums(sheet: Sheet, words: Words) -> None:
    """The sums at the right, the first terms beside them."""
    sheet.y += 8
    left = MARGIN + _HALF + 8
    width = _RIGHT - left
    laid = [_sum_row(row, width) for row in words.sums]
    sheet.need(sum(label.height + 9 for label, _ in laid) + 8)
    top = sheet.y
    for row, (label, value) in zip(words.sums, laid, strict=True):
        if row.strong and len(laid) > 1:
            sheet.y += 3
            sheet.line(left, sheet.y, _RIGHT, sheet.y, LIGHT.text)
            sheet.y += 6
        sheet.place(label, left, sheet.y)
        sheet.place(value, _RIGHT - width * _VALUE, sheet.y)
        sheet.y += label.height + 8
    end = top
    for term in words.sums_aside:
        laid_term = block(term, _HALF - 20, SMALL)
        sheet.place(laid_term, MARGIN, end)
        end += laid_term.height + 4
    sheet.y = max(sheet.y, end)


def _sum_row(row: SumRow, width: float) -> tuple[Block, Block]:
    style = Style(19, True) if row.strong else Style(15)
    label = block([Run(row.label, style), Run(f"   {row.aside}", SMALL)], width * (1 - _VALUE) - 8, style)
    return label, block(row.value, width * _VALUE, style, Align.RIGHT)


def _head_height(words: Words) -> float:
    return 150.0 if words.seller else MARGIN


def _heads_and_feet(sheet: Sheet, words: Words) -> None:
    count = len(sheet.pages)
    body = sheet.pages
    for number in range(1, count + 1):
        page = Sheet(pages=[body[number - 1]])
        if words.seller:
            _head(page, words)
        page.line(MARGIN, FOOT, _RIGHT, FOOT)
        texts = (words.foot[0], words.foot[1], words.page_of.format(page=number, pages=count))
        x = float(MARGIN)
        for text, share, align in zip(texts, (0.3, 0.45, 0.25), (Align.LEFT, Align.CENTRE, Align.RIGHT), strict=True):
            page.place(block(text, INNER * share, Style(12, colour=LIGHT.quiet), align), x, FOOT + 10)
            x += INNER * share


def _head(page: Sheet, words: Words) -> None:
    name, *rest = words.seller
    left = MARGIN + _logo(page, words.logo)
    page.place(block(name, MARGIN + INNER * 0.55 - left, Style(17, True)), left, 64)
    laid = block("\u2028".join(rest), INNER * 0.42, SMALL, Align.RIGHT)
    page.place(laid, _RIGHT - INNER * 0.42, 64)
    page.line(MARGIN, 120, _RIGHT, 120, words.colour or LIGHT.text, 2.0 if words.colour else 1.3)


def _logo(page: Sheet, logo: bytes) -> float:
    """Draw the company's logo; tells how much room it took."""
    if not logo:
        return 0.0
    reader_size = size(logo)
    picture = QImage.fromData(logo) if all(reader_size) else QImage()
    if picture.isNull():  # its head was checked when it was chosen; what can't be drawn is left out
        return 0.0
    width = min(_LOGO_WIDEST, _LOGO_HIGH * picture.width() / picture.height())
    high = width * picture.height() / picture.width()
    page.image(picture, MARGIN, 62 + (_LOGO_HIGH - high) / 2, width, high)
    return width + 14
