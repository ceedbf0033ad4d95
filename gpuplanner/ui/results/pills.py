"""As many pills as there are statements."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLayout, QWidget

from gpuplanner.palette import Theme
from gpuplanner.ui.results.pill import Pill
from gpuplanner.ui.results.sentence import PillText


def show_pills(pills: list[Pill], wanted: Sequence[PillText], theme: Theme, layout: QLayout, parent: QWidget) -> None:
    """Say these, in pills that are there already as far as they go.

    Args:
        pills: of the ``parent``; more are added where they don't suffice.
        wanted: what they say.
        theme: colours of new ones.
        layout: where new ones are put.
        parent: owns them.
    """
    while len(pills) < len(wanted):
        pill = Pill(wanted[len(pills)], theme, parent)
        layout.addWidget(pill)
        pills.append(pill)
    for place, pill in enumerate(pills):
        if place < len(wanted) and pill.said != wanted[place]:
            pill.set_text(wanted[place])
        pill.setVisible(place < len(wanted))
