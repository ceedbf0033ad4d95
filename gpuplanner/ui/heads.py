"""Titles of a table's columns, each above the side that its texts stand on."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableWidget, QTableWidgetItem


def title_columns(table: QTableWidget, titles: Sequence[str], right: Collection[int] = ()) -> None:
    """Title the columns of a table that has as many.

    Args:
        table: the table.
        titles: in the order of the columns.
        right: columns whose texts end at the right.
    """
    for column, title in enumerate(titles):
        head = QTableWidgetItem(title)
        side = Qt.AlignmentFlag.AlignRight if column in right else Qt.AlignmentFlag.AlignLeft
        head.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        table.setHorizontalHeaderItem(column, head)
