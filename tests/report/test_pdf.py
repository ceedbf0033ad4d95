"""The quote as PDF: everything on them can be found and copied."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest

from gpuplanner.engine.result import Code
from gpuplanner.report.pdf.quote import quote_pdf
from gpuplanner.report.wording import words
from gpuplanner.report.words import Table, Words
from tests.report.sample import content

pytestmark = [
    pytest.mark.gui,
    pytest.mark.usefixtures("qapp"),
    pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils"),
]


def tool(name: str, pdf: bytes, tmp_path, *options: str) -> str:
    path = tmp_path / "quote.pdf"
    path.write_bytes(pdf)
    last = [] if name in ("pdfinfo", "pdffonts") else ["-"]
    return subprocess.run([name, *options, str(path), *last], capture_output=True, check=True).stdout.decode()


def bare(text: str) -> str:
    """Without blanks: lines may break anywhere, and fonts differ in their spaces."""
    return re.sub(r"\s+", "", text)


def table_texts(table: Table) -> Iterator[str]:
    yield from (table.heading, table.aside)
    yield from (column.title for column in table.columns)
    yield from (text for row in table.rows for cell in row for text in (cell.text, cell.below))


def texts_of(said: Words) -> Iterator[str]:
    yield from (said.kind, said.title, said.subtitle, *said.seller, said.conclusion, said.conclusion_rest, said.state)
    yield from (part for pair in (*said.parties[0], *said.parties[1], *said.deployment) for part in pair)
    yield from (part for tile in said.tiles for part in (tile.label, tile.value, tile.below))
    yield from (part for bar in said.latency for part in (bar.label, bar.value_text, bar.range_text, bar.target_text))
    listed = [part for section in said.sections for part in section.parts]
    yield from (section.title for section in said.sections)
    yield from (part for part in listed if isinstance(part, str))
    tables = [part for part in listed if isinstance(part, Table)]
    for table in (said.options, said.configuration, said.performance, said.formulas, *tables):
        if table is not None:
            yield from table_texts(table)
    if said.memory is not None:
        yield from (said.memory.heading, said.memory.aside, said.memory.limit_text)
        yield from (f"{segment.label}{segment.text}" for segment in said.memory.segments)
    yield from (*said.assumptions, *said.footnotes, *said.foot)
    yield from (part for row in said.sums for part in (row.label, row.aside, row.value))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_number_can_be_copied(lang, tmp_path):
    said = words(content(), lang)
    found = set(re.findall(r"\d[\d.,]*", bare(tool("pdftotext", quote_pdf(said), tmp_path, "-layout"))))
    runs = "\n".join(sorted(found))
    for text in texts_of(said):
        for number in re.findall(r"\d[\d.,\u2009]*", text):
            assert bare(number).rstrip(".,") in runs, (number, text)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_text_is_on_the_pages(lang, tmp_path):
    said = words(content(), lang)
    printed = tool("pdftotext", quote_pdf(said), tmp_path)
    flat = bare(printed)
    # footnote numbers stand in between, and a table's columns are read one after the other
    missing = [text for text in texts_of(said) if text and not all(bare(word) in flat for word in re.split(r"\s", text))]
    assert missing == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_two_pages_of_a4_with_bundled_fonts_only(lang, tmp_path):
    pdf = quote_pdf(words(content(), lang))
    told = tool("pdfinfo", pdf, tmp_path)
    assert re.search(r"Pages:\s+2\b", told)
    assert "A4" in told
    assert "Document Q&A" in told
    rows = tool("pdffonts", pdf, tmp_path).splitlines()[2:]
    assert rows
    for row in rows:
        assert re.match(r"(\w{6}\+)?GPUPlannerSans", row), row
        assert " yes " in row  # embedded


def test_each_page_says_which_it_is(tmp_path):
    pdf = quote_pdf(words(content(), "en"))
    for page in (1, 2):
        text = tool("pdftotext", pdf, tmp_path, "-f", str(page), "-l", str(page))
        assert f"Page {page} of 2" in text
        assert "Q-2026-1147" in text
        assert "7f3a91c2aa00" in text
        assert "Yunheng Compute" in text


def test_more_than_fits_goes_on_another_page(tmp_path):
    many = tuple(Code("report.assume.prefix", {"cached_share": share / 100}) for share in range(1, 200))
    text = tool("pdftotext", quote_pdf(words(content(assumptions=many), "en")), tmp_path)
    assert "Page 3 of" in text
    assert all(f"{share} % of the input tokens" in re.sub(r"\s", " ", text) for share in range(1, 200))


def test_long_and_foreign_names_stay_on_the_page(tmp_path):
    name = "W" * 200
    said = words(content(title=name, customer="客户" * 100, gpu="<b>x</b>"), "zh")
    boxes = tool("pdftotext", quote_pdf(said), tmp_path, "-bbox")
    width = float(re.search(r'page width="([\d.]+)"', boxes)[1])
    edges = [float(edge) for edge in re.findall(r'xMax="([\d.]+)"', boxes)]
    assert max(edges) < width
    assert "&lt;b&gt;x&lt;/b&gt;" in boxes
    assert sum(len(word) for word in re.findall(">(WW+)<", boxes.partition("<body>")[2])) == 200


def test_without_prices_targets_and_memory(tmp_path):
    unpriced = tuple(replace(line, unit_price=None, footnote=None) for line in content().lines)
    said = words(
        content(
            lines=unpriced,
            latencies=(),
            memory=None,
            options=(),
            formulas=(),
            footnotes=(),
        ),
        "en",
    )
    text = tool("pdftotext", quote_pdf(said), tmp_path)
    assert text.count("on request") >= 5
    assert "no published price" in text
    assert "Alternatives" not in text
