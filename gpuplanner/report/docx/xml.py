"""Word's markup from plain texts: every text is escaped here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from gpuplanner.report.plain import visible
from gpuplanner.report.words import Cell, Mark, Table

_APART: Final = 240
_KEPT_TOGETHER: Final = 12  # rows of a table that stay on one page
WIDTH: Final = 9638
"""Text width of A4 with 2 cm margins, in twentieths of a point."""
_COLOURS: Final = {Mark.GOOD: "1A7F37", Mark.EXPECTED: "B45309", Mark.CAUTION: "B45309", Mark.BAD: "B42318"}


def run(words: str, *, bold: bool = False, size: int = 0, colour: str = "", raised: bool = False, plain: bool = False) -> str:
    """A run; ``size`` in half points, ``plain`` within bold text."""
    looks = ("<w:b/>" if bold else '<w:b w:val="0"/>' if plain else "") + (f'<w:color w:val="{colour}"/>' if colour else "")
    looks += f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>' if size else ""
    looks += '<w:vertAlign w:val="superscript"/>' if raised else ""
    kept = escape(held(words))
    return f'<w:r>{f"<w:rPr>{looks}</w:rPr>" if looks else ""}<w:t xml:space="preserve">{kept}</w:t></w:r>'


def held(words: str) -> str:
    """What a document can hold of a text."""
    return "".join(char for char in visible(words) if _allowed(char))


def _allowed(char: str) -> bool:
    """What XML 1.0 can hold."""
    return char in "\t\n" or "\x20" <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd" or char > "\uffff"


def paragraph(runs: str, style: str = "", *, right: bool = False, keep: bool = False, apart: bool = False) -> str:
    """A paragraph of runs in a named style; ``keep`` holds it with the next, ``apart`` sets it off from what stands before."""
    looks = f"<w:pStyle w:val={quoteattr(style)}/>" if style else ""
    looks += "<w:keepNext/>" if keep else ""
    looks += f'<w:ind w:left="{_APART}"/>' if apart else ""
    looks += '<w:jc w:val="right"/>' if right else ""
    return f"<w:p>{f'<w:pPr>{looks}</w:pPr>' if looks else ''}{runs}</w:p>"


def cell(content: str, width: int, *, fill: str = "", top: bool = False, borders: bool = True) -> str:
    """A table cell of paragraphs."""
    looks = f'<w:tcW w:w="{width}" w:type="dxa"/>'
    if borders:
        line = "1B2430" if top else "E1E5EB"
        upper = f'<w:top w:val="single" w:sz="6" w:color="{line}"/>' if top else ""
        looks += f'<w:tcBorders>{upper}<w:bottom w:val="single" w:sz="4" w:color="{line}"/></w:tcBorders>'
    looks += f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    return f"<w:tc><w:tcPr>{looks}</w:tcPr>{content}</w:tc>"


def grid(rows: Iterable[str], widths: Sequence[int]) -> str:
    """A table of rows."""
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    looks = (
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="50" w:type="dxa"/><w:right w:w="50" w:type="dxa"/></w:tblCellMar>'
    )
    return f"<w:tbl><w:tblPr>{looks}</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"


def row(cells: Iterable[str], *, head: bool = False) -> str:
    """A table row that stays on one page; a head is repeated on each."""
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if head else ''}</w:trPr>{''.join(cells)}</w:tr>"


def table(content: Table) -> str:
    """A table with its heading."""
    total = sum(column.share for column in content.columns)
    widths = [round(WIDTH * column.share / total) for column in content.columns]
    places = tuple(zip(content.columns, _set_apart(content), widths, strict=True))
    titles = [
        paragraph(run(column.title, bold=True, colour="5E6B7C"), "Cell", right=column.right, keep=True, apart=apart)
        for column, apart, _ in places
    ]
    head = row((cell(title, width, top=True) for title, width in zip(titles, widths, strict=True)), head=True)
    whole = len(content.rows) <= _KEPT_TOGETHER
    rows = []
    for number, cells in enumerate(content.rows, 1):
        keep = whole and number < len(content.rows)
        rows.append(
            row(
                cell(_cell(one, right=column.right, keep=keep, apart=apart), width)
                for one, (column, apart, width) in zip(cells, places, strict=True)
            )
        )
    return grid([head, *rows], widths) + paragraph("", "Gap")


def _set_apart(content: Table) -> list[bool]:
    """Columns that begin where the one before ends: numbers at the right, then words at the left."""
    before = (None, *content.columns[:-1])
    return [last is not None and last.right and not column.right for last, column in zip(before, content.columns, strict=True)]


def _cell(one: Cell, *, right: bool, keep: bool, apart: bool) -> str:
    runs = run(f"{one.mark.sign} ", bold=True, colour=_COLOURS[one.mark]) if one.mark.sign else ""
    runs += run(one.text, bold=one.strong, colour="5E6B7C" if one.quiet else "")
    runs += run(f" {one.note}", colour="5E6B7C", raised=True) if one.note else ""
    below = paragraph(run(one.below, colour="5E6B7C", size=15), "Cell", right=right, keep=keep, apart=apart) if one.below else ""
    return paragraph(runs, "Cell", right=right, keep=keep, apart=apart) + below


def pairs(rows: Iterable[tuple[str, str]], label_width: int = 2400) -> str:
    """Labels with values."""
    widths = (label_width, WIDTH - label_width)
    made = [
        row(
            (
                cell(paragraph(run(label, colour="5E6B7C"), "Cell"), widths[0]),
                cell(paragraph(run(value), "Cell"), widths[1]),
            )
        )
        for label, value in rows
    ]
    return grid(made, widths) + paragraph("", "Gap")
