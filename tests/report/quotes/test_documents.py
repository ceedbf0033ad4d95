"""The six formats: the same figures stand in all of them, and nothing that a name holds is run by any."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from gpuplanner.engine.result import Code
from gpuplanner.report.delimited import safe
from gpuplanner.report.quote import FORMATS, write_documents
from gpuplanner.report.totals import amount, totals
from gpuplanner.report.wording import words
from gpuplanner.report.words import Paper, Table, Words
from gpuplanner.scenario.document import Workload
from tests.report.quotes.offer import META, SCENARIO, offered
from tests.report.quotes.workbook import cells, recalculated, sheet_names

HOSTILE = "=cmd|'/c calc'!A0 <script>alert(1)</script> {{7*7}} {% for %} \"&<w:p/> | `x` @SUM(1) \u202e\x00\x07"


def texts_of(name: str, data: bytes, tmp_path: Path) -> str:
    """What a reader finds in a document."""
    if name == "pdf":
        path = tmp_path / "q.pdf"
        path.write_bytes(data)
        return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True).stdout.decode()
    if name == "xlsx":
        return "\n".join(value for sheet in range(1, len(sheet_names(data)) + 1) for value in cells(data, sheet).values())
    if name == "docx":
        archive = zipfile.ZipFile(io.BytesIO(data))
        parts = [archive.read(part) for part in ("word/document.xml", "word/header1.xml", "word/footer1.xml")]
        return "\n".join("".join(ElementTree.fromstring(part).itertext()) for part in parts)
    text = data.decode("utf-8-sig")
    if name == "csv":
        return "\n".join(cell for row in csv.reader(io.StringIO(text)) for cell in row)
    if name == "json":
        return "\n".join(_leaves(json.loads(text)))
    return html.unescape(re.sub(r"\\([\\`*_\[\]|~$^.])", r"\1", text))


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _leaves(part)
    else:
        yield repr(value) if isinstance(value, float) else str(value)


def bare(text: str) -> str:
    return re.sub(r"[\s\u2009\u00a0*]+", "", text)


def figures(said: Words) -> Iterator[str]:
    """What the tables of the room, of the costs a unit and of the acceptance test say in numbers."""
    tables = [part for section in said.sections for part in section.parts if isinstance(part, Table)]
    once = next(section for section in said.sections if section.key == "life").parts[0]
    for cell in (cell for table in tables if table is not once for row in table.rows for cell in row):
        if re.search(r"\d", cell.text) and len(cell.text) < 18:
            yield cell.text


@pytest.fixture(scope="module")
def documents(quote):
    return {
        (name, lang): FORMATS[name](quote.content, words(quote.content, lang), Paper.A4)
        for name in FORMATS
        for lang in ("en", "zh")
    }


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", ["pdf", "xlsx", "docx", "md", "json"])
def test_the_same_figures_stand_in_every_format(documents, quote, name, lang, tmp_path):
    if name == "pdf" and shutil.which("pdftotext") is None:
        pytest.skip("needs poppler-utils")
    said = words(quote.content, lang)
    found = bare(texts_of(name, documents[name, lang], tmp_path))
    wanted = [tile.value for tile in said.tiles[1:]]
    wanted += [cell.text for row in said.performance.rows for cell in row[1:3]]
    wanted += list(figures(said))
    wanted += [said.parties[1][0][1], said.title, *said.sections[-1].parts]
    assert [text for text in wanted if bare(text) not in found] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", FORMATS)
def test_the_same_total_stands_in_every_format(documents, quote, name, lang, tmp_path):
    if name == "pdf" and shutil.which("pdftotext") is None:
        pytest.skip("needs poppler-utils")
    sums = totals(quote.content.lines)
    found = bare(texts_of(name, documents[name, lang], tmp_path)).replace(",", "")
    for value in (sums.gross, sums.net, *(one.tax for one in sums.taxes), amount(quote.content.lines[0])):
        assert f"{value:.2f}" in found or f"{value:.10g}" in found or repr(value) in found, value


def test_csv_and_json_hold_bare_numbers(documents, quote):
    rows = list(csv.reader(io.StringIO(documents["csv", "zh"].decode("utf-8-sig"))))
    lines = {row[0]: row for row in rows if row and row[0] in {line.key for line in quote.content.lines}}
    made = json.loads(documents["json", "en"])
    for line, told in zip(quote.content.lines, made["lines"], strict=True):
        assert told["amount"] == amount(line)
        assert told["count"] == line.count
        assert lines[line.key][8] == ("" if amount(line) is None else repr(amount(line)))
    assert made["totals"]["gross"] == totals(quote.content.lines).gross


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_libreoffice_recalculates_the_workbook_to_the_same(documents, quote, tmp_path):
    data = documents["xlsx", "en"]
    again = recalculated(data, tmp_path)
    for sheet in range(1, len(sheet_names(data)) + 1):
        ours, theirs = cells(data, sheet), cells(again, sheet)
        for place, value in ours.items():
            try:
                assert float(theirs.get(place, "nan")) == pytest.approx(float(value), abs=0.005), (sheet, place)
            except ValueError:
                assert theirs.get(place, "") == value, (sheet, place)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_totals_follow_a_changed_number_price_discount_and_tax(documents, quote, tmp_path):
    again = recalculated(documents["xlsx", "en"], tmp_path, {2: {"D5": 7, "E5": 1000.05, "F6": 0.2, "G6": 0.06, "H9": 1}})
    lines = list(quote.content.lines)
    lines[0] = replace(lines[0], count=7, unit_price=1000.05)
    lines[1] = replace(lines[1], discount=0.2, tax=0.06)
    lines[4] = replace(lines[4], optional=False)
    sums, found = totals(lines), cells(again, 2)
    first = 5 + len(lines) + 1
    told = [float(found[f"J{first + row}"]) for row in range(5)]
    assert told == pytest.approx([sums.listed, -sums.discount, sums.net, sum(one.tax for one in sums.taxes), sums.gross])
    assert str(sums.gross) in cells(again, 1).values() or pytest.approx(sums.gross) in [
        float(value) for value in cells(again, 1).values() if re.fullmatch(r"-?\d+(\.\d+)?", value)
    ]


@pytest.fixture(scope="module")
def hostile(catalog):
    scenario = SCENARIO.model_copy(update={"name": HOSTILE, "customer": HOSTILE})
    made = offered(catalog, scenario, replace(META, number=HOSTILE, contact=HOSTILE, project=HOSTILE, prepared_by=HOSTILE))
    lines = tuple(replace(line, name=Code("report.word", {"word": HOSTILE})) for line in made.content.lines)
    terms = {lang: (HOSTILE,) for lang in ("en", "zh")}
    return replace(made.content, lines=lines, metadata=replace(made.metadata, terms=terms))


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_names_are_shown_not_run(hostile, name, tmp_path):
    data = FORMATS[name](hostile, words(hostile, "en"), Paper.A4)
    if name == "csv":
        for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))):
            for cell in row:
                assert not cell.startswith(("=", "@", "+", "\t")), cell
                assert not cell.startswith("-") or re.fullmatch(r"-[\d.e+-]+", cell), cell
    elif name == "xlsx":
        archive = zipfile.ZipFile(io.BytesIO(data))
        formulas = "".join(
            re.findall(r"<f>(.*?)</f>", "".join(archive.read(n).decode() for n in archive.namelist() if "sheet" in n))
        )
        assert "cmd" not in formulas
        assert "hyperlink" not in "".join(archive.namelist())
        assert any("cmd|" in value for value in cells(data, 1).values())
    elif name == "docx":
        archive = zipfile.ZipFile(io.BytesIO(data))
        for part in archive.namelist():
            if part.endswith((".xml", ".rels")):
                ElementTree.fromstring(archive.read(part))  # well-formed
        assert "<script>alert(1)</script>" in texts_of("docx", data, tmp_path)  # as text
    elif name == "md":
        assert "<script" not in data.decode()
        assert "49" not in data.decode().split("\n")[0]
    elif name == "json":
        json.loads(data)
    else:
        assert data.startswith(b"%PDF")
        assert b"/JavaScript" not in data
        assert b"/URI" not in data


@pytest.mark.parametrize(("text", "shown"), [("=1", "'=1"), (" +1", "' +1"), ("-5 %", "'-5 %"), ("@x", "'@x"), ("a=1", "a=1")])
def test_cells_of_a_csv(text, shown):
    assert safe(text) == shown


def test_files_are_written_together_or_not_at_all(quote, tmp_path):
    written = write_documents(quote.content, tmp_path / "out", tuple(FORMATS), ("zh", "en"), "Q", Paper.LETTER)
    assert len(written) == 12
    assert sorted(written) == sorted((tmp_path / "out").iterdir())
    pdf = next(path for path in written if path.name == "Q_en.pdf")
    if shutil.which("pdfinfo"):
        told = subprocess.run(["pdfinfo", str(pdf)], capture_output=True, check=True).stdout.decode()
        assert re.search(r"Page size:\s+61[12](\.\d+)? x 792", told), told


def test_the_same_quote_gives_the_same_bytes(quote):
    for name in ("xlsx", "docx", "md", "csv", "json"):
        made = [FORMATS[name](quote.content, words(quote.content, "zh"), Paper.A4) for _ in range(2)]
        assert made[0] == made[1], name


def test_formulas_come_to_the_figures_beside_them(catalog):
    from gpuplanner.engine.estimate import estimate
    from gpuplanner.report.compose import compose

    for kind, load in (("per_day", 50_000), ("per_second", 4), ("concurrency", 60)):
        scenario = SCENARIO.model_copy(update={"workload": Workload(load_kind=kind, load=load)})
        content = compose(scenario, estimate(scenario, catalog), catalog, META)
        shown = {figure.key: figure.quantity.value for figure in content.performance}
        for formula in content.formulas:
            assert formula.result.value == pytest.approx(shown.get(formula.key, formula.result.value), rel=0.002), (
                kind,
                formula.key,
            )


def test_the_cost_over_the_life_is_of_what_is_paid(quote):
    paid = {figure.key: figure.value for figure in quote.content.life.figures}
    assert paid["purchase_total"] == pytest.approx(totals(quote.content.lines).gross, abs=0.05)
    yearly = sum(cost.amount.value for cost in quote.content.life.costs if cost.yearly)
    assert paid["tco"] == pytest.approx(paid["purchase_total"] + 3 * yearly)


def test_servers_of_the_conclusion_are_those_that_are_listed(quote):
    content = quote.content
    servers = sum(line.count for line in content.lines if line.key.startswith("gpu_server"))
    assert f"{servers} servers" in words(content, "en").conclusion
    assert content.checks[0].limit == 8 * servers
