"""About the program: versions, licences, and what to copy into a fault report."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from gpuplanner import __version__, assets
from gpuplanner.texts import text
from gpuplanner.ui.theme import fonts

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

_PACKAGES = ("PySide6-Essentials", "pyqtgraph", "numpy", "pydantic", "platformdirs", "Jinja2", "Send2Trash")


class AboutDialog(QDialog):
    """Versions and licences; does not stop the window."""

    def __init__(self, catalog: Catalog | None, parent: QWidget) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("about.title"))
        name = QLabel(f"{text('app.name')} {__version__}", self)
        name.setFont(fonts.font(17, bold=True))
        what = QLabel(text("about.what"), self)
        what.setWordWrap(True)
        licences = QPlainTextEdit(licence_text(), self)
        licences.setReadOnly(True)
        licences.setTabChangesFocus(True)
        licences.setAccessibleName(text("about.licences"))
        self.facts = QLabel(self._facts(), self)
        self.facts.setProperty("quiet", True)
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        copy = buttons.addButton(text("about.copy"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self._copy)
        buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(10)
        for part in (name, what, self.facts, licences, buttons):
            column.addWidget(part)
        self.resize(560, 460)

    def _facts(self) -> str:
        catalog = self._catalog
        system = f"{platform.system()} {platform.release()} {platform.machine()}"
        lines = [f"Python {platform.python_version()} · Qt {qVersion()} · {system}"]
        if catalog is not None:
            lines.append(text("about.catalog", date=catalog.date, digest=catalog.digest))
        return "\n".join(lines)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(f"{text('app.name')} {__version__}\n{self._facts()}\n{sys.executable}")


def licence_text() -> str:
    """What the program is made of, and under which terms."""
    from importlib import metadata

    lines = [text("about.qt"), ""]
    for name in _PACKAGES:
        try:
            found = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue
        lines.append(f"{found['Name']} {found['Version']} — {_terms(found.json)}")
    fonts_licence = assets.resources() / "fonts" / "OFL.txt"
    lines += ["", text("about.fonts"), "", fonts_licence.read_text(encoding="utf-8")]
    return "\n".join(lines)


def _terms(facts: dict[str, str | list[str]]) -> str:
    """The licence that a package names, in a line."""
    for key in ("license_expression", "license"):
        if words := str(facts.get(key) or "").strip():
            return words.splitlines()[0]
    classifiers = facts.get("classifier") or []
    named = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")]
    return ", ".join(named) or text("unit.unknown")
