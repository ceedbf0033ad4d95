"""5,000 scenario files: listed, searched and scrolled."""

from __future__ import annotations

import json
import time
import tracemalloc
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from gpuplanner import paths
from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.scenario.files import document_bytes, load_scenario
from gpuplanner.scenario.index import list_library
from gpuplanner.scenario.receipt import receipt_of
from gpuplanner.settings import default_scenario_folder
from gpuplanner.ui.selftest import opened, settle, wait
from tests.bench.conftest import Record, quantile
from tests.end_to_end.program import EXAMPLES

FILES = 5000
SCROLLS = 120


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Many files of a few customers, made from the examples."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    place = default_scenario_folder()
    place.mkdir(parents=True)
    catalog = load_catalog()
    documents = []
    for path in EXAMPLES:
        scenario = load_scenario(path).scenario
        receipt = receipt_of(estimate(scenario, catalog), scenario.money.currency, catalog.digest, catalog.date, "2026-11-21")
        documents.append(json.loads(document_bytes(scenario, catalog.digest, receipt)))
    for number in range(FILES):
        document = documents[number % len(documents)]
        document["scenario"] |= {"name": f"scenario {number}", "customer": f"客户 {number % 200}"}
        (place / f"{number}.gpuplan").write_text(json.dumps(document, ensure_ascii=False, indent=2), encoding="utf-8")
    return place


def test_listing(benchmark, record: Record, folder: Path):
    began = time.perf_counter()
    first = list_library([folder])
    record("5,000 scenario files listed, never seen before", (time.perf_counter() - began) * 1e3, 3000, "ms")
    assert len(first.cards) == FILES
    tracemalloc.start()
    list_library([folder])
    record("5,000 scenario files listed, memory", tracemalloc.get_traced_memory()[1] / 1e6, 100, "MB")
    tracemalloc.stop()
    times_s: list[float] = []

    def again() -> None:
        began = time.perf_counter()
        list_library([folder])
        times_s.append(time.perf_counter() - began)

    benchmark.pedantic(again, rounds=5)
    record("5,000 scenario files listed, median", quantile(times_s, 0.5) * 1e3, 1000, "ms")


def test_page(benchmark, record: Record, folder: Path):
    list_library([folder])
    window = opened(next(path for path in EXAMPLES if "70b" in path.name), "en", "light")
    began = time.perf_counter()
    window.actions_by_key["page_scenarios"].trigger()
    page = window.desk.library
    assert page is not None
    wait(lambda: len(page.model.cards) == FILES, "the list")
    QApplication.processEvents()
    record("the page with 5,000 scenarios, from click to list", (time.perf_counter() - began) * 1e3, 1500, "ms")
    wait(lambda: not page.busy, "what follows")
    settle()
    bar, times_s = page.centre.table.verticalScrollBar(), []

    def scroll() -> None:
        began = time.perf_counter()
        bar.setValue(bar.value() + 400)
        page.centre.table.viewport().repaint()
        times_s.append(time.perf_counter() - began)

    benchmark.pedantic(scroll, rounds=SCROLLS)
    record("a frame while scrolling 5,000 scenarios, p95", quantile(times_s, 0.95) * 1e3, 16.7, "ms")
    began = time.perf_counter()
    page.model.arrange(query="kh 17 scenario")
    record("5,000 scenarios searched", (time.perf_counter() - began) * 1e3, 150, "ms")
    window.session.undo_stack.setClean()
    window.close()
