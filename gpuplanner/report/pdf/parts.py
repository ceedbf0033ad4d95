"""The parts a quote's pages are made of; each draws itself at the sheet's place and moves it down."""

from __future__ import annotations

from gpuplanner.palette import LIGHT
from gpuplanner.report.pdf.sheet import BODY, BOTTOM, HEADING, INNER, MARGIN, QUIET, SMALL, Align, Block, Run, Sheet, Style, block
from gpuplanner.report.words import Cell, Mark, Table, Tile

_RIGHT = MARGIN + INNER
_GAP = 14.0
_WIDE_GAP = 40.0
_ROW_PAD = 6.5
_LINE_GAP = 5.0
_COLOUR = {
    Mark.GOOD: LIGHT.good,
    Mark.EXPECTED: LIGHT.caution,
    Mark.CAUTION: LIGHT.caution,
    Mark.BAD: LIGHT.bad,
    Mark.NONE: LIGHT.text,
}


def colour(mark: Mark) -> str:
    """The colour of a state."""
    return _COLOUR[mark]


def heading(sheet: Sheet, text: str, aside: str = "", x: float = MARGIN, width: float = INNER, keep: float = 90) -> None:
    """A section's heading; it goes to the next page rather than stand alone above less than ``keep``."""
    runs = [Run(text, HEADING)]
    if aside:
        runs.append(Run(f"   {aside}", SMALL))
    laid = block(runs, width, HEADING)
    sheet.need(laid.height + keep)
    sheet.place(laid, x, sheet.y)
    sheet.y += laid.height + 8


def paragraph(sheet: Sheet, runs: str | list[Run], style: Style = BODY, x: float = MARGIN, width: float = INNER) -> None:
    """A paragraph over the given width."""
    laid = block(runs, width, style, leading=1.55)
    sheet.need(laid.height)
    sheet.place(laid, x, sheet.y)
    sheet.y += laid.height


def pairs(sheet: Sheet, rows: tuple[tuple[str, str], ...], x: float, width: float, label_width: float) -> float:
    """Labels with values under one another; returns where they end, the sheet stays where it is."""
    y = sheet.y
    for label, value in rows:
        left = block(label, label_width - 8, QUIET)
        right = block(value, width - label_width, BODY)
        sheet.place(left, x, y)
        sheet.place(right, x + label_width, y)
        y += max(left.height, right.height) + 7
    return y


def tiles(sheet: Sheet, figures: tuple[Tile, ...], across: int = 3) -> None:
    """The figures of the answer in rows of three, divided by lines."""
    width = INNER / across
    for start in range(0, len(figures), across):
        row = figures[start : start + across]
        laid = [_tile(figure, width - 2 * _GAP) for figure in row]
        height = max(sum(part.height for part in parts) for parts in laid) + 34
        sheet.need(height)
        top = sheet.y
        sheet.line(MARGIN, top, _RIGHT, top, LIGHT.text if start == 0 else LIGHT.line)
        for place, parts in enumerate(laid):
            x = MARGIN + place * width
            if place:
                sheet.line(x, top, x, top + height)
            y = top + 15
            for part in parts:
                sheet.place(part, x + (1.5 * _GAP if place else 0), y)
                y += part.height
        sheet.y = top + height
    sheet.line(MARGIN, sheet.y, _RIGHT, sheet.y)


def _tile(figure: Tile, width: float) -> list[Block]:
    below = [Run(figure.below, SMALL)]
    if figure.mark.sign:
        below.insert(0, Run(f"{figure.mark.sign} ", Style(13, True, colour(figure.mark))))
    return [
        block(figure.label, width, SMALL),
        block(figure.value, width, Style(28, True), leading=1.3),
        block(below, width, SMALL),
    ]


def table(sheet: Sheet, content: Table, size: float = 14.5, *, titled: bool = True) -> None:
    """A table with its heading; it breaks between rows and repeats its column titles."""
    rows = [_laid_row(content, row, size) for row in content.rows]
    first = _row_height(rows[0]) if rows else 0.0
    keep = _titles_height(content) + first + _row_height(rows[1] if len(rows) > 1 else [])
    if titled:
        heading(sheet, content.heading, content.aside, keep=keep)
    else:
        sheet.need(keep)
    _titles(sheet, content)
    for row in rows:
        height = _row_height(row)
        if sheet.need(height):
            _titles(sheet, content)
        for cell, x in zip(row, _places(content), strict=True):
            y = sheet.y + _ROW_PAD
            for laid in cell:
                sheet.place(laid, x, y)
                y += laid.height
        sheet.y += height
        sheet.line(MARGIN, sheet.y, _RIGHT, sheet.y)


def _titles(sheet: Sheet, content: Table) -> None:
    sheet.line(MARGIN, sheet.y, _RIGHT, sheet.y, LIGHT.text)
    for laid, x in zip(_laid_titles(content), _places(content), strict=True):
        sheet.place(laid, x, sheet.y + _ROW_PAD)
    sheet.y += _titles_height(content)
    sheet.line(MARGIN, sheet.y, _RIGHT, sheet.y)


def _titles_height(content: Table) -> float:
    return _row_height([[laid] for laid in _laid_titles(content)])


def _laid_titles(content: Table) -> list[Block]:
    style = Style(13, True, LIGHT.quiet)
    return [
        block(column.title, width, style, Align.RIGHT if column.right else Align.LEFT)
        for column, width in zip(content.columns, _widths(content), strict=True)
    ]


def _row_height(row: list[list[Block]]) -> float:
    return max((sum(laid.height for laid in cell) for cell in row), default=0.0) + 2 * _ROW_PAD


def _laid_row(content: Table, row: tuple[Cell, ...], size: float) -> list[list[Block]]:
    """The paragraphs of each cell, one under the other."""
    laid = []
    for cell, column, width in zip(row, content.columns, _widths(content), strict=True):
        align = Align.RIGHT if column.right else Align.LEFT
        cells = [block(_cell_runs(cell, size), width, Style(size), align)]
        if cell.below:
            cells.append(block(cell.below, width, Style(11.5, colour=LIGHT.quiet), align, leading=1.3))
        laid.append(cells)
    return laid


def _cell_runs(cell: Cell, size: float) -> list[Run]:
    runs = []
    if cell.mark.sign:
        runs.append(Run(f"{cell.mark.sign}  ", Style(size, True, colour(cell.mark))))
    runs.append(Run(cell.text, Style(size, cell.strong, LIGHT.quiet if cell.quiet else LIGHT.text)))
    if cell.note:
        runs.append(Run(f" {cell.note}", Style(size, False, LIGHT.quiet, raised=True)))
    return runs


def _gaps(content: Table) -> list[float]:
    """What stands before each column; more between one that ends and one that starts at the same side."""
    before = [None, *content.columns[:-1]]
    return [
        0.0 if last is None else _WIDE_GAP if last.right and not column.right else _GAP
        for last, column in zip(before, content.columns, strict=True)
    ]


def _widths(content: Table) -> list[float]:
    total = sum(column.share for column in content.columns)
    spare = INNER - sum(_gaps(content))
    return [spare * column.share / total for column in content.columns]


def _places(content: Table) -> list[float]:
    places = []
    x = float(MARGIN)
    for gap, width in zip(_gaps(content), _widths(content), strict=True):
        places.append(x + gap)
        x += gap + width
    return places


def columns_of_text(sheet: Sheet, lines: tuple[str, ...], style: Style = BODY) -> None:
    """Short sentences in two columns, read down the left one first; as many a page as fit."""
    width = (INNER - 3 * _GAP) / 2
    rest = [block(line, width, style) for line in lines]
    while rest:
        count = len(rest)
        while count > 1 and sheet.y + _two_columns(rest[:count]) > BOTTOM:
            count -= 1
        if sheet.y + _two_columns(rest[:count]) > BOTTOM:
            sheet.new_page()
            continue
        _place_two_columns(sheet, rest[:count], width + 3 * _GAP)
        rest = rest[count:]
        if rest:
            sheet.new_page()


def _place_two_columns(sheet: Sheet, laid: list[Block], step: float) -> None:
    half = (len(laid) + 1) // 2
    for column, x in ((laid[:half], float(MARGIN)), (laid[half:], MARGIN + step)):
        y = sheet.y
        for part in column:
            sheet.place(part, x, y)
            y += part.height + _LINE_GAP
    sheet.y += _two_columns(laid)


def _two_columns(laid: list[Block]) -> float:
    half = (len(laid) + 1) // 2
    return max(sum(part.height + _LINE_GAP for part in column) for column in (laid[:half], laid[half:]))
