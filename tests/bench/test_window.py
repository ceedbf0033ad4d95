"""From a keystroke in the form to everything repainted, offscreen."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gpuplanner.ui.selftest import opened, wait
from tests.bench.conftest import Record, quantile
from tests.end_to_end.program import EXAMPLES

KEYSTROKES = 200


def test_keystroke_to_repaint(benchmark, record: Record):
    window = opened(next(path for path in EXAMPLES if "70b" in path.name), "en", "light")
    session = window.session
    session.set("name", "edited")  # else every second keystroke undoes the only edit
    line = window.bench.form.rows["workload.output_tokens"].editor.line
    line.setFocus()
    line.end(False)
    keys = iter([Qt.Key.Key_1, Qt.Key.Key_Backspace] * KEYSTROKES)
    times_s: list[float] = []

    def keystroke() -> None:
        before = session.estimate
        began = time.perf_counter()
        QTest.keyClick(line, next(keys))
        wait(lambda: session.estimate is not before, "an answer")
        QApplication.sendPostedEvents()
        QApplication.processEvents()  # the update requests of all views
        times_s.append(time.perf_counter() - began)

    benchmark.pedantic(keystroke, rounds=KEYSTROKES, warmup_rounds=20)
    record("keystroke to everything repainted, p95", quantile(times_s[20:], 0.95) * 1e3, 33, "ms")
    session.undo_stack.setClean()
    window.close()


def test_keystroke_to_repaint_of_the_load_page(benchmark, record: Record):
    window = opened(next(path for path in EXAMPLES if "70b" in path.name), "en", "light")
    session = window.session
    session.set("name", "edited")
    window.actions_by_key["page_load"].trigger()
    page = window.bench.load
    assert page is not None
    wait(lambda: not page.busy, "the charts")
    line = window.bench.form.rows["workload.output_tokens"].editor.line
    line.setFocus()
    line.end(False)
    keys = iter([Qt.Key.Key_1, Qt.Key.Key_Backspace] * KEYSTROKES)
    times_s: list[float] = []

    def keystroke() -> None:
        before = page.given
        began = time.perf_counter()
        QTest.keyClick(line, next(keys))
        wait(lambda: page.given is not before, "the curve")
        QApplication.sendPostedEvents()
        QApplication.processEvents()
        times_s.append(time.perf_counter() - began)

    benchmark.pedantic(keystroke, rounds=KEYSTROKES, warmup_rounds=20)
    record("keystroke to the curve of the load page repainted, p95", quantile(times_s[20:], 0.95) * 1e3, 33, "ms")
    session.undo_stack.setClean()
    window.close()
