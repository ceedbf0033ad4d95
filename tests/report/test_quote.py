"""From a scenario to files, with the real engine and catalogue."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Status
from gpuplanner.errors import InputError
from gpuplanner.report.compose import compose
from gpuplanner.report.content import Metadata, QuoteContent, Topic, Verdict
from gpuplanner.report.quote import default_number, default_stem, write_quote
from gpuplanner.report.totals import amount, totals
from gpuplanner.report.wording import words
from gpuplanner.scenario.document import Deployment, Scenario, Targets, Workload, replace

DAY = date(2026, 11, 21)
META = Metadata("Q-1", DAY, "1.0")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return load_catalog(user_dir=tmp_path_factory.mktemp("nobody"))


def composed(scenario: Scenario, catalog: Catalog) -> QuoteContent:
    return compose(scenario, estimate(scenario, catalog), catalog, META)


def asking(gpu: str, **targets: float | None) -> Scenario:
    return Scenario(name="Chat", customer="ACME", deployment=Deployment(gpu=gpu), targets=Targets(**targets))


def test_priced_gpu_lists_price_and_source(catalog):
    content = composed(asking("nvidia-h800-sxm5-80gb"), catalog)
    gpu = catalog.gpus["nvidia-h800-sxm5-80gb"]
    record = gpu.best_price("CNY")
    line = content.lines[0]
    rate = {"CNY": 1.0, "USD": 7.1}[record.currency]
    assert line.unit_price == pytest.approx(8 * record.amount * rate)  # no server of the catalogue: its cards
    assert line.at_least
    sums = totals(content.lines)
    assert sums.gross == pytest.approx(sum(amount(one) or 0.0 for one in content.lines))
    assert sums.at_least  # hosts and racks are not priced
    note = words(content, "en").footnotes[content.footnote_number(Topic.PRICE) - 1]
    assert record.date in note
    assert record.currency in note


def test_unknown_price_is_said_and_never_zero(catalog):
    gpu = next(
        plan.gpu_id
        for plan in estimate(Scenario(), catalog).plans
        if plan.status is not Status.IMPOSSIBLE and not catalog.gpus[plan.gpu_id].prices
    )
    content = composed(asking(gpu), catalog)
    assert totals(content.lines).gross is None
    said = words(content, "en")
    assert [row.value for row in said.sums] == ["on request"]
    assert {row[4].text for row in said.configuration.rows} == {"on request"}
    assert "No list price is published for this GPU; it must be asked for." in said.assumptions
    assert content.footnote_number(Topic.PRICE) == 0
    assert "purchase" not in [explanation.key for explanation in content.formulas]
    assert said.tiles[0].value == "on request"


def test_targets_and_verdicts(catalog):
    content = composed(asking("nvidia-h200-sxm-141gb", ttft_s=60.0, tpot_s=0.0001), catalog)
    verdicts = {figure.key: figure.verdict for figure in content.performance}
    assert verdicts["ttft"] is Verdict.MEETS
    assert verdicts["tpot"] is Verdict.MISSES
    assert verdicts["throughput"] is Verdict.NONE
    assert content.status is Status.MISSES
    said = words(content, "en")
    assert "a target is missed" in said.state
    assert any("0.1" in cell.text for row in said.performance.rows for cell in row[3:4])


def test_options_are_other_gpus_that_carry_the_load(catalog):
    content = composed(asking("nvidia-h200-sxm-141gb"), catalog)
    offered, *others = content.options
    assert offered.offered
    assert offered.difference is None
    assert 1 <= len(others) <= 3
    assert len({option.gpu_name for option in content.options}) == len(content.options)
    assert all(option.status is not Status.IMPOSSIBLE for option in others)


def test_quote_is_refused_where_nothing_runs(catalog):
    impossible = next(plan.gpu_id for plan in estimate(Scenario(), catalog).plans if plan.status is Status.IMPOSSIBLE)
    with pytest.raises(InputError) as told:
        composed(asking(impossible), catalog)
    assert told.value.code == "report.refused.gpu"
    for lang in ("en", "zh"):
        assert told.value.sentence(lang)
    with pytest.raises(InputError, match=r"report\.refused\.estimate") as told:
        composed(replace(Scenario(), "model.id", "no-such-model"), catalog)
    assert "no-such-model" in told.value.sentence("zh")
    with pytest.raises(InputError, match=r"report\.refused\.nothing"):
        composed(Scenario(deployment=Deployment(max_gpus=1), workload=Workload(load=1e9)), catalog)


def test_batch(catalog):
    content = composed(Scenario(workload=Workload(kind="batch")), catalog)
    assert content.latencies[0].key == "batch_time"
    assert content.latencies[0].target == 8 * 3600
    assert words(content, "en").latency_heading == "Time against target"


def test_files(catalog, tmp_path, qapp):
    scenario = asking("nvidia-h20-96gb")
    found = estimate(scenario, catalog)
    folder = tmp_path / "new" / "folder"
    written = write_quote(scenario, found, catalog, folder, date=DAY)
    assert [path.name for path in written] == [
        f"ACME_Chat_2026-11-21_{lang}.{kind}" for lang in ("zh", "en") for kind in ("pdf", "md")
    ]
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in written)
    assert all(path.read_bytes().startswith(b"%PDF") for path in written if path.suffix == ".pdf")
    again = write_quote(
        scenario, found, catalog, folder, ("md",), ("en",), stem="quote", number="A/1", date=DAY, prepared_by="Lin\nMing"
    )
    assert [path.name for path in again] == ["quote_en.md"]
    text = again[0].read_text(encoding="utf-8")
    assert "| Prepared by | Lin Ming |" in text
    assert "A/1" in text


def test_same_scenario_and_day_same_text(catalog, tmp_path):
    scenario = asking("nvidia-h20-96gb")
    found = estimate(scenario, catalog)
    texts = [
        write_quote(scenario, found, catalog, tmp_path / name, ("md",), ("zh",), date=DAY)[0].read_bytes()
        for name in ("one", "two")
    ]
    assert texts[0] == texts[1]
    assert default_number(scenario, DAY) == default_number(scenario, DAY)
    assert default_number(scenario, DAY) != default_number(replace(scenario, "workload.load", 201), DAY)
    assert default_stem(scenario, DAY) == "ACME_Chat_2026-11-21"


@pytest.mark.parametrize(("formats", "languages"), [(("odt",), ("en",)), (("md",), ("fr",))])
def test_unknown_format_and_language(catalog, tmp_path, formats, languages):
    scenario = asking("nvidia-h20-96gb")
    with pytest.raises(InputError, match=r"report\.refused"):
        write_quote(scenario, estimate(scenario, catalog), catalog, tmp_path, formats, languages)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_folder_that_cannot_be_written(catalog, tmp_path):
    tmp_path.chmod(0o500)
    scenario = asking("nvidia-h20-96gb")
    with pytest.raises(InputError):
        write_quote(scenario, estimate(scenario, catalog), catalog, tmp_path, ("md",), ("en",))


def test_folder_that_is_a_file(catalog, tmp_path):
    place = tmp_path / "file"
    place.write_text("here", encoding="utf-8")
    scenario = asking("nvidia-h20-96gb")
    with pytest.raises(InputError) as told:
        write_quote(scenario, estimate(scenario, catalog), catalog, Path(place), ("md",), ("en",))
    assert str(place) in told.value.sentence("en")
    assert place.read_text(encoding="utf-8") == "here"
