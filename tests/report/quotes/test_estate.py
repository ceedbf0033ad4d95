"""The quote of an estate beside that of one workload: the same figures in every format, and what is promised of each."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from gpuplanner import assets
from gpuplanner.engine.estate.build import estate_of
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Code, Status
from gpuplanner.report.acceptance import checks
from gpuplanner.report.compose import performance
from gpuplanner.report.content import Line, QuoteContent
from gpuplanner.report.drawing.placement import placement_drawing, placement_of
from gpuplanner.report.frozen import decode, encode
from gpuplanner.report.quote import FORMATS
from gpuplanner.report.quotes.make import changes, draft
from gpuplanner.report.quotes.quote import Quote, edited
from gpuplanner.report.quotes.terms import with_terms
from gpuplanner.report.totals import totals
from gpuplanner.report.wording import words
from gpuplanner.report.words import Paper, Picture, Table
from gpuplanner.scenario.files import load_scenario
from gpuplanner.settings import Company
from tests.report.quotes.offer import AT, META
from tests.report.quotes.test_documents import HOSTILE, bare, texts_of
from tests.report.quotes.workbook import cells, recalculated, sheet_names

INSURER = load_scenario(next((assets.resources() / "examples").glob("*insurer*.gpuplan"))).scenario


@pytest.fixture(scope="module")
def estate(catalog):
    return estate_of(INSURER, catalog)


@pytest.fixture(scope="module")
def quote(catalog, estate) -> Quote:
    plain = draft(INSURER, estate, catalog, META, AT).content.lines
    priced = tuple(
        replace(line, unit_price=line.unit_price or 1_234.57 + number, discount=0.05, tax=0.13, at_least=False)
        for number, line in enumerate(plain)
    )
    service = Line(Code("report.word", {"word": "三年维保"}), Code("report.spec.none"), 3, 53_000.35, key="extra.1", tax=0.06)
    made = draft(INSURER, estate, catalog, META, AT, (*priced, service))
    return edited(made, with_terms(made.metadata, made.content.lines, INSURER.money.currency, Company()))


@pytest.fixture(scope="module")
def documents(quote):
    return {
        (name, lang): FORMATS[name](quote.content, words(quote.content, lang), Paper.A4)
        for name in FORMATS
        for lang in ("en", "zh")
    }


def test_one_bill_for_all_of_them(quote, estate):
    content = quote.content
    own = [line for line in content.lines if not line.key.startswith("extra.")]
    assert [(line.key, line.count) for line in own] == [(line.key, line.count) for line in estate.site.lines if line.count]
    assert [work.letter for work in content.works] == [row.letter for row in estate.rows]
    assert sum(work.gpus for work in content.works) <= estate.figures["gpus"].value
    paid = {figure.key: figure.value for figure in content.life.figures}
    assert paid["purchase_total"] == pytest.approx(totals(content.lines).gross, abs=0.05)
    assert "cost_per_million" not in paid  # of which workload?


def test_each_workload_has_the_figures_of_its_plan(quote, estate):
    for work, row in zip(quote.content.works, estate.rows, strict=True):
        told = {figure.key: figure.quantity.value for figure in work.performance}
        for key, value in told.items():
            alone = row.plan.figures[key]
            factor = row.slowed if alone.unit.value == "s" else 1.0
            assert value == (None if alone.value is None else pytest.approx(alone.value * factor)), (work.letter, key)
        assert work.memory == row.plan.memory


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", FORMATS)
def test_the_same_figures_stand_in_every_format(documents, quote, name, lang, tmp_path):
    if name == "pdf" and shutil.which("pdftotext") is None:
        pytest.skip("needs poppler-utils")
    said = words(quote.content, lang)
    found = bare(texts_of(name, documents[name, lang], tmp_path))
    section = next(section for section in said.sections if section.key == "works")
    wanted = [tile.value for tile in said.tiles[1:]]
    wanted += [cell.text for row in said.performance.rows for cell in (row[0], *row[2:])]
    for table in (part for part in section.parts if isinstance(part, Table)):
        wanted += [cell.text for row in table.rows for cell in row[1:2] if len(cell.text) < 18]
    if name == "csv":
        wanted = [text for text in wanted if text not in {tile.value for tile in said.tiles}]
    assert [text for text in wanted if bare(text) not in found] == []
    sums = totals(quote.content.lines)
    for value in (sums.gross, sums.net, *(one.tax for one in sums.taxes)):
        assert f"{value:.2f}" in found.replace(",", "") or f"{value:.10g}" in found or repr(value) in found, value


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_libreoffice_recalculates_the_workbook_to_the_same(documents, tmp_path):
    data = documents["xlsx", "zh"]
    again = recalculated(data, tmp_path)
    for sheet in range(1, len(sheet_names(data)) + 1):
        ours, theirs = cells(data, sheet), cells(again, sheet)
        for place, value in ours.items():
            try:
                assert float(theirs.get(place, "nan")) == pytest.approx(float(value), abs=0.005), (sheet, place)
            except ValueError:
                assert theirs.get(place, "") == value, (sheet, place)


def test_it_is_kept_and_comes_back(quote, catalog):
    assert decode(QuoteContent, json.loads(json.dumps(encode(quote.content)))) == quote.content
    assert changes(quote, catalog).none
    grown = INSURER.model_copy(update={"workload": INSURER.workload.model_copy(update={"load": 600.0})})
    older = Quote(quote.content, json.dumps(grown.model_dump(mode="json")), quote.history)
    assert any(change.name.startswith("A ") for change in changes(older, catalog).figures)


def test_shared_cards_are_promised_to_nobody_alone(quote, estate):
    shared = {row.letter for row in estate.rows if row.shared}
    assert shared
    tested = quote.content.checks
    assert [check.name for check in tested].count("report.check.gpus") == 1
    assert tested[0].limit == estate.figures["gpus"].value
    assert not [check for check in tested if check.work in shared and check.name in ("report.check.memory", "report.check.power")]
    for row in estate.rows:
        own = {check.expected.key: check for check in tested if check.work == row.letter}
        alone = {check.expected.key: check for check in checks(row.scenario, row.plan, estate.site, Facts(quote))}
        for key, check in own.items():
            if check.expected.unit.value == "s":
                assert check.expected.value == pytest.approx(alone[key].expected.value * row.slowed)


class Facts:
    """A catalogue that knows no GPU: the figures of a test don't need one."""

    def __init__(self, _: Quote) -> None:
        self.gpus: dict[str, object] = {}


def test_the_drawing_of_the_placement_is_kept_with_it(quote, estate, catalog):
    section = next(section for section in words(quote.content, "en").sections if section.key == "works")
    drawn = next(part for part in section.parts if isinstance(part, Picture))
    assert drawn.drawing.spoken == placement_drawing(placement_of(estate, catalog), 760).spoken
    assert len([part for part in section.parts if isinstance(part, Picture)]) == 1 + len(quote.content.works)


def test_a_workload_that_cannot_be_carried_is_said(catalog):
    more = list(INSURER.estate.more)
    more[0] = more[0].model_copy(update={"model": more[0].model.model_copy(update={"id": "no-such-model"})})
    broken = INSURER.model_copy(update={"estate": INSURER.estate.model_copy(update={"more": tuple(more)})})
    content = draft(broken, estate_of(broken, catalog), catalog, META, AT).content
    lost = [work for work in content.works if work.status is Status.IMPOSSIBLE]
    assert len(lost) == 1
    assert lost[0].reasons
    for lang in ("en", "zh"):
        said = words(content, lang)
        assert re.search(r"\b1\b.*(can't be carried)|1 项无法承载", said.state)
        assert any(cell.text == "—" for cell in said.performance.rows[int(ord(lost[0].letter) - ord("A"))])


def test_each_apart_is_dearer_at_the_same_terms(quote):
    together, apart = quote.content.options
    assert together.offered
    total = dict(zip(quote.content.option_keys, together.figures, strict=True))["purchase"]
    assert total.value == totals(quote.content.lines).gross
    assert apart.difference is None or apart.difference > 0


def test_slowed_times_are_held_to_the_same_targets(estate):
    row = next(row for row in estate.rows if row.slowed > 1)
    alone = {figure.key: figure for figure in performance(row.scenario, row.plan)}
    for figure in performance(row.scenario, row.plan, row.slowed):
        assert figure.target == alone[figure.key].target
        if figure.quantity.unit.value == "s" and figure.quantity.value is not None:
            assert figure.quantity.value == pytest.approx(alone[figure.key].quantity.value * row.slowed)


def test_its_own_workload_can_be_quoted_alone(catalog):
    content = draft(INSURER, estimate(INSURER, catalog), catalog, META, AT).content
    assert content.works == ()
    assert content.performance


@pytest.fixture(scope="module")
def hostile(catalog) -> QuoteContent:
    more = tuple(work.model_copy(update={"name": HOSTILE}) for work in INSURER.estate.more)
    named = INSURER.model_copy(update={"name": HOSTILE, "estate": INSURER.estate.model_copy(update={"more": more})})
    return draft(named, estate_of(named, catalog), catalog, META, AT).content


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_names_of_workloads_are_shown_not_run(hostile, name, tmp_path):
    data = FORMATS[name](hostile, words(hostile, "en"), Paper.A4)
    if name == "csv":
        cells_of = [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for cell in row]
        assert not [cell for cell in cells_of if cell.startswith(("=", "@", "+", "\t"))]
        return
    if name in ("docx", "xlsx"):
        archive = zipfile.ZipFile(io.BytesIO(data))
        for part in archive.namelist():
            if part.endswith((".xml", ".rels")):
                ElementTree.fromstring(archive.read(part))  # well-formed
        formulas = "".join(archive.read(part).decode() for part in archive.namelist() if part.startswith("xl/worksheets"))
        assert "cmd" not in "".join(re.findall(r"<f>(.*?)</f>", formulas))
    elif name == "md":
        assert "<script" not in data.decode()
    elif name == "json":
        json.loads(data)
    else:
        assert b"/JavaScript" not in data
        assert b"/URI" not in data
    found = texts_of(name, data, tmp_path)
    assert "\u202e" not in found
    assert "{{7*7}}" in re.sub(r"\s", "", found)
