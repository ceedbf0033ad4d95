"""What a start imports before the first paint: nothing that only answers, documents or charts need."""

from __future__ import annotations

import subprocess
import sys

from tests.end_to_end.program import environment

LATER = (
    "gpuplanner.catalog.load", "gpuplanner.catalog.schema.gpu", "gpuplanner.engine.estate", "gpuplanner.engine.estimate",
    "gpuplanner.engine.explain", "gpuplanner.engine.site.result", "gpuplanner.report.content", "gpuplanner.report.quote",
    "gpuplanner.report.words", "jinja2", "numpy", "pyqtgraph",
)  # fmt: skip


def test_nothing_is_imported_that_the_first_paint_does_without() -> None:
    program = f"import sys, gpuplanner.ui.app; print(*sorted({set(LATER)!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
