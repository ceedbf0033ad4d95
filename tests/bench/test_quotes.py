"""Quotes: from the answer to the files."""

from __future__ import annotations

from pathlib import Path

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.report.quote import FORMATS, write_quote
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
