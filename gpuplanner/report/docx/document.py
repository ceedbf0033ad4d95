"""A quote as a Word document, written part by part: no other package is needed to make one."""

from __future__ import annotations

import io
import zipfile
from typing import Final

from gpuplanner.report.content import QuoteContent
from gpuplanner.report.docx import package
from gpuplanner.report.docx.emf import emf
from gpuplanner.report.docx.xml import WIDTH, cell, grid, pairs, paragraph, row, run, table
from gpuplanner.report.drawing.memory import memory_drawing
from gpuplanner.report.drawing.shapes import Drawing
from gpuplanner.report.words import MemoryBar, Paper, Picture, SumRow, Table, Tile, Words

_TILES: Final = 3
_QUIET: Final = "5E6B7C"
_WIDE_MM, _HIGH_MM = 170.0, 225.0  # of a drawing
_DRAWN: Final = 760.0  # pixels across of the memory's


def quote_docx(content: QuoteContent, words: Words, paper: Paper = Paper.A4) -> bytes:
    """The document as bytes; the same quote gives the same bytes."""
    drawings: list[Drawing] = []
    body = "".join(_body(words, drawings))
    parts = package.parts(content, words, body, paper, [emf(drawing) for drawing in drawings])
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return stream.getvalue()


def _body(words: Words, drawings: list[Drawing]) -> list[str]:
    out = [
        paragraph(run(words.kind, colour=_QUIET)),
        paragraph(run(words.title), "Title"),
        paragraph(run(words.subtitle, colour=_QUIET, size=24)),
        pairs((*words.parties[0], *words.parties[1])),
        _heading(words.conclusion_heading),
        paragraph(run(words.conclusion, bold=True) + run(f"{words.conclusion_rest} {words.state_mark.sign} {words.state}")),
        _tiles(words.tiles),
        _heading(words.deployment_heading),
        pairs(words.deployment),
    ]
    if words.options:
        out += _table(words.options)
    out.append(_heading(words.assumptions_heading))
    out += [paragraph(run(line), "Bullet") for line in words.assumptions]
    out.append(_heading(words.second_title, "Heading1"))
    out += [*_table(words.configuration), _sums(words.sums)]
    out += [paragraph(run(line, colour=_QUIET)) for line in words.sums_aside]
    out += _table(words.performance)
    if words.memory:
        out += _picture(_memory(words.memory), drawings)
    for section in words.sections:
        out.append(_heading(section.title, "Heading1"))
        for part in section.parts:
            if isinstance(part, Table):
                out += _table(part)
            elif isinstance(part, Picture):
                out += _picture(part, drawings)
            else:
                out.append(paragraph(run(part)))
    if words.formulas:
        out += _table(words.formulas, "Heading1")
    out += [
        paragraph(run(f"{number}  ", bold=True, colour=_QUIET, size=16) + run(note, colour=_QUIET, size=16))
        for number, note in enumerate(words.footnotes, 1)
    ]
    return out


def _heading(title: str, style: str = "Heading2") -> str:
    return paragraph(run(title), style, keep=True)


def _table(content: Table, style: str = "Heading2") -> list[str]:
    aside = run(f"   {content.aside}", colour=_QUIET, size=18, plain=True) if content.aside else ""
    return [paragraph(run(content.heading) + aside, style, keep=True), table(content)]


def _tiles(tiles: tuple[Tile, ...]) -> str:
    width = WIDTH // _TILES
    rows = []
    for start in range(0, len(tiles), _TILES):
        of_row = tiles[start : start + _TILES]
        cells = [cell(_tile(tile), width, top=start == 0) for tile in of_row]
        cells += [cell(paragraph("", "Cell"), width, top=start == 0)] * (_TILES - len(of_row))
        rows.append(row(cells))
    return grid(rows, [width] * _TILES) + paragraph("", "Gap")


def _tile(tile: Tile) -> str:
    sign = f"{tile.mark.sign} " if tile.mark.sign else ""
    return (
        paragraph(run(tile.label, colour=_QUIET, size=17), "Cell")
        + paragraph(run(tile.value, bold=True, size=30), "Cell")
        + paragraph(run(f"{sign}{tile.below}", colour=_QUIET, size=16), "Cell")
    )


def _sums(sums: tuple[SumRow, ...]) -> str:
    widths = (WIDTH - 3000, 3000)
    rows = [
        row(
            (
                cell(paragraph(run(line.label, bold=line.strong) + run(f"   {line.aside}", colour=_QUIET), "Cell"), widths[0]),
                cell(paragraph(run(line.value, bold=line.strong), "Cell", right=True), widths[1]),
            )
        )
        for line in sums
    ]
    return grid(rows, widths) + paragraph("", "Gap")


def _memory(bar: MemoryBar) -> Picture:
    """The bar as it is drawn everywhere."""
    return Picture(bar.heading, f"{bar.aside} · {bar.limit_text}", memory_drawing(bar, _DRAWN))


def _picture(picture: Picture, drawings: list[Drawing]) -> list[str]:
    """A drawing as wide as the text, or as high as a page has room."""
    drawing, number = picture.drawing, len(drawings)
    drawings.append(drawing)
    scale = min(_WIDE_MM / drawing.width, _HIGH_MM / drawing.height)
    aside = run(f"   {picture.aside}", colour=_QUIET, size=18, plain=True) if picture.aside else ""
    heading = paragraph(run(picture.title) + aside, "Heading2", keep=True)
    placed = package.inline(
        package.drawing_id(number), number + 2, picture.title, drawing.spoken, drawing.width * scale, drawing.height * scale
    )
    return [heading, paragraph(placed), paragraph("", "Gap")]
