"""Keeping a drawing as a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication

from gpuplanner.disk import write_atomically
from gpuplanner.palette import LIGHT
from gpuplanner.report.drawing.shapes import Drawing
from gpuplanner.report.drawing.svg import svg
from gpuplanner.report.pdf.drawing import pdf_bytes
from gpuplanner.ui.asking import Asking


def save_drawing(drawing: Drawing, kind: str, title: str, asking: Asking) -> Path | None:
    """Ask where to, and write.

    Args:
        drawing: the shapes.
        kind: "svg" or "pdf".
        title: of the scenario.
        asking: the dialogs.

    Returns:
        The file; None when nobody wants it any more.

    Raises:
        InputError: it could not be written.
    """
    name = "".join(letter for letter in title if letter.isalnum() or letter in " -_.,").strip() or "site"
    path = asking.drawing_to_save(Path(name), kind)
    if path is not None:
        data = svg(drawing, LIGHT).encode() if kind == "svg" else pdf_bytes(drawing, title, QApplication.font())
        write_atomically(path, data)
    return path
