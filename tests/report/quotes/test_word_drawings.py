"""Drawings in Word: metafiles that hold together, hold every word, and are reached from the text."""

from __future__ import annotations

import io
import re
import shutil
import struct
import subprocess
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from gpuplanner.report.docx.emf import emf
from gpuplanner.report.drawing.memory import memory_drawing
from gpuplanner.report.drawing.shapes import Board, Drawing, elided, width_of
from gpuplanner.report.drawing.shapes import Words as Said
from gpuplanner.report.quote import FORMATS
from gpuplanner.report.wording import words
from gpuplanner.report.words import Paper, Picture

_HEADER, _END, _TEXT, _SELECT, _POLYLINE, _RECTANGLE = 1, 14, 84, 37, 4, 43


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each record of a metafile: its kind and what follows the length."""
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        assert size >= 8
        assert size % 4 == 0
        yield kind, data[at + 8 : at + size]
        at += size
    assert at == len(data)


def texts(data: bytes) -> list[str]:
    found = []
    for kind, body in records(data):
        if kind == _TEXT:
            chars, at = struct.unpack_from("<II", body, 36)
            found.append(body[at - 8 : at - 8 + 2 * chars].decode("utf-16-le"))
    return found


def sample() -> Drawing:
    board = Board()
    board.box(10, 20, 100, 30, "weights", "line", radius=4, said="权重")
    board.box(120, 20, 40, 30, "kv_cache")
    board.line((0, 60), (100, 60), (100, 80), colour="text", dashed=True)
    board.words(50, 35, "权重 18.8 GB <&>", 11, "on_weights", bold=True, anchor="middle")
    board.words(0, 90, "a long name of a server that has no room", 11, room=80)
    return board.drawing(200, 100, "weights and KV cache")


def test_the_header_tells_what_follows() -> None:
    data = emf(sample())
    kinds = [kind for kind, _ in records(data)]
    assert (kinds[0], kinds[-1]) == (_HEADER, _END)
    signature, _, size, count, handles = struct.unpack_from("<IIIIH", data, 40)
    assert signature == 0x464D4520
    assert (size, count) == (len(data), len(kinds))
    made = {struct.unpack_from("<I", body)[0] for kind, body in records(data) if kind in (38, 39, 82)}
    assert made == set(range(1, handles))
    left, top, right, bottom = struct.unpack_from("<4i", data, 24)  # hundredths of a millimetre, at 96 dots an inch
    assert (left, top) == (0, 0)
    assert right / bottom == pytest.approx(2.0, rel=0.001)
    assert right == pytest.approx(200 / 96 * 2540, abs=1)


def test_only_objects_that_were_made_are_selected() -> None:
    made: set[int] = set()
    for kind, body in records(emf(sample())):
        if kind in (38, 39, 82):
            made.add(struct.unpack_from("<I", body)[0])
        if kind == _SELECT:
            (handle,) = struct.unpack("<I", body)
            assert handle in made or handle & 0x80000000


def test_every_word_is_text() -> None:
    found = texts(emf(sample()))
    assert found[0] == "权重 18.8 GB <&>"
    assert found[1].endswith("…")
    assert width_of(found[1], 11) <= 80


def test_a_text_that_fits_stays_whole() -> None:
    assert elided("GPU 0", 10, 0) == "GPU 0"
    assert elided("GPU 0", 10, 500) == "GPU 0"
    assert elided("部署位置说明", 10, 35) == "部署…"


def test_the_same_drawing_gives_the_same_bytes() -> None:
    assert emf(sample()) == emf(sample())


def test_parts_of_the_memory_are_as_wide_as_they_are_large(quote) -> None:
    bar = words(quote.content, "en").memory
    drawing = memory_drawing(bar, 760)
    boxes = [box for box in drawing.shapes if getattr(box, "said", "")]
    assert [box.said for box in boxes] == [f"{part.label} {part.text}" for part in bar.segments]
    for box, part in zip(boxes, bar.segments, strict=True):
        assert box.width == pytest.approx(max(0.5, 760 * part.size / bar.total - 1))
    for shape in drawing.shapes:
        if isinstance(shape, Said):
            assert shape.x <= 760


@pytest.fixture(scope="module")
def document(quote) -> bytes:
    return FORMATS["docx"](quote.content, words(quote.content, "zh"), Paper.A4)


def test_each_drawing_of_the_quote_is_in_the_document(quote, document) -> None:
    said = words(quote.content, "zh")
    wanted = [part.drawing for section in said.sections for part in section.parts if isinstance(part, Picture)]
    archive = zipfile.ZipFile(io.BytesIO(document))
    body = archive.read("word/document.xml").decode()
    relations = ElementTree.fromstring(archive.read("word/_rels/document.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target") for relation in relations}
    shown = [archive.read(f"word/{targets[relation]}") for relation in re.findall(r'r:embed="(rId\d+)"', body)]
    assert len(shown) == 1 + len(wanted)  # the memory of a GPU, racks and network
    for drawing, data in zip(wanted, shown[1:], strict=True):
        assert len(texts(data)) == sum(isinstance(shape, Said) for shape in drawing.shapes)
    numbers = re.findall(r'<wp:docPr id="(\d+)"', body)
    assert len(set(numbers)) == len(numbers)
    assert "emf" in archive.read("[Content_Types].xml").decode()


def test_what_is_drawn_is_said_to_those_who_do_not_see_it(quote, document) -> None:
    root = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(document)).read("word/document.xml"))
    said = [node.get("descr") for node in root.iter() if node.tag.endswith("}docPr")]
    assert all(said)
    assert any("GB" in text for text in said)


def test_no_drawing_is_wider_or_higher_than_a_page(document) -> None:
    body = zipfile.ZipFile(io.BytesIO(document)).read("word/document.xml").decode()
    for across, down in re.findall(r'<wp:extent cx="(\d+)" cy="(\d+)"', body):
        assert int(across) <= 170.1 * 36_000
        assert int(down) <= 225.1 * 36_000


@pytest.mark.skipif(shutil.which("soffice") is None or shutil.which("pdftotext") is None, reason="needs LibreOffice")
def test_libreoffice_draws_them(document, tmp_path) -> None:
    (tmp_path / "q.docx").write_bytes(document)
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path / 'profile'}", "--headless", "--convert-to", "pdf", "--outdir"]
    subprocess.run([*command, str(tmp_path), str(tmp_path / "q.docx")], capture_output=True, check=True, timeout=120)
    shown = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "q.pdf"), "-"], capture_output=True, check=True
    ).stdout.decode()
    assert "机柜 1" in shown  # stands in the drawing alone
