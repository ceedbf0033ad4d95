"""The bundled fonts, and the families to fall back to for characters they lack."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QFont, QFontDatabase

from gpuplanner import assets

TEXT_PX: Final = 13
LATIN: Final = "GPU Planner Sans"
CHINESE: Final = "GPU Planner Sans SC"
# Rare characters (names of people and places) come from the system.
_SYSTEM: Final = ("Noto Sans CJK SC", "Microsoft YaHei UI", "PingFang SC", "Source Han Sans SC", "WenQuanYi Micro Hei")


def load() -> None:
    """Make the bundled families known to Qt; once an application."""
    for path in sorted((assets.resources() / "fonts").glob("*.otf")):
        QFontDatabase.addApplicationFont(str(path))


def families() -> list[str]:
    """Latin first, so that digits and Latin letters never come from a Chinese font."""
    return [LATIN, CHINESE, *_SYSTEM]


def font(px: int = TEXT_PX, *, bold: bool = False) -> QFont:
    """The text font at a height in device-independent pixels."""
    made = QFont()
    made.setFamilies(families())
    made.setPixelSize(px)
    made.setBold(bold)
    return made


def fixed(px: int = 12) -> QFont:
    """The system's fixed-pitch font, Chinese from the bundled one."""
    made = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    made.setFamilies([*made.families(), "DejaVu Sans Mono", CHINESE, *_SYSTEM])
    made.setPixelSize(px)
    return made
