"""A group of fields under a heading that folds."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gpuplanner.texts import text
from gpuplanner.ui.form.field_spec import SectionSpec
from gpuplanner.ui.form.row import DOT, FieldRow
from gpuplanner.ui.theme.icons import icon


class Section(QWidget):
    """Heading and rows.

    Signals:
        folded: key of the section, and whether it is folded now; by the user's hand.
    """

    folded = Signal(str, bool)

    def __init__(self, spec: SectionSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = spec.key
        self.heading = QPushButton(self)
        self.heading.setProperty("section", True)
        self.heading.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.heading.setCheckable(True)
        self.heading.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.heading.toggled.connect(self._toggled)
        self.body = QWidget(self)
        self._rows = QVBoxLayout(self.body)
        self._rows.setContentsMargins(0, 0, 0, 4)
        self._rows.setSpacing(6)
        self.rows = [FieldRow(field, self.body) for field in spec.fields]
        for row in self.rows:
            self._rows.addWidget(row)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.heading)
        layout.addWidget(self.body)
        self.set_folded(spec.folded)

    def add_below(self, widget: QWidget) -> None:
        """Put something below the rows."""
        self._rows.addWidget(widget)

    def set_folded(self, folded: bool) -> None:
        """Show the heading alone, or all."""
        self.heading.setChecked(folded)
        self._toggled(folded)

    def refresh(self) -> None:
        """A section none of whose fields apply is gone; fields without a label have their dot at the heading."""
        self.setVisible(any(not row.isHidden() for row in self.rows))
        marked = any(row.spec.wide and row.differs and not row.isHidden() for row in self.rows)
        self.heading.setText(text(f"form.section.{self.key}") + (f"  {DOT}" if marked else ""))

    def retranslate(self) -> None:
        """Follow a change of language."""
        self.refresh()
        self.heading.setToolTip(text("form.unfold" if self.heading.isChecked() else "form.fold"))
        for row in self.rows:
            row.retranslate()

    def _toggled(self, folded: bool) -> None:
        changed = self.body.isHidden() != folded
        if changed:  # showing what isn't hidden makes Qt style it now, and once more when its window shows
            self.body.setVisible(not folded)
        self.heading.setIcon(icon("chevron-right" if folded else "chevron-down"))
        self.heading.setToolTip(text("form.unfold" if folded else "form.fold"))
        if changed:
            self.folded.emit(self.key, folded)
