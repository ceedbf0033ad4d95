"""pyqtgraph imports QtOpenGL at its own start and never uses it here: 10 MB that an empty module stands in for."""

import sys
import types

sys.modules.setdefault("PySide6.QtOpenGL", types.ModuleType("PySide6.QtOpenGL"))
