"""pyqtgraph imports Qt's OpenGL modules at its own start and never uses them here: 10 MB that empty modules stand in for."""

from __future__ import annotations

import sys
import types


def _widgets(name: str) -> type:
    """The only thing asked for while pyqtgraph is imported: a class that no widget of ours is of."""
    if name != "QOpenGLWidget":
        raise AttributeError(name)
    from PySide6.QtWidgets import QWidget

    stand_in = type(QWidget)(name, (QWidget,), {})
    setattr(sys.modules["PySide6.QtOpenGLWidgets"], name, stand_in)
    return stand_in


for _module in ("PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets"):
    sys.modules.setdefault(_module, types.ModuleType(_module))
sys.modules["PySide6.QtOpenGLWidgets"].__getattr__ = _widgets
