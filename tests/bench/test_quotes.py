"""Quotes: from the answer to the files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estate.build import estate_of
from gpuplanner.engine.estimate import estimate
from gpuplanner.report.comparison import compare, side_of
from gpuplanner.report.content import Metadata
from gpuplanner.report.pdf.comparison import comparison_pdf
from gpuplanner.report.quote import FORMATS, write_documents, write_quote
from gpuplanner.report.quotes.make import draft
from gpuplanner.scenario.files import load_scenario
from tests.bench.conftest import Record
from tests.end_to_end.program import EXAMPLES


@pytest.mark.parametrize(("formats", "bar"), [(("pdf",), 1.0), (tuple(FORMATS), 3.0)], ids=["pdf", "all"])
def test_quote(benchmark, record: Record, tmp_path: Path, qapp, formats: tuple[str, ...], bar: float):
    catalog = load_catalog()
    scenario = load_scenario(next(path for path in EXAMPLES if "70b" in path.name.lower())).scenario
    answer = estimate(scenario, catalog)
    benchmark.pedantic(lambda: write_quote(scenario, answer, catalog, tmp_path, formats, ("zh", "en")), rounds=5, warmup_rounds=1)
    record(f"quote in both languages, {', '.join(formats)}, median", benchmark.stats.stats.median, bar, "s")


def test_quote_of_an_estate(benchmark, record: Record, tmp_path: Path, qapp):
    catalog = load_catalog()
    scenario = load_scenario(next(path for path in EXAMPLES if "insurer" in path.name)).scenario
    meta = Metadata("Q-1", date(2026, 11, 21), "1.0")
    answer = estate_of(scenario, catalog)

    def written() -> None:
        content = draft(scenario, answer, catalog, meta, "2026-11-21T08:00:00+00:00").content
        write_documents(content, tmp_path, tuple(FORMATS), ("zh",), "estate")

    benchmark.pedantic(written, rounds=5, warmup_rounds=1)
    record("quote of six workloads, all formats, median", benchmark.stats.stats.median, 3.0, "s")


def test_comparison(benchmark, record: Record, qapp):
    catalog = load_catalog()
    asked = [load_scenario(path).scenario for path in EXAMPLES[:6]]
    sides = [side_of(scenario.name, scenario, estimate(scenario, catalog), catalog) for scenario in asked]
    benchmark.pedantic(lambda: comparison_pdf(compare(sides, catalog), "foot"), rounds=5, warmup_rounds=1)
    record("PDF of six scenarios compared, median", benchmark.stats.stats.median, 1.0, "s")
