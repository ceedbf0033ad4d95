"""What the built program goes without: Qt's OpenGL modules, which a hook of the build stands in for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.end_to_end.program import environment

ROOT = Path(__file__).parents[2]
_WITHOUT = """
import importlib.abc, runpy, sys

class Trimmed(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in ("PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Trimmed())
runpy.run_path(sys.argv[1])
from PySide6.QtWidgets import QApplication
app = QApplication([])
import pyqtgraph
from gpuplanner.ui.charts import pg
plot = pyqtgraph.PlotWidget()
plot.plot([1, 2, 3], [3, 1, 2])
plot.resize(300, 200)
image = plot.grab().toImage()
print(len({image.pixel(x, y) for x in range(300) for y in range(200)}))
"""


def test_charts_are_drawn_without_opengl() -> None:
    hook = ROOT / "packaging" / "hook_opengl.py"
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT, str(hook)], env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout.split()[-1]) > 5
