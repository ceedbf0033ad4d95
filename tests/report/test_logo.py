"""Logos: small PNG and JPEG pictures, everything else is a sentence."""

from __future__ import annotations

import struct
import zlib

import pytest

from gpuplanner.errors import InputError
from gpuplanner.report.content import Metadata, Seller
from gpuplanner.report.docx.document import quote_docx
from gpuplanner.report.logo import ending, read_logo, size
from gpuplanner.report.pdf.quote import quote_pdf
from gpuplanner.report.wording import words
from tests.report.sample import content


def png(width: int, height: int, rows: bytes | None = None) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = (b"\0" + b"\x25\x63\xeb" * width) * height if rows is None else rows
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xc0\x00\x11\x08\x00\x20\x00\x40\x03" + b"\0" * 9


def test_sizes_are_read_from_the_head():
    assert (ending(png(40, 20)), size(png(40, 20))) == ("png", (40, 20))
    assert (ending(JPEG), size(JPEG)) == ("jpeg", (64, 32))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "no_picture"),
        (b"<svg/>", "no_picture"),
        (b"GIF89a", "no_picture"),
        (b"\x89PNG\r\n\x1a\n", "no_picture"),
        (b"\xff\xd8\xff\xe0\x00\x02", "no_picture"),
        (png(0, 5, b""), "no_picture"),
        (png(31_623, 31_623, b""), "large"),
        (png(5000, 1, b""), "large"),
    ],
)
def test_what_is_no_logo(tmp_path, data, code):
    path = tmp_path / "logo.png"
    path.write_bytes(data)
    with pytest.raises(InputError, match=rf"report\.logo\.{code}") as told:
        read_logo(path)
    for lang in ("en", "zh"):
        assert "logo.png" in told.value.sentence(lang)


def test_a_huge_or_missing_file(tmp_path):
    path = tmp_path / "logo.png"
    with pytest.raises(InputError, match=r"error\.disk\.read\.missing"):
        read_logo(path)
    path.write_bytes(b"\x89PNG" + b"\0" * 3 * 2**20)
    with pytest.raises(InputError, match=r"error\.disk\.read\.huge"):
        read_logo(path)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("data", [png(40, 20), png(40, 20, b"torn")])
def test_documents_with_a_logo(data):
    meta = Metadata("Q-1", content().metadata.day, "1.0", seller=Seller("Yunheng", logo=data, colour="#2563eb"))
    said = words(content(metadata=meta), "en")
    assert quote_pdf(said).startswith(b"%PDF")
    assert data in quote_docx(content(metadata=meta), said) or b"logo.png" in quote_docx(content(metadata=meta), said)
