"""A model without a file: by its size ("7B", "70亿"), or by its dimensions."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from gpuplanner.catalog.importers.by_hand import Dimensions, model_of_dimensions, scaled_model
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.model import Model
from gpuplanner.errors import InputError
from gpuplanner.texts import text
from gpuplanner.ui.form import models
from gpuplanner.ui.repolish import set_flag
from gpuplanner.units import QuantityKind, parse_quantity

# Fields of a config.json in the order of the dialog, and how their values are written.
DIMENSIONS: Final = {
    "num_hidden_layers": QuantityKind.WHOLE,
    "hidden_size": QuantityKind.WHOLE,
    "num_attention_heads": QuantityKind.WHOLE,
    "num_key_value_heads": QuantityKind.WHOLE,
    "intermediate_size": QuantityKind.WHOLE,
    "vocab_size": QuantityKind.WHOLE,
    "num_experts": QuantityKind.WHOLE,
    "num_experts_per_tok": QuantityKind.WHOLE,
    "max_position_embeddings": QuantityKind.TOKENS,
}
_COLUMNS: Final = 2


class NewModelDialog(QDialog):
    """Tells at every keystroke what model it would be, or why there is none; does not stop the window.

    Signals:
        made: the :class:`Model`.
    """

    made = Signal(object)

    def __init__(self, catalog: Catalog, parent: QWidget) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self._model: Model | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("new_model.title"))
        self.size_line = self._line("size")
        self.name = self._line("name")
        self.size_line.setPlaceholderText("7B, 70亿")
        self.dimensions = {field: self._line(field) for field in DIMENSIONS}
        self.told = QLabel(self)
        self.told.setWordWrap(True)
        self.told.setMinimumHeight(48)
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.use = self.buttons.addButton(text("new_model.use"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.use.setDefault(True)
        self.buttons.accepted.connect(self._use)
        self.buttons.rejected.connect(self.reject)
        self._lay_out()
        self._update()
        self.size_line.setFocus()

    def _line(self, key: str) -> QLineEdit:
        line = QLineEdit(self)
        line.setMaxLength(64)
        line.setAccessibleName(text(f"new_model.{key}"))
        line.textChanged.connect(self._update)
        return line

    def _lay_out(self) -> None:
        top, grid = QGridLayout(), QGridLayout()
        for row, (key, line) in enumerate((("size", self.size_line), ("name", self.name))):
            top.addWidget(self._label(key), row, 0)
            top.addWidget(line, row, 1)
        for place, (field, line) in enumerate(self.dimensions.items()):
            row, column = divmod(place, _COLUMNS)
            grid.addWidget(self._label(field), row, 2 * column)
            grid.addWidget(line, row, 2 * column + 1)
        between = QLabel(text("new_model.or"), self)
        between.setProperty("quiet", True)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(18, 16, 18, 14)
        column_layout.setSpacing(12)
        for layout in (top, grid):
            layout.setHorizontalSpacing(14)
            layout.setVerticalSpacing(8)
        column_layout.addLayout(top)
        column_layout.addWidget(between)
        column_layout.addLayout(grid)
        column_layout.addWidget(self.told)
        column_layout.addWidget(self.buttons)
        self.setMinimumWidth(560)

    def _label(self, key: str) -> QLabel:
        return QLabel(text(f"new_model.{key}"), self)

    def _update(self) -> None:
        """Make the model anew; a size leaves the dimensions without effect, so they are switched off."""
        by_size = bool(self.size_line.text().strip())
        for line in self.dimensions.values():
            line.setEnabled(not by_size)
        empty = not by_size and not any(line.text().strip() for line in self.dimensions.values())
        self._model, said, bad = None, text("new_model.hint"), False
        if not empty:
            try:
                self._model = self._made(by_size)
                said = models.described(self._model)
            except InputError as error:
                said, bad = error.sentence(), True
        self.told.setText(said)
        set_flag(self.told, "wrong", on=bad)
        self.use.setEnabled(self._model is not None)

    def _made(self, by_size: bool) -> Model:
        name = self.name.text().strip() or None
        if by_size:
            return scaled_model(self.size_line.text(), self._catalog, name=name)
        given: dict[str, Any] = {
            field: int(parse_quantity(line.text(), DIMENSIONS[field]).value)
            for field, line in self.dimensions.items()
            if line.text().strip()
        }
        return model_of_dimensions(Dimensions(**given), name)

    def _use(self) -> None:
        if self._model is not None:
            self.made.emit(self._model)
            self.accept()
