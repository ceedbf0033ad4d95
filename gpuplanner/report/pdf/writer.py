"""Pages that were laid out, as the bytes of a PDF file."""

from __future__ import annotations

import os
from functools import cache
from typing import Final

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF
from PySide6.QtGui import QGuiApplication, QPageLayout, QPageSize, QPainter, QPdfWriter

from gpuplanner.report.pdf.sheet import DOTS_PER_INCH, FINENESS, HEIGHT, WIDTH, Sheet
from gpuplanner.report.words import Paper

_SIZES: Final = {Paper.A4: QPageSize.PageSizeId.A4, Paper.LETTER: QPageSize.PageSizeId.Letter}


def ready() -> None:
    """Fonts need a Qt application: where none runs, one is started on the offscreen platform."""
    if QGuiApplication.instance() is None:
        _offscreen()


@cache
def _offscreen() -> QGuiApplication:
    """An application without a display; kept, since fonts don't outlive it."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # whatever the user has set for windows
    return QGuiApplication(["gpuplanner"])


def written(sheet: Sheet, title: str, creator: str, paper: Paper = Paper.A4) -> bytes:
    """The file's content.

    Args:
        sheet: pages of A4; on Letter they are set a little smaller.
        title: of the document.
        creator: what made it, with which facts.
        paper: what it is printed on.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageLayout(QPageLayout(QPageSize(_SIZES[paper]), QPageLayout.Orientation.Portrait, QMarginsF()))
    writer.setResolution(DOTS_PER_INCH)
    writer.setTitle(title)
    writer.setCreator(creator)
    painter = QPainter(writer)
    try:
        _fit(painter, writer.width(), writer.height())
        for number, steps in enumerate(sheet.pages):
            if number:
                writer.newPage()
            for step in steps:
                step(painter)
    finally:
        painter.end()
    buffer.close()
    return bytes(buffer.data().data())


def _fit(painter: QPainter, width: int, height: int) -> None:
    """Our page in the middle of the paper's."""
    scale = min(width / (WIDTH * FINENESS), height / (HEIGHT * FINENESS))
    if abs(scale - 1) > 0.002:
        painter.translate((width - WIDTH * FINENESS * scale) / 2, (height - HEIGHT * FINENESS * scale) / 2)
        painter.scale(scale, scale)
