"""The fonts a PDF is set in."""

from __future__ import annotations

from functools import cache
from typing import Final

from PySide6.QtGui import QFont, QFontDatabase

from gpuplanner import assets

# Latin first: with a Chinese font first Qt writes digits that look right but cannot be copied or searched (the ``locl`` feature).
_FAMILIES: Final = (
    "GPU Planner Sans",
    "GPU Planner Sans SC",
    "DejaVu Sans",
    "Noto Sans CJK SC",
    "PingFang SC",
    "Microsoft YaHei",
)
_LOCALISED_FORMS: Final = "locl"


@cache
def families() -> tuple[str, ...]:
    """The families to use, in order: the bundled ones, then what the system has of the others."""
    folder = assets.resources() / "fonts"
    for path in sorted(folder.glob("*.[ot]tf")):
        QFontDatabase.addApplicationFont(str(path))
    known = set(QFontDatabase.families())
    return tuple(name for name in _FAMILIES if name in known)


def font(size: float, bold: bool = False) -> QFont:
    """A font of ``size`` device units, with digits that can be copied."""
    made = QFont()
    found = families()
    if found:
        made.setFamilies(list(found))
    made.setPixelSize(max(1, round(size)))
    made.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    made.setFeature(QFont.Tag(_LOCALISED_FORMS), 0)
    return made
