"""The sheet as a PDF file, on A4."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF
from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter, QTextDocument

from gpuplanner import __version__
from gpuplanner.ui.theme import fonts

_MARGIN_MM, _RESOLUTION, _TEXT_PT = 18, 300, 10


def pdf(rich: str, title: str) -> bytes:
    """Rich text as a PDF."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    page = QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, margins, QPageLayout.Unit.Millimeter)
    writer.setPageLayout(page)
    writer.setResolution(_RESOLUTION)
    writer.setTitle(title)
    writer.setCreator(f"GPU Planner {__version__}")
    document = QTextDocument()
    font = fonts.font()
    font.setPointSizeF(_TEXT_PT)
    document.setDefaultFont(font)
    document.setDefaultStyleSheet("* { color: #000000 }")
    document.setHtml(f'<div style="color:#000000">{rich}</div>')
    document.print_(writer)
    buffer.close()
    return bytes(buffer.data().data())
