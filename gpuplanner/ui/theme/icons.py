"""Icons of the window: a few SVG files."""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QIcon

from gpuplanner import assets


@cache
def icon(name: str) -> QIcon:
    """The icon of a file in ``resources/icons``."""
    return QIcon(str(assets.resources() / "icons" / f"{name}.svg"))
