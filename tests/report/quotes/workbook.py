"""Reads the cells of a workbook, and has LibreOffice work it out anew from its inputs."""

from __future__ import annotations

import html
import io
import re
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

_CELL = re.compile(r'<c r="([A-Z]+\d+)"([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)


def sheet_names(data: bytes) -> list[str]:
    """The sheets in order."""
    book = zipfile.ZipFile(io.BytesIO(data)).read("xl/workbook.xml").decode()
    return [html.unescape(name) for name in re.findall(r'<sheet name="([^"]*)"', book)]


def cells(data: bytes, sheet: int) -> dict[str, str]:
    """The values of a sheet, formulas by what they came to; empty ones are left out."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    shared = re.findall(r"<si>(.*?)</si>", archive.read("xl/sharedStrings.xml").decode(), re.DOTALL)
    strings = [html.unescape("".join(re.findall(r"<t[^>]*>([^<]*)</t>", entry))) for entry in shared]
    found = {}
    for place, about, inside in _CELL.findall(archive.read(f"xl/worksheets/sheet{sheet}.xml").decode()):
        value = re.search(r"<v>([^<]*)</v>", inside)
        if value and value[1]:
            found[place] = strings[int(value[1])] if 't="s"' in about else html.unescape(value[1])
    return found


def recalculated(data: bytes, folder: Path, inputs: Mapping[int, Mapping[str, float]] | None = None) -> bytes:
    """The workbook without what we worked out, with other inputs, worked out by LibreOffice."""
    source, out = folder / "in.xlsx", folder / "out"
    source.write_bytes(_bared(data, inputs or {}))
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out), str(source)]
    subprocess.run(command, capture_output=True, check=True, timeout=120)
    return (out / "in.xlsx").read_bytes()


def _bared(data: bytes, inputs: Mapping[int, Mapping[str, float]]) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(data))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if number := re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", name):
                text = re.sub(r"(</f>)<v>[^<]*</v>", r"\1", content.decode())
                text = re.sub(r'(<c r="[A-Z]+\d+"[^>]*?) t="str"(>(?=<f>))', r"\1\2", text)
                for place, value in inputs.get(int(number[1]), {}).items():
                    pattern = rf'(<c r="{place}"[^>]*?)(?:/>|><v>[^<]*</v></c>)'
                    text, changed = re.subn(pattern, rf"\1><v>{value}</v></c>", text)
                    assert changed == 1, place
                content = text.encode()
            target.writestr(name, content)
    return stream.getvalue()
